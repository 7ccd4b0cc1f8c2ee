// An open conversation and the list beside it. The server draws the first page; new messages are cloned from the
// same template. Whatever is lost on the way, `?after=<last seq>` brings it: messages are placed by number, once.

import { api, person } from "app/api";
import { confirmDialog, element, openDialog } from "app/dialog";
import { openReport } from "app/report";
import { socket } from "app/socket";
import { complain, toast } from "app/toast";
import { ConversationList } from "app/conversations";
import { drawMessage, groupInRuns, newId, showReactions, textOf } from "app/messages";

const TYPING_EVERY_MS = 3000;
const TYPING_SHOWN_MS = 5000;
const NEAR_END_PX = 120;

class Chat {
  constructor(root) {
    this.root = root;
    this.id = root.dataset.chat;
    this.other = root.dataset.other;
    this.state = root.dataset.state;
    this.scroll = root.querySelector("[data-scroll]");
    this.list = root.querySelector("[data-list]");
    this.form = root.querySelector("[data-composer]");
    this.field = this.form?.elements.text;
    this.seen = Number(root.dataset.seen) || 0;
    this.readSent = Number(root.dataset.read) || 0;
    this.older = Boolean(root.dataset.older);
    this.pending = new Map(); // client_id → {item, body}
    this.replyTo = null;
    this.catching = null;
    groupInRuns(this.list);
    this.#markSeen();
    this.#startAtTheRightPlace();
    root.addEventListener("click", (event) => this.#click(event));
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#read());
    addEventListener("focus", () => this.#read());
    if (this.form) this.#compose();
    this.#listen();
    this.#read();
  }

  // --- Arriving -----------------------------------------------------------------------------------------------

  #listen() {
    const mine = (handler) => (data) => data?.conversation === this.id && handler(data);
    socket.on("message.new", mine((message) => this.#arrive(message)));
    socket.on("message.updated", mine((message) => this.#update(message)));
    socket.on("message.removed", mine(({ id }) => this.#remove(id)));
    socket.on("conversation.read", mine(({ username, seq }) => {
      if (username === person.username) return;
      this.seen = Math.max(this.seen, seq);
      this.#markSeen();
    }));
    socket.on("typing", mine(({ username }) => this.#showTyping(username)));
    socket.on("open", ({ again }) => {
      if (again) this.catchUp().then(() => this.#scrolled()); // older ones that could not be fetched, too
      for (const { item, body } of this.pending.values()) if (item.dataset.failed) this.#deliver(item, body);
    });
    socket.on("reset", () => this.catchUp());
    addEventListener("pageshow", (event) => event.persisted && this.catchUp());
    // The page was drawn before the socket was open: what came in between is fetched once.
    this.catchUp(false);
  }

  get lastSeq() {
    return Math.max(0, ...[...this.list.querySelectorAll(".message[data-seq]")].slice(-3).map((item) => Number(item.dataset.seq) || 0));
  }

  /** Everything after what is here, page by page. Calls that overlap share one run, and run once more after it. */
  catchUp(receipts = true) {
    if (this.catching) {
      this.again = true;
      return this.catching;
    }
    this.catching = (async () => {
      try {
        do {
          this.again = false;
          let page;
          do {
            page = await api.get(`conversations/${this.id}/messages/?after=${this.lastSeq}&limit=100`, { quiet: true });
            for (const message of page.results) this.#arrive(message, true);
          } while (page.next && page.results.length);
        } while (this.again);
        if (!receipts) return;
        const detail = await api.get(`conversations/${this.id}/`, { quiet: true });
        this.seen = Math.max(this.seen, ...detail.read_by.map((one) => one.seq));
        this.#markSeen();
      } catch (error) {
        if (error.status === 404) this.#closed();
      } finally {
        this.catching = null;
      }
    })();
    return this.catching;
  }

  #arrive(message, inOrder = false) {
    const known = this.list.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
    if (known) return;
    // A number was skipped: the socket was faster than something before it. Fetch in order instead.
    if (!inOrder && this.lastSeq && message.seq > this.lastSeq + 1) {
      this.catchUp();
      return;
    }
    const atEnd = this.#nearEnd();
    const sent = message.sender === person.username ? this.pending.get(message.client_id) : null;
    const item = drawMessage(message, sent?.item);
    if (sent) this.pending.delete(message.client_id);
    this.#place(item);
    if (message.sender !== person.username) {
      this.#hideTyping();
      this.#latest(!atEnd);
    }
    if (atEnd || sent) this.#toEnd();
    this.#markSeen();
    this.#read();
  }

  /** Puts an item where its number says; unsent ones stay last. */
  #place(item) {
    const seq = Number(item.dataset.seq) || Infinity;
    const rest = [...this.list.querySelectorAll(".message")].filter((one) => one !== item);
    const after = rest.reverse().find((one) => (Number(one.dataset.seq) || Infinity) < seq);
    if (after) after.after(item);
    else this.list.prepend(item);
    if (seq === Infinity) this.list.append(item);
    groupInRuns(this.list);
  }

  #update(message) {
    const item = this.list.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
    if (item) showReactions(item, message.reactions);
  }

  #remove(id) {
    const item = this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (!item) return;
    item.querySelector('[data-part="clip"]')?.remove();
    drawMessage({ ...this.#known(item), removed: true, text: "", reactions: [], video: null, quoted: null }, item);
    groupInRuns(this.list);
  }

  #known(item) {
    return { id: item.dataset.id, seq: Number(item.dataset.seq), sender: item.dataset.sender, created_at: item.dataset.at };
  }

  #closed() {
    this.form?.remove();
    const note = element("p", { class: "chat__closed note", textContent: gettext("This conversation is no longer open to you.") });
    this.root.append(note);
  }

  // --- Reading ------------------------------------------------------------------------------------------------

  #read() {
    if (this.state !== "active" || document.visibilityState !== "visible") return;
    const seq = this.lastSeq;
    if (seq <= this.readSent) return;
    this.readSent = seq;
    clearTimeout(this.readTimer);
    this.readTimer = setTimeout(() => {
      api.post(`conversations/${this.id}/read/`, { seq }).catch(() => (this.readSent = 0));
    }, 150);
  }

  #markSeen() {
    const mark = this.root.querySelector("[data-seen-mark]");
    const last = [...this.list.querySelectorAll(".message")].filter((item) => item.dataset.seq).at(-1);
    mark.hidden = !(last?.dataset.sender === person.username && Number(last.dataset.seq) <= this.seen);
  }

  #showTyping(username) {
    const line = this.root.querySelector("[data-typing]");
    const atEnd = this.#nearEnd();
    line.querySelector('[data-part="who"]').textContent = interpolate(gettext("%(name)s is writing"), { name: username }, true);
    line.hidden = false;
    if (atEnd) this.#toEnd();
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.#hideTyping(), TYPING_SHOWN_MS);
  }

  #hideTyping() {
    this.root.querySelector("[data-typing]").hidden = true;
  }

  // --- Scrolling ----------------------------------------------------------------------------------------------

  #nearEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.#latest(false);
  }

  #latest(shown) {
    this.root.querySelector('[data-act="latest"]').hidden = !shown;
  }

