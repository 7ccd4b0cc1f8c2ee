// What was written and is not acknowledged yet. It outlives a reload and a closed tab (IndexedDB), goes out one by one in
// the order it was written, and always under the same client_id: sent twice, it is one message.

import { api, person } from "app/api";

const KEPT_MS = 7 * 24 * 3600_000;
const RETRY_MS = [2000, 5000, 10_000, 30_000];

let opening;

/** The browser's store, or null where it has none (private windows): then a message lives as long as its page. */
function store() {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open("messages", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "client_id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

async function inStore(mode, act) {
  const db = await store();
  if (!db) return null;
  return new Promise((resolve) => {
    const transaction = db.transaction("unsent", mode);
    const request = act(transaction.objectStore("unsent"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => resolve(null);
  });
}

/** Whether trying again later may help: no connection, too fast, or the server's fault. */
const passing = (error) => !error.status || error.status === 429 || error.status >= 500;

export class Outbox {
  #queue = [];
  #busy = false;
  #failures = 0;
  #timer = 0;

  /** `on`: waiting(entry), sending(entry), progress(entry, share), stuck(entry, error), refused(entry, error), sent(card). */
  constructor(conversation, on) {
    this.conversation = conversation;
    this.on = on;
  }

  /** What an earlier page left here. What another person left in this browser, or a week ago, is forgotten. */
  async restore() {
    const found = (await inStore("readonly", (rows) => rows.getAll())) ?? [];
    for (const entry of found.sort((one, other) => one.at - other.at)) {
      if (entry.person !== person.id || Date.now() - entry.at > KEPT_MS) this.#forget(entry);
      else if (entry.conversation === this.conversation && !this.find(entry.client_id)) {
        this.#queue.push(entry);
        this.on.waiting(entry);
        if (entry.refused) this.on.refused(entry, new Error(entry.refused));
      }
    }
    this.#pump();
  }

  find(client) {
    return this.#queue.find((entry) => entry.client_id === client);
  }

  /** Takes a message: {client_id, text, reply_to?, quoted?, file?, width?, height?}. */
  add(entry) {
    Object.assign(entry, { conversation: this.conversation, person: person.id, at: Date.now() + this.#queue.length / 1000 });
    this.#queue.push(entry);
    this.on.waiting(entry);
    this.#keep(entry);
    this.#pump();
  }

  /** Now rather than later: the connection is back, or the person asks. */
  retry(client) {
    const entry = client && this.find(client);
    if (entry) delete entry.refused;
    this.#failures = 0;
    this.#pump();
  }

  /** It is in the conversation, or not wanted any more. */
  drop(client) {
    const entry = this.find(client);
    if (!entry) return;
    this.#queue = this.#queue.filter((one) => one !== entry);
    this.#forget(entry);
  }

  #keep(entry) {
    inStore("readwrite", (rows) => rows.put(entry));
  }

  #forget(entry) {
    inStore("readwrite", (rows) => rows.delete(entry.client_id));
  }

  async #pump() {
    clearTimeout(this.#timer);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let entry = this.#next(); entry; entry = this.#next()) {
        this.on.sending(entry);
        try {
          const card = await this.#deliver(entry);
          this.#failures = 0;
          this.on.sent(card);
          this.drop(entry.client_id);
        } catch (error) {
          if (!this.find(entry.client_id)) continue; // the socket said meanwhile that it is there
          if (passing(error)) {
            this.#later(error);
            return;
          }
          entry.refused = error.message;
          this.#keep(entry);
          this.on.refused(entry, error);
        }
      }
    } finally {
      this.#busy = false;
    }
  }

  #next() {
    return this.#queue.find((entry) => !entry.refused);
  }

  #later(error) {
    for (const entry of this.#queue) if (!entry.refused) this.on.stuck(entry, error);
    const wait = error.retryAfter ? error.retryAfter * 1000 : RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#pump(), wait);
  }

  async #deliver(entry) {
    if (entry.file && !entry.image) {
      const form = new FormData();
      form.append("image", entry.file, "picture");
      const image = await api.upload(`conversations/${this.conversation}/images/`, form, (share) => this.on.progress(entry, share));
      entry.image = image.id;
      this.#keep(entry);
    }
    const body = { client_id: entry.client_id, text: entry.text };
    if (entry.reply_to) body.reply_to = entry.reply_to;
    if (entry.image) body.image = entry.image;
    return api.post(`conversations/${this.conversation}/messages/`, body);
  }
}
