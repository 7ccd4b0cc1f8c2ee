// A tus 1.0.0 client (core, creation, termination, checksum): https://tus.io/protocols/resumable-upload. Sends a file in
// chunks, asks where it stopped after every break, backs off, and remembers the upload so that a reload can go on.
// XMLHttpRequest, not fetch, for PATCH: only it reports how many bytes went out.

import { ApiError, api, csrfToken, person } from "app/api";

const CHUNK = 6 * 1024 * 1024;
const PAUSES = [500, 1500, 3000, 6000, 12_000, 20_000];
const TUS = { "Tus-Resumable": "1.0.0" };
const LANES = 3; // files that are sent at the same time; more would only share the same line
const CHECKSUM_MISMATCH = 460;
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

const keyOf = (file) => `upload:${person.id}:${file.name}:${file.size}:${file.lastModified}`;

/** Uploads that this browser began and did not finish: [{key, name, size, percent, details}]. */
export function unfinished() {
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(`upload:${person.id}:`)) continue;
      const held = JSON.parse(localStorage.getItem(key));
      if (Date.now() - held.since > 24 * 3600_000) localStorage.removeItem(key);
      else found.push({ key, ...held });
    }
  } catch {
    return found;
  }
  return found;
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was remembered then.
  }
}

const lanes = { used: 0, waiting: [] };

/** Waits for a lane; resolves to a function that gives it back. */
function lane() {
  const give = () => {
    lanes.used -= 1;
    lanes.waiting.shift()?.();
  };
  if (lanes.used < LANES) {
    lanes.used += 1;
    return Promise.resolve(give);
  }
  return new Promise((resolve) => lanes.waiting.push(() => ((lanes.used += 1), resolve(give))));
}

async function digest(piece) {
  if (!globalThis.crypto?.subtle) return null; // not on plain HTTP beyond this computer; TCP has its own sums
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await piece.arrayBuffer()));
  return `sha256 ${btoa(String.fromCharCode(...hash))}`;
}

export class Transfer {
  /** `on` has progress(sent, total), retry(seconds), done(id), failed(error), and may have located(id), queued(), offline(). */
  constructor(file, on, url = "") {
    Object.assign(this, { file, on, url, key: keyOf(file), stopped: false, paused: false, tries: 0, sent: 0 });
  }

  get held() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null") ?? {};
    } catch {
      return {};
    }
  }

  /** Remembers the address and whatever else the page wants back after a reload (the caption). */
  keep(changes) {
    try {
      const { name, size } = this.file;
      localStorage.setItem(this.key, JSON.stringify({ name, size, since: Date.now(), ...this.held, ...changes }));
    } catch {
      // Without storage the upload still survives lost connections, only not a reload.
    }
  }

  get id() {
    return new URL(this.url, location.origin).pathname.split("/").filter(Boolean).at(-1);
  }

  async start() {
    if (lanes.used >= LANES) this.on.queued?.();
    const give = await lane();
    try {
      await this.run();
    } finally {
      give();
    }
  }

  async run() {
    while (!this.stopped && !this.paused) {
      try {
        const offset = await this.locate();
        this.on.located?.(this.id);
        if (await this.send(offset)) {
          this.whole = true;
          return this.on.done(this.id);
        }
      } catch (error) {
        if (this.stopped || this.paused) return;
        if (!(await this.recover(error))) return this.on.failed(error);
      }
    }
  }

  /** Waits before the next try; false when trying again cannot help. */
  async recover(error) {
    const passing = error.status === 0 || error.status >= 500 || [404, 409, 410, 423, 429, CHECKSUM_MISMATCH].includes(error.status);
    if (!passing || error.status === 507) return false;
    if (error.status === 404 || error.status === 410) {
      // The server no longer has it: begin again, a few times at most.
      this.keep({ url: "" });
      this.url = "";
      if (this.tries > 6) return false;
    }
    // Without a network there is no end to waiting: it goes on when the network does. A server that answers gets a limit.
    if (error.status && this.tries >= PAUSES.length * 3) return false;
    const pause = error.retryAfter ? error.retryAfter * 1000 : PAUSES[Math.min(this.tries, PAUSES.length - 1)];
    this.tries += 1;
    if (navigator.onLine) this.on.retry(Math.ceil(pause / 1000));
    else this.on.offline?.();
    const wake = new AbortController();
    await Promise.race([
      new Promise((resolve) => setTimeout(resolve, navigator.onLine ? pause : 60_000)),
      new Promise((resolve) => addEventListener("online", resolve, { once: true, signal: wake.signal })),
      new Promise((resolve) => (this.wake = resolve)),
    ]);
    wake.abort();
    return true;
  }

  /** Holds the transfer; what the server has stays there. */
  pause() {
    this.paused = true;
    this.request?.abort();
    this.wake?.();
  }

  resume() {
    if (!this.paused) return;
    this.paused = false;
    this.tries = 0;
    this.start();
  }

  /** Where to go on: the offset of the upload that exists, or a new one at 0. */
  async locate() {
    this.url ||= this.held.url;
    if (this.url) {
      const answer = await api.raw(this.url, { method: "HEAD", headers: TUS });
      if (this.held.url !== this.url) this.keep({ url: this.url });
      return Number(answer.headers.get("Upload-Offset"));
    }
    const metadata = `filename ${base64(this.file.name)},filetype ${base64(this.file.type || "application/octet-stream")}`;
    const answer = await api.raw("uploads/", { method: "POST", headers: { ...TUS, "Upload-Length": String(this.file.size), "Upload-Metadata": metadata } });
    this.url = new URL(answer.headers.get("Location"), location.origin).pathname;
    this.keep({ url: this.url });
    return 0;
  }

  async send(from) {
    let offset = from;
    while (offset < this.file.size && !this.stopped && !this.paused) {
      this.report(offset);
      offset = await this.chunk(offset);
      this.tries = 0;
      this.keep({ percent: Math.floor((100 * offset) / this.file.size) });
    }
    return offset >= this.file.size;
  }

  report(sent) {
    this.sent = sent;
    this.on.progress(sent, this.file.size);
  }

  async chunk(offset) {
    const piece = this.file.slice(offset, offset + CHUNK);
    const checksum = await digest(piece);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open("PATCH", this.url);
      const headers = { ...TUS, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream", "X-CSRFToken": csrfToken(), Accept: "application/json" };
      if (checksum) headers["Upload-Checksum"] = checksum;
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", (event) => this.report(offset + event.loaded));
      request.addEventListener("load", () => {
        if (request.status === 204 || request.status === 200) return resolve(Number(request.getResponseHeader("Upload-Offset") ?? offset + piece.size));
        let problem = {};
        try {
          problem = JSON.parse(request.responseText).error ?? {};
        } catch {
          problem = {};
        }
        reject(new ApiError(request.status, { code: "upload", message: gettext("The upload was refused. Try again."), ...problem }, Number(request.getResponseHeader("Retry-After")) || 0));
      });
      request.addEventListener("error", () => reject(new ApiError(0)));
      request.addEventListener("abort", () => reject(new ApiError(0)));
      request.send(piece);
    });
  }

  /** Stops; `drop` also tells the server to throw away what it has. */
  stop(drop = false) {
    this.stopped = true;
    this.request?.abort();
    this.wake?.();
    if (drop && this.url) api.raw(this.url, { method: "DELETE", headers: TUS, quiet: true }).catch(() => {});
    if (drop) forget(this.key);
  }
}
