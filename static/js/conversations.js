// The list of conversations: previews, dots and order follow what arrives, in every tab. The server draws the first page;
// rows that come later are cloned from its template. What one may do with a row is chat_list/acts.js.

import { api, person } from "app/api";
import { complain } from "app/toast";
import { socket } from "app/socket";
import { tendRows } from "app/chat_list/acts";
import { tendRequests } from "app/chat_list/requests";
import { tendSearch } from "app/chat_list/search";
import { drawRow, part, previewOf, showTime, showUnread } from "app/chat_list/row";

const TYPING_SHOWN_MS = 5000;

export class ConversationList {
  constructor(list) {
    this.list = list;
    this.requests = list.hasAttribute("data-requests");
    this.archive = list.hasAttribute("data-archive");
    this.pane = list.closest("[data-list-pane]") ?? document;
    this.open = document.querySelector("[data-chat]")?.dataset.chat;
    this.template = document.getElementById("row-template");
    this.show = "";
    this.asked = new Map(); // conversation → the fetch under way
    this.typing = new Map();
    this.#listen();
    this.#filter();
    this.#older();
    this.#keys();
    setInterval(() => this.rows.forEach(showTime), 30_000);
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-group-details]");
      if (button) import("app/chat_list/details").then(({ openDetails }) => openDetails(this.open)).catch(complain);
    });
    // Imported with this file: a row that is pressed while a script is still on its way would do nothing.
    if (this.requests) tendRequests(this);
    else {
      tendRows(this);
      tendSearch(this);
    }
  }

  get rows() {
    return [...this.list.children];
  }

  row(id) {
    return this.list.querySelector(`[data-conversation="${CSS.escape(id)}"]`);
  }

  /** Whether somebody looks at this conversation right now: what arrives in it is not unread. */
  #watched(id) {
    return id === this.open && document.visibilityState === "visible";
  }

  #listen() {
    socket.on("message.new", (message) => this.touch(message));
    for (const type of ["message.updated", "message.removed"]) socket.on(type, ({ conversation }) => this.row(conversation) && this.refresh(conversation));
    socket.on("conversation.updated", ({ conversation }) => this.refresh(conversation));
    socket.on("conversation.read", ({ conversation, username, seq }) => {
      const row = username === person.username && this.row(conversation);
      if (row && !this.requests) this.#readUpTo(row, seq);
    });
    socket.on("typing", ({ conversation, username }) => this.#writes(conversation, username));
    socket.on("presence", ({ username, online }) => {
      for (const row of this.list.querySelectorAll(`[data-username="${CSS.escape(username)}"]`)) row.toggleAttribute("data-online", online);
    });
    const all = () => this.refreshAll();
    socket.on("reset", all);
    socket.on("open", ({ again }) => again && all());
    addEventListener("pageshow", (event) => event.persisted && all());
  }

  #readUpTo(row, seq) {
    if (seq >= (Number(row.dataset.last) || 0)) showUnread(row, 0);
    else this.refresh(row.dataset.conversation);
    this.sift();
  }

  /** A message came: its conversation moves to the top of its kind. What a request says stays hidden. */
  async touch(message) {
    const row = this.row(message.conversation);
    const theirs = message.sender !== person.username;
    const hidden = message.request && theirs;
    if (!row || hidden || message.hidden || this.archive) return this.refresh(message.conversation);
    if (Number(row.dataset.last) >= message.seq) return; // told before
    const running = this.asked.get(message.conversation);
    if (running) running.again = true; // its answer may be older than this message
    row.dataset.last = message.seq;
    row.dataset.at = message.created_at;
    part(row, "preview").textContent = previewOf(message, { group: "group" in row.dataset });
    this.#quiet(row);
    if (theirs && !message.event) showUnread(row, this.#watched(message.conversation) ? 0 : Number(row.dataset.unread) + 1);
    showTime(row);
    this.place(row);
  }

  #writes(id, username) {
    const row = this.row(id);
    const line = row && part(row, "typing");
    if (!line || this.requests) return;
    line.textContent = "group" in row.dataset ? interpolate(gettext("%(name)s is writing"), { name: username }, true) : gettext("is writing");
    line.hidden = false;
    clearTimeout(this.typing.get(id));
    this.typing.set(id, setTimeout(() => this.#quiet(row), TYPING_SHOWN_MS));
  }

  #quiet(row) {
    const line = part(row, "typing");
    if (line) line.hidden = true;
  }

  /** Pinned ones first, then by their newest message; focus stays where it was. */
  place(row) {
    // Pinned ones keep the order in which they were pinned.
    if ("pinned" in row.dataset && row.isConnected && (!row.previousElementSibling || "pinned" in row.previousElementSibling.dataset)) return this.sift();
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    const rank = (one) => [Number("pinned" in one.dataset), Date.parse(one.dataset.at) || 0];
    const [pinned, at] = rank(row);
    const next = this.rows.find((one) => {
      const [otherPinned, otherAt] = rank(one);
      return one !== row && (pinned > otherPinned || (pinned === otherPinned && (pinned || at >= otherAt)));
    });
    if (next !== row.nextElementSibling || !row.isConnected) this.list.insertBefore(row, next ?? null);
    focused?.focus({ preventScroll: true });
    this.sift();
  }

  get path() {
    return this.requests ? "?requests=1" : this.archive ? "?archived=1" : "";
  }

  /** The first page again, after a break: what is not in it any more goes, as far as the page reaches. */
  async refreshAll() {
    try {
      const { results, next } = await api.get(`conversations/${this.path}`, { quiet: true });
      const here = new Set(results.map((one) => one.id));
      const oldest = next && results.length ? Date.parse(results.at(-1).updated_at) : -Infinity;
      for (const row of this.rows) if (!here.has(row.dataset.conversation) && Date.parse(row.dataset.at) >= oldest) this.drop(row);
      for (const conversation of results) this.draw(conversation);
      this.list.prepend(...results.filter((one) => one.pinned).map((one) => this.row(one.id)).filter(Boolean));
    } catch {
      // The next reconnect asks again.
    }
  }

  /** One conversation again. Calls that overlap share one answer, and ask once more after it. */
  refresh(id) {
    const running = this.asked.get(id);
    if (running) return (running.again = true), running.done;
    const asked = { again: false };
    this.asked.set(id, asked);
    asked.done = (async () => {
      try {
        do {
          asked.again = false;
          this.draw(await api.get(`conversations/${id}/`, { quiet: true }));
        } while (asked.again);
      } catch (error) {
        if (error.status === 404) this.drop(this.row(id));
      } finally {
        this.asked.delete(id);
      }
    })();
    return asked.done;
  }

  draw(conversation) {
    let row = this.row(conversation.id);
    const here = this.requests ? conversation.state === "request" : conversation.state === "active" && Boolean(conversation.archived) === this.archive;
    // A request that was deleted has nothing unread; one of somebody restricted may have been read before.
    const waits = conversation.unread > 0 || (conversation.restricted && row);
    const something = conversation.state === "request" ? waits : conversation.last_message || conversation.is_group;
    if (!here || !something) return this.drop(row);
    row ??= this.template.content.firstElementChild.cloneNode(true);
    drawRow(row, conversation, { open: this.open });
    row.dataset.last = conversation.last_seq;
    this.place(row);
    this.#empty();
  }

  drop(row) {
    if (!row) return;
    row.remove();
    this.#empty();
  }

  #empty() {
    const empty = this.pane.querySelector("[data-list-empty]");
    if (empty) empty.hidden = this.list.children.length > 0;
    this.sift();
  }

  /** Which of the rows are shown: all, those with unread words, groups. */
  #filter() {
    const box = this.pane.querySelector?.("[data-list-filter]");
    if (!box) return;
    box.hidden = false;
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      this.show = button.dataset.show;
      for (const one of box.children) one.setAttribute("aria-pressed", String(one === button));
      this.sift();
    });
  }

  sift() {
    const fits = { unread: (row) => Number(row.dataset.unread) > 0, group: (row) => "group" in row.dataset }[this.show];
    for (const row of this.rows) row.hidden = Boolean(fits) && !fits(row);
    const none = this.pane.querySelector("[data-list-none]");
    const shown = this.rows.some((row) => !row.hidden);
    if (none) none.hidden = !fits || shown;
    if (fits && this.more && this.rows.filter((row) => !row.hidden).length < 8) this.#fetchOlder(); // the fitting ones may be further down
  }

  /** The next page comes while one scrolls; without scripts it is a link. */
  #older() {
    this.more = this.pane.querySelector("[data-cursor]");
    if (!this.more) return;
    const near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.#fetchOlder(), { rootMargin: "400px" });
    near.observe(this.more);
    this.more.addEventListener("click", (event) => {
      event.preventDefault();
      this.#fetchOlder();
    });
  }

  async #fetchOlder() {
    if (this.fetching || !this.more) return;
    this.fetching = true;
    try {
      const { results, next } = await api.get(`conversations/${this.path}${this.path ? "&" : "?"}cursor=${encodeURIComponent(this.more.dataset.cursor)}`, { quiet: true });
      const cursor = next && new URL(next).searchParams.get("cursor");
      if (cursor) this.more.dataset.cursor = cursor;
      else {
        this.more.remove();
        this.more = null;
      }
      for (const conversation of results) if (!this.row(conversation.id)) this.draw(conversation);
    } catch {
      // The link is still there to press.
    } finally {
      this.fetching = false;
    }
    if (this.show) this.sift();
  }

  /** ↑ ↓ walk through the list, Enter opens (it is a link), N writes to somebody. */
  #keys() {
    const links = () => this.rows.filter((row) => !row.hidden).map((row) => row.querySelector("a"));
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog:modal, :popover-open")) return;
      const search = this.pane.querySelector("[data-list-search] input");
      const writes = event.target.closest?.("input, textarea, select, [contenteditable]");
      const inList = this.list.contains(event.target) || (event.target === search && !search.value);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && (inList || event.target === document.body)) {
        const all = links();
        const at = all.indexOf(this.list.contains(event.target) ? event.target.closest("li").querySelector("a") : null);
        if (at === 0 && step < 0 && search) search.focus();
        else all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
        event.preventDefault();
      } else if (!writes && event.key.toLowerCase() === "n") this.pane.querySelector("[data-new]")?.click();
    });
  }
}
