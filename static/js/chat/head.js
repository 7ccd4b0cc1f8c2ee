// The top of a conversation: who is there, who is writing, how far the others have read, whether there is a connection.

import { person } from "app/api";
import { nameOf } from "app/messages";
import { socket } from "app/socket";

const TYPING_SHOWN_MS = 5000;
const LOST_SHOWN_AFTER_MS = 1500; // a page change or a quick reconnect is not worth a word

/** Whose sockets are open, as words and a dot. `names` are usernames. */
export class Presence {
  constructor(root, people) {
    this.line = root.querySelector("[data-presence]");
    this.dot = root.querySelector("[data-online]");
    this.group = Boolean(root.dataset.group);
    this.people = people;
    this.online = new Set();
    this.#draw();
    socket.on("presence", ({ username, online }) => {
      if (!this.people.some((one) => one.username === username)) return;
      if (online) this.online.add(username);
      else this.online.delete(username);
      this.#draw();
    });
  }

  set({ people, presence }) {
    this.people = people;
    this.online = new Set(presence ?? []);
    this.#draw();
  }

  #draw() {
    if (!this.line) return;
    const here = this.online.size > 0;
    if (this.dot) this.dot.hidden = !here;
    if (!this.group) {
      this.line.textContent = here ? gettext("Online") : `@${this.people[0]?.username ?? ""}`;
      return;
    }
    const all = this.people.length + 1;
    this.line.textContent = interpolate(ngettext("%(count)s person", "%(count)s people", all), { count: all }, true);
  }
}

/** Who is writing just now: each for a few seconds after their last sign of it. */
export class Typing {
  #timers = new Map();

  constructor(line, shown) {
    this.line = line;
    this.shown = shown;
  }

  show(username) {
    clearTimeout(this.#timers.get(username));
    this.#timers.delete(username);
    this.#timers.set(username, setTimeout(() => this.hide(username), TYPING_SHOWN_MS));
    this.#draw();
  }

  hide(username) {
    clearTimeout(this.#timers.get(username));
    if (this.#timers.delete(username)) this.#draw();
  }

  #draw() {
    const names = [...this.#timers.keys()].map(nameOf);
    const sentence =
      names.length === 1 ? gettext("%(name)s is writing") : names.length === 2 ? gettext("%(name)s and %(other)s are writing") : gettext("Several people are writing");
    this.line.querySelector('[data-part="who"]').textContent = names.length ? interpolate(sentence, { name: names[0], other: names[1] }, true) : "";
    this.line.hidden = !names.length;
    this.shown();
  }
}

/** The mark under one's last message: seen, and in a group by whom. */
export class Receipts {
  constructor(root, timeline, readBy) {
    this.mark = root.querySelector("[data-seen-mark]");
    this.group = Boolean(root.dataset.group);
    this.timeline = timeline;
    this.seqs = new Map(); // username → the last number they read
    this.set(readBy);
  }

  set(readBy) {
    for (const { username, seq } of readBy) this.read(username, seq, false);
    this.draw();
  }

  read(username, seq, drawn = true) {
    if (username === person.username) return;
    this.seqs.set(username, Math.max(this.seqs.get(username) ?? 0, seq));
    if (drawn) this.draw();
  }

  draw() {
    const last = this.timeline.items.filter((item) => !item.hidden).at(-1);
    const mine = last?.dataset.sender === person.username && last.dataset.kind !== "event" && !this.timeline.detached;
    const readers = mine ? [...this.seqs].filter(([, seq]) => seq >= Number(last.dataset.seq)).map(([name]) => name) : [];
    this.mark.hidden = !readers.length;
    if (!readers.length) return;
    const names = readers.map(nameOf);
    const words = interpolate(ngettext("Seen by %(count)s", "Seen by %(count)s", names.length), { count: names.length }, true);
    this.mark.textContent = this.group ? words : gettext("Seen");
    this.mark.title = this.group ? names.join(", ") : "";
  }
}

/** Says when there is no connection, and takes it back when there is one again. */
export function watchConnection(line) {
  let timer = 0;
  const show = (text) => {
    line.textContent = text;
    line.hidden = !text;
  };
  const lost = () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(navigator.onLine ? gettext("Reconnecting…") : gettext("You are offline. What you write is sent later.")), LOST_SHOWN_AFTER_MS);
  };
  socket.on("lost", lost);
  addEventListener("offline", lost);
  socket.on("open", () => {
    clearTimeout(timer);
    show("");
  });
}
