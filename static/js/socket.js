// The one socket of this tab: connects, says where it left off, and tells the page what arrives.
//
//   socket.on("message.new", (data, frame) => …)   also as a CustomEvent of the same name on document
//   socket.on("open", ({ again }) => …)            connected; `again` after a break: fetch what you show
//   socket.on("reset", () => …)                    too much was missed: fetch what you show
//   socket.send({ type: "typing", conversation })  dropped while there is no connection

import { api, signedIn } from "app/api";

const PING_MS = 25_000;
const ANSWER_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;

class Socket {
  #handlers = new Map();
  #ws = null;
  #seq = 0;
  #failures = 0;
  #opened = false;
  #ended = false;
  #timer = 0;
  #ping = 0;
  #deadline = 0;

  constructor() {
    addEventListener("online", () => this.#soon(0));
    addEventListener("pageshow", (event) => event.persisted && this.#soon(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#probe();
    });
  }

  /** Listens to one type of frame; returns a function that stops. Connects with the first listener. */
  on(type, handler) {
    if (!this.#handlers.has(type)) this.#handlers.set(type, new Set());
    this.#handlers.get(type).add(handler);
    this.connect();
    return () => this.#handlers.get(type).delete(handler);
  }

  get open() {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  send(frame) {
    if (!this.open) return false;
    this.#ws.send(JSON.stringify(frame));
    return true;
  }

  connect() {
    if (!signedIn || this.#ended || this.#ws) return;
    clearTimeout(this.#timer);
    const ws = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/`);
    this.#ws = ws;
    let greeted = false;
    ws.addEventListener("message", (event) => {
      this.#alive();
      const frame = JSON.parse(event.data);
      if (frame.type === "hello") {
        greeted = true;
        this.#failures = 0;
        if (this.#seq) this.send({ type: "resume", seq: this.#seq });
        else this.#seq = frame.data.seq;
        this.#emit("open", { again: this.#opened }, frame);
        this.#opened = true;
        return;
      }
      if (frame.type === "pong") return;
      if (frame.seq) {
        if (frame.type !== "reset" && frame.seq <= this.#seq) return; // said twice
        this.#seq = Math.max(this.#seq, frame.seq);
      }
      this.#emit(frame.type, frame.data, frame);
    });
    ws.addEventListener("close", (event) => {
      if (this.#ws !== ws) return;
      this.#ws = null;
      clearTimeout(this.#ping);
      clearTimeout(this.#deadline);
      this.#emit("lost", { code: event.code });
      this.#failures += 1;
      if (event.code === 4401 || (!greeted && this.#failures % 3 === 0)) this.#askWhoIAm();
      const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.#failures - 1, 6));
      this.#soon(wait * (0.5 + Math.random() / 2)); // jitter: a restarted server is not hit by everybody at once
    });
    this.#alive();
  }

  #soon(wait) {
    if (this.#ws || this.#ended) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), wait);
  }

  /** Something was heard: ask again after a while of silence, and give up on a connection that does not answer. */
  #alive() {
    clearTimeout(this.#ping);
    clearTimeout(this.#deadline);
    this.#ping = setTimeout(() => this.#probe(), PING_MS);
  }

  #probe() {
    const ws = this.#ws;
    if (!ws) return this.#soon(0);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      if (this.#ws !== ws) return;
      ws.close();
      ws.dispatchEvent(new CloseEvent("close", { code: 1006 })); // a dead network never says goodbye
    }, ANSWER_MS);
    this.send({ type: "ping" });
  }

  /** The server closed on us: was it the log-in? If so, trying again is useless. */
  async #askWhoIAm() {
    try {
      await api.get("me/", { quiet: true });
    } catch (error) {
      if (error.status !== 401) return;
      this.#ended = true;
      clearTimeout(this.#timer);
      this.#ws?.close();
      document.dispatchEvent(new CustomEvent("signed-out"));
    }
  }

  #emit(type, data, frame = {}) {
    for (const handler of this.#handlers.get(type) ?? []) {
      try {
        handler(data, frame);
      } catch (error) {
        console.error(error);
      }
    }
    document.dispatchEvent(new CustomEvent(type, { detail: data }));
  }
}

export const socket = new Socket();
