// Nothing that was edited is lost: it is kept in this browser at once, and on the server as a draft soon after, while the
// bytes still travel. One request at a time; what changed meanwhile goes with the next.

import { api } from "app/api";

const SOON = 1800; // ms of quiet before the draft is written while bytes travel
const LATER = 9000; // ms once they have arrived: each new edit list has the clip made again
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class Saver {
  /**
   * `of`: {upload() → id or "", whole() → all bytes are there, say() → {details, edit or null, remix}, keep({details, edit}), told(text)}.
   * `video`: {id, url} of a clip that exists already; `manual`: only `flush` writes (a clip that people see).
   */
  constructor(of, { video = null, manual = false, sent = {} } = {}) {
    Object.assign(this, { of, video, manual, sent, chain: Promise.resolve() });
    this.leave = () => document.hidden && this.dirty && !this.manual && this.flush().catch(() => {});
    document.addEventListener("visibilitychange", this.leave);
  }

  touch() {
    this.dirty = true;
    if (!this.manual) this.of.told(gettext("Saving"));
    clearTimeout(this.near);
    this.near = setTimeout(() => this.local(), 250);
    if (this.manual) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush().catch(() => {}), this.video && this.of.whole() ? LATER : SOON);
  }

  local() {
    const { details, edit } = this.of.say();
    this.of.keep({ details, edit: edit ?? undefined });
  }

  /** Writes what is not written yet, plus `more` (publishing). Resolves to {id, url, state}. */
  flush(more = null) {
    clearTimeout(this.timer);
    const run = this.chain.then(() => this.write(more));
    this.chain = run.catch(() => {});
    return run;
  }

  async write(more) {
    if (this.closed) return this.video;
    const { details, edit, remix } = this.of.say();
    this.dirty = edit === null;
    if (!this.video) {
      const upload = this.of.upload();
      if (!upload || edit === null) return null;
      const body = { upload, draft: true, ...clean(details), ...(bare(edit) ? {} : { edit }), ...remix };
      this.video = await api.post("videos/", body, { headers: { "Idempotency-Key": `draft-${upload}` } });
      this.sent = { details, edit };
      this.told(gettext("Saved as a draft."));
      if (!more) return this.video;
    }
    const changes = { ...more };
    for (const [name, value] of Object.entries(details)) if (!same(value, this.sent.details?.[name])) changes[name] = value;
    if (edit !== null && !same(edit, this.sent.edit ?? { version: 1 })) changes.edit = edit;
    if (!Object.keys(changes).length) {
      this.told(gettext("All changes are saved."));
      return this.video;
    }
    try {
      const card = await api.patch(`videos/${this.video.id}/`, changes, { keepalive: document.hidden }); // also while the tab closes
      this.sent = { details, edit: edit ?? this.sent.edit };
      this.told(gettext("All changes are saved."));
      return { ...this.video, ...card };
    } catch (error) {
      this.dirty = true;
      this.of.told(error.status ? gettext("Not saved on the server yet.") : gettext("No connection. Your changes are kept in this browser."));
      throw error;
    }
  }

  /** Says that it is saved, unless something was changed while it was. */
  told(text) {
    if (!this.dirty) this.of.told(text);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.near);
    document.removeEventListener("visibilitychange", this.leave);
  }
}

const bare = (edit) => Object.keys(edit).every((name) => name === "version");

/** A new clip is told only what was said: no empty schedule, no empty product. */
const clean = (details) => Object.fromEntries(Object.entries(details).filter(([, value]) => value !== null));