  #startAtTheRightPlace() {
    const unread = this.list.querySelector("[data-unread]");
    if (unread) unread.scrollIntoView({ block: "center" });
    else this.#toEnd();
  }

  #scrolled() {
    if (this.#nearEnd()) this.#latest(false);
    if (this.scroll.scrollTop < 300) this.#loadOlder();
  }

  async #loadOlder() {
    const first = this.list.querySelector(".message[data-seq]");
    if (!this.older || this.loading || !first) return;
    this.loading = true;
    try {
      const page = await api.get(`conversations/${this.id}/messages/?before=${first.dataset.seq}&limit=40`);
      const height = this.scroll.scrollHeight;
      const top = this.scroll.scrollTop;
      this.list.prepend(...page.results.map((message) => drawMessage(message)));
      groupInRuns(this.list);
      this.scroll.scrollTop = top + this.scroll.scrollHeight - height; // what was read stays where it was
      this.older = Boolean(page.next);
      this.root.querySelector("[data-start]").hidden = this.older;
    } catch (error) {
      complain(error);
    } finally {
      this.loading = false;
    }
  }

  // --- Writing ------------------------------------------------------------------------------------------------

  #compose() {
    const fit = () => {
      this.field.style.height = "auto";
      this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
      this.form.querySelector(".composer__send").disabled = !this.field.value.trim();
    };
    this.field.addEventListener("input", () => {
      fit();
      if (this.field.value && !(Date.now() - this.typedAt < TYPING_EVERY_MS)) {
        this.typedAt = Date.now();
        socket.send({ type: "typing", conversation: this.id });
      }
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
      if (event.key === "Escape" && this.replyTo) this.#quote(null);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      if (!text) return;
      this.field.value = "";
      this.typedAt = 0;
      fit();
      this.send(text);
      this.field.focus();
    });
    fit();
  }

  /** Shown at once, sent with an id of its own: sending it again can never make it two. */
  send(text) {
    const client = newId();
    const body = { client_id: client, text };
    const quoted = this.replyTo;
    if (quoted) body.reply_to = quoted.id;
    const item = drawMessage({
      id: "", seq: "", client_id: client, sender: person.username, text, reactions: [], removed: false,
      quoted: quoted && { sender: quoted.sender, text: quoted.text }, created_at: new Date().toISOString(),
    });
    this.pending.set(client, { item, body });
    this.#quote(null);
    this.#place(item);
    this.#toEnd();
    return this.#deliver(item, body);
  }

  async #deliver(item, body) {
    delete item.dataset.failed;
    item.dataset.client = body.client_id;
    this.#say(item, gettext("Sending"), false);
    try {
      const message = await api.post(`conversations/${this.id}/messages/`, body);
      this.state = this.state === "request" ? "active" : this.state;
      this.#say(item, "", false);
      if (item.dataset.id) return;
      this.pending.set(body.client_id, { item, body });
      this.#arrive(message);
      conversations?.touch(message);
    } catch (error) {
      if (!this.pending.has(body.client_id)) return; // it arrived by the socket meanwhile
      item.dataset.failed = "1";
      this.#say(item, error.status ? error.message : gettext("Not sent. No connection."), true);
    }
  }

  #say(item, text, failed) {
    item.classList.toggle("message--failed", failed);
    item.querySelector('[data-part="state"]').textContent = text;
    item.querySelector('[data-act="retry"]').hidden = !failed;
  }

  #quote(item) {
    this.replyTo = item && { id: item.dataset.id, sender: item.dataset.sender, text: textOf(item).slice(0, 140) };
    const box = this.form?.querySelector("[data-quote]");
    if (!box) return;
    box.hidden = !item;
    box.querySelector('[data-part="text"]').textContent = this.replyTo ? `${this.replyTo.sender}: ${this.replyTo.text}` : "";
    if (item) this.field.focus();
  }

  // --- Clicks -------------------------------------------------------------------------------------------------

  #click(event) {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const item = button.closest(".message");
    const acts = {
      latest: () => this.#toEnd(),
      unquote: () => this.#quote(null),
      menu: () => this.#conversationMenu(),
      "message-menu": () => this.#messageMenu(item),
      play: () => this.#play(button),
      retry: () => {
        const waiting = this.pending.get(item.dataset.client);
        if (waiting) this.#deliver(item, waiting.body);
      },
      accept: () => this.#accept(),
      delete: () => this.#leave(),
      block: () => this.#block(),
    };
    acts[button.dataset.act]?.();
  }

  #play(button) {
    const { src } = button.dataset;
    if (!src) return;
    const video = element("video", { class: "shared__video", src, controls: true, loop: true, playsInline: true, poster: button.querySelector("img").src });
    button.replaceWith(video);
    video.focus();
    video.play().catch(() => {});
  }

  #messageMenu(item) {
    const { id, sender } = item.dataset;
    if (!id) return;
    const act = (label, run, danger = false) =>
      element("button", { type: "button", class: danger ? "button button--danger" : "button", textContent: label, onclick: () => { box.close(); run(); } });
    const own = [...item.querySelectorAll('[data-part="reactions"] span')].find((one) => one.title === person.username)?.textContent;
    const faces = this.root.dataset.emoji.split(" ").map((emoji) =>
      element("button", {
        type: "button", class: "emoji", textContent: emoji, "aria-label": interpolate(gettext("React with %(emoji)s"), { emoji }, true),
        "aria-pressed": String(emoji === own), onclick: () => { box.close(); this.#react(item, emoji === own ? null : emoji); },
      }));
    const choices = [];
    if (this.form) choices.push(act(gettext("Reply"), () => this.#quote(item)));
    if (textOf(item)) choices.push(act(gettext("Copy text"), () => navigator.clipboard?.writeText(textOf(item)).then(() => toast(gettext("Copied.")))));
    if (sender === person.username) choices.push(act(gettext("Take back for everyone"), () => this.#unsend(item), true));
    else choices.push(act(gettext("Report"), () => openReport({ type: "message", id }), true));
    const box = openDialog(gettext("Message"), [element("div", { class: "faces" }, ...faces), element("div", { class: "menu" }, ...choices)], { sheet: true });
  }

  async #react(item, emoji) {
    try {
      const path = `messages/${item.dataset.id}/reaction/`;
      if (emoji) showReactions(item, (await api.put(path, { emoji })).reactions);
      else await api.delete(path);
    } catch (error) {
      complain(error);
    }
  }

  async #unsend(item) {
    try {
      await api.delete(`messages/${item.dataset.id}/`);
      this.#remove(item.dataset.id);
    } catch (error) {
      complain(error);
    }
  }

  #conversationMenu() {
    const muted = Boolean(this.root.dataset.muted);
    const act = (label, run, danger = false) =>
      element("button", { type: "button", class: danger ? "button button--danger" : "button", textContent: label, onclick: () => { box.close(); run(); } });
    const choices = [act(muted ? gettext("Unmute") : gettext("Mute"), () => this.#mute(!muted)), act(gettext("Delete for me"), () => this.#leave(), true)];
    if (this.other) choices.push(act(gettext("Block"), () => this.#block(), true));
    const box = openDialog(gettext("Conversation"), element("div", { class: "menu" }, ...choices), { sheet: true });
  }

  async #mute(muted) {
    try {
      await api.post(`conversations/${this.id}/mute/`, { muted });
      this.root.dataset.muted = muted ? "1" : "";
      toast(muted ? gettext("Muted. No badge for this conversation.") : gettext("No longer muted."));
    } catch (error) {
      complain(error);
    }
  }

  async #leave() {
    if (!(await confirmDialog(gettext("Delete this conversation for you?"), gettext("The other person keeps what they have."), gettext("Delete")))) return;
    try {
      await api.post(`conversations/${this.id}/leave/`);
      location.assign("/messages/");
    } catch (error) {
      complain(error);
    }
  }

  async #block() {
    if (!(await confirmDialog(interpolate(gettext("Block @%(name)s?"), { name: this.other }, true), gettext("You disappear for each other everywhere. They are not told."), gettext("Block")))) return;
    try {
      await api.post(`users/${this.other}/block/`);
      location.assign("/messages/");
    } catch (error) {
      complain(error);
    }
  }

  async #accept() {
    try {
      await api.post(`conversations/${this.id}/accept/`);
      this.state = "active";
      this.root.querySelector("[data-decide]").remove();
      if (this.form) {
        this.form.hidden = false;
        this.field.focus();
      }
      this.#read();
    } catch (error) {
      complain(error);
    }
  }
}

const list = document.querySelector("[data-conversations]");
const conversations = list && new ConversationList(list);
const root = document.querySelector("[data-chat]");
if (root) new Chat(root);
