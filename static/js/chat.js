// An open conversation. The server draws the first page; the parts are in chat/: what is shown and how it stays true
// (timeline), what is not acknowledged yet (outbox), where one writes (composer), what one can do (menus).

import { api, person } from "app/api";
import { average } from "app/blurhash";
import { element } from "app/dialog";
import { knowPeople } from "app/messages";
import { openReport } from "app/report";
import { socket } from "app/socket";
import { complain } from "app/toast";
import { ConversationList } from "app/conversations";
import { playHere } from "app/chat/clips";
import { Composer } from "app/chat/composer";
import { Presence, Receipts, Typing, watchConnection } from "app/chat/head";
import { listenForKeys, pickLastOwn } from "app/chat/keys";
import { block, leave, listenForPresses, openConversationMenu, openFaces, openMessageMenu, quoteOf, whoReacted } from "app/chat/menus";
import { enlarge, takeDrops } from "app/chat/pictures";
import { openSearch } from "app/chat/search";
import { Timeline } from "app/chat/timeline";
import { Unsent } from "app/chat/unsent";

const NEAR_END_PX = 120;
const NEAR_START_PX = 300;
const WITHOUT_SOCKET_MS = 15_000;

const given = (id) => JSON.parse(document.getElementById(id).textContent);

class Chat {
  constructor(root) {
    this.root = root;
    this.id = root.dataset.chat;
    this.other = root.dataset.other;
    this.group = Boolean(root.dataset.group);
    this.state = root.dataset.state;
    this.emoji = root.dataset.emoji.split(" ");
    this.scroll = root.querySelector("[data-scroll]");
    this.list = root.querySelector("[data-list]");
    this.readSent = Number(root.dataset.read) || 0;
    const people = given("chat-people");
    knowPeople([...people, { username: person.username, display_name: gettext("You"), avatar: null }]);
    for (const picture of this.list.querySelectorAll("[data-blurhash]")) picture.style.backgroundColor = average(picture.dataset.blurhash) ?? "";
    this.timeline = new Timeline(root, {
      own: (card) => (card.sender === person.username ? this.unsent.confirm(card.client_id) : null),
      atEnd: () => this.atEnd,
      arrived: (card, atEnd) => this.#arrived(card, atEnd),
      redrawn: (atEnd) => {
        this.receipts?.draw();
        if (atEnd) this.#toEnd();
      },
      detail: (detail) => this.#detail(detail),
      closed: () => this.#closed(),
      lost: () => {}, // the next connection asks again
    });
    this.receipts = new Receipts(root, this.timeline, given("chat-read"));
    this.presence = new Presence(root, people);
    this.typing = new Typing(root.querySelector("[data-typing]"), () => this.atEnd && this.#toEnd());
    this.unsent = new Unsent(this.id, {
      append: (item) => this.timeline.append(item),
      atEnd: () => this.atEnd,
      toEnd: () => this.#toEnd(),
      sent: (card) => this.#sent(card),
    });
    const form = root.querySelector("[data-composer]");
    if (form) this.composer = new Composer(form, this.id, { send: (entry) => this.#send(entry), up: () => pickLastOwn(this) });
    this.#startAtTheRightPlace();
    this.#listen();
    listenForKeys(this);
    listenForPresses(this, this.list);
    if (this.composer) takeDrops(root, (files) => this.composer.addPictures(files));
    this.unsent.restore();
    this.#read();
  }

  #listen() {
    const mine = (handler) => (data) => data?.conversation === this.id && handler(data);
    socket.on("message.new", mine((card) => this.timeline.receive(card)));
    socket.on("message.updated", mine((card) => this.timeline.receive(card)));
    socket.on("message.removed", mine(() => this.timeline.catchUp()));
    socket.on("conversation.updated", mine(() => this.#updated()));
    socket.on("conversation.read", mine(({ username, seq }) => this.receipts.read(username, seq)));
    socket.on("typing", mine(({ username }) => this.typing.show(username)));
    // Whatever was said before the socket listened, the first time (the page was drawn earlier) as after a break.
    const opened = () => {
      this.root.dataset.live = "1";
      this.timeline.catchUp().then(() => this.#scrolled()); // older ones that could not be fetched, too
      this.unsent.retry();
    };
    socket.on("open", opened);
    if (socket.open) opened();
    socket.on("lost", () => delete this.root.dataset.live);
    // Where no socket gets through, the conversation goes on, slower.
    setInterval(() => !socket.open && !this.over && document.visibilityState === "visible" && this.timeline.catchUp(), WITHOUT_SOCKET_MS);
    socket.on("reset", () => this.timeline.catchUp());
    addEventListener("pageshow", (event) => event.persisted && this.timeline.catchUp());
    addEventListener("online", () => this.unsent.retry());
    watchConnection(this.root.querySelector("[data-line]"));
    this.root.addEventListener("click", (event) => this.#click(event));
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#read());
    addEventListener("focus", () => this.#read());
    this.#fitWindow();
  }

  /** A phone's keyboard covers the window's lower part; the conversation takes what is left of it. */
  #fitWindow() {
    const seen = globalThis.visualViewport;
    seen?.addEventListener("resize", () => {
      if (seen.scale > 1.01) return; // zoomed in, not covered
      const { atEnd } = this;
      const covered = innerHeight - seen.height > 80;
      this.root.style.height = covered ? `${seen.height}px` : "";
      if (covered) scrollTo(0, 0);
      if (atEnd) this.#toEnd();
    });
  }

  // --- Arriving -----------------------------------------------------------------------------------------------

  #arrived(card, atEnd) {
    const mine = card.sender === person.username;
    if (!mine) this.typing.hide(card.sender);
    if (atEnd || mine) this.#toEnd();
    else if (!card.hidden) this.#latest(true, true);
    this.#read();
  }

  #detail(detail) {
    knowPeople(detail.people);
    this.presence.set(detail);
    this.receipts.set(detail.read_by);
    if (detail.writing) this.composer?.permit(detail.writing);
    const title = this.root.querySelector('[data-part="title"]');
    if (title && detail.name) title.textContent = detail.name;
    if (this.state === "request" && detail.state === "active") this.#accepted(); // in another tab
  }

  #updated() {
    clearTimeout(this.updating);
    this.updating = setTimeout(async () => {
      await this.timeline.catchUp();
      if (this.group) await this.timeline.refresh().catch(() => {}); // a block changes who reads what without a message changing
    }, 300);
  }

  #closed() {
    if (!this.root.isConnected || this.over) return;
    this.over = true;
    this.root.querySelector("[data-composer]")?.remove();
    this.composer = null;
    this.root.append(element("p", { class: "chat__closed note", textContent: gettext("This conversation is no longer open to you.") }));
  }

  // --- Reading ------------------------------------------------------------------------------------------------

  #read() {
    if (this.state !== "active" || document.visibilityState !== "visible" || !this.atEnd) return;
    const seq = this.timeline.last;
    if (seq <= this.readSent) return;
    this.readSent = seq;
    clearTimeout(this.readTimer);
    this.readTimer = setTimeout(() => api.post(`conversations/${this.id}/read/`, { seq }).catch(() => (this.readSent = 0)), 150);
  }

  get atEnd() {
    return !this.timeline?.detached && this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.#latest(false);
  }

  #latest(shown, fresh = false) {
    const button = this.root.querySelector('[data-act="latest"]');
    button.hidden = !shown;
    if (fresh || !shown) button.querySelector("span").textContent = fresh ? gettext("New messages") : gettext("Newest");
  }

  async #goToEnd() {
    if (this.timeline.detached) await this.timeline.reload().catch(complain);
    this.#toEnd();
    this.#read();
  }

  #startAtTheRightPlace() {
    const asked = this.root.dataset.at;
    const unread = this.list.querySelector("[data-unread]");
    if (asked) this.#flash(this.timeline.bySeq(asked));
    else if (unread) unread.scrollIntoView({ block: "center" });
    else this.#toEnd();
    this.#scrolled();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    const below = scrollHeight - scrollTop - clientHeight;
    if (this.atEnd) {
      this.#latest(false);
      this.#read();
    } else if (below > clientHeight || this.timeline.detached) this.#latest(true);
    if (scrollTop < NEAR_START_PX) this.timeline.loadOlder();
    if (below < NEAR_START_PX) this.timeline.loadNewer();
  }

  /** To a message that may not be on the page. */
  async jump(seq) {
    if (!this.timeline.bySeq(seq)) await this.timeline.around(seq).catch(complain);
    this.#flash(this.timeline.bySeq(seq));
    this.#scrolled();
  }

  #flash(item) {
    if (!item || item.hidden) return;
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
    item.classList.add("message--found");
    setTimeout(() => item.classList.remove("message--found"), 1600);
  }

  #quoted({ target, seq }) {
    const item = this.timeline.byId(target);
    if (item) this.#flash(item);
    else if (seq) this.jump(Number(seq));
  }

  search() {
    openSearch(this);
  }

  // --- Writing ------------------------------------------------------------------------------------------------

  async #send(entry) {
    if (this.timeline.detached) await this.timeline.reload().catch(() => {});
    this.unsent.add(entry);
  }

  /** It is in the conversation; who answers a request has accepted it. */
  #sent(card) {
    if (this.state === "request") this.#accepted();
    this.timeline.receive(card);
    conversations?.touch(card);
  }

  // --- Clicks and keys ----------------------------------------------------------------------------------------

  #click(event) {
    const button = event.target.closest("[data-act]");
    if (!button || !this.root.contains(button)) return;
    const item = button.closest(".message");
    const acts = {
      latest: () => this.#goToEnd(),
      unquote: () => this.composer.answer(null),
      menu: () => openConversationMenu(this),
      search: () => this.search(),
      "message-menu": () => openMessageMenu(this, item),
      faces: () => openFaces(this, item),
      reply: () => this.composer?.answer(quoteOf(item)),
      who: () => whoReacted(this, item),
      quoted: () => this.#quoted(button.dataset),
      picture: () => this.#picture(button),
      play: () => playHere(button),
      retry: () => this.unsent.retry(item.dataset.client),
      discard: () => this.unsent.discard(item),
      accept: () => this.#accept(),
      delete: () => leave(this),
      block: () => block(this),
      report: () => openReport({ type: "conversation", id: this.id }),
    };
    acts[button.dataset.act]?.();
  }

  /** In a request a picture is blurred until it is asked for. */
  #picture(button) {
    const veiled = this.state === "request" && !button.classList.contains("picture--shown");
    if (veiled) button.classList.add("picture--shown");
    else enlarge(button);
  }

  async #accept() {
    try {
      await api.post(`conversations/${this.id}/accept/`);
      this.#accepted();
      this.composer?.focus();
    } catch (error) {
      complain(error);
    }
  }

  #accepted() {
    this.state = this.root.dataset.state = "active";
    this.root.querySelector("[data-decide]")?.remove();
    if (this.composer) this.composer.form.hidden = false;
    this.#read();
  }
}

const list = document.querySelector("[data-conversations]");
const conversations = list && new ConversationList(list);
const root = document.querySelector("[data-chat]");
if (root) new Chat(root);
