// The files that an edit is made of, as this browser can read them: length, size, thumbnails, the shape of the sound.

import { api } from "app/api";

const MOST_BYTES = 120e6; // of a file whose sound is decoded for its waveform: the browser holds all of it
const RATE = 8000; // Hz, enough for the loudest sample in a hundredth of a second
const PATIENCE = 6000; // milliseconds until a file counts as unreadable

const ready = (video, name) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("slow")), PATIENCE);
    video.addEventListener(name, () => (clearTimeout(timer), resolve()), { once: true });
    video.addEventListener("error", () => (clearTimeout(timer), reject(new Error("unreadable"))), { once: true });
  });

function player(url) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
  video.src = url;
  return video;
}

/** One file. `readable` is false where this browser cannot show it; then only what the server knows of it is known. */
export class Source {
  /** `file`: a File or Blob of this computer; else `url`, an address of ours. */
  constructor({ file = null, url = "", name = file?.name ?? "", ...known }) {
    Object.assign(this, { file, name, duration: 0, width: 0, height: 0, readable: false, upload: null, ...known });
    this.url = url || (file ? URL.createObjectURL(file) : "");
    this.local = Boolean(file);
  }

  /** Reads length and size. Never fails: see `readable`. */
  async open() {
    const video = player(this.url);
    try {
      await ready(video, "loadedmetadata");
      await this.measure(video);
    } catch {
      this.readable = false;
    }
    video.removeAttribute("src");
    video.load();
    return this;
  }

  /** Takes another address or file for the same film: it was shown again after a reload, or converted by the server. */
  async adopt({ file = null, url = "" }) {
    if (this.local && this.url) URL.revokeObjectURL(this.url);
    this.url = file ? URL.createObjectURL(file) : url;
    this.local = Boolean(file);
    [this.film, this.heard] = [undefined, undefined];
    return this.open();
  }

  async measure(video) {
    if (!Number.isFinite(video.duration)) {
      // Recordings of MediaRecorder say no length; a seek to the end makes the browser find it.
      const known = new Promise((resolve) => video.addEventListener("durationchange", () => Number.isFinite(video.duration) && resolve()));
      video.currentTime = 1e7;
      await Promise.race([known, new Promise((resolve) => setTimeout(resolve, 3000))]);
    }
    if (!Number.isFinite(video.duration) || !video.duration) return;
    Object.assign(this, { duration: video.duration, width: video.videoWidth, height: video.videoHeight, readable: Boolean(video.videoWidth) });
  }

  /** Draws `count` frames between `from` and `to`, left to right, calling `draw(index, video)` for each; `signal` ends it. */
  async frames(count, from, to, draw, signal) {
    if (!this.readable) return;
    const video = player(this.url);
    const stop = () => {
      video.removeAttribute("src");
      video.load();
    };
    try {
      await ready(video, "loadeddata");
      for (let i = 0; i < count && !signal?.aborted; i += 1) {
        video.currentTime = Math.min(from + ((i + 0.5) * (to - from)) / count, this.duration - 0.02);
        await ready(video, "seeked");
        if (!signal?.aborted) draw(i, video);
      }
    } catch {
      // A frame that cannot be read leaves its place empty; the rest of the editor works without.
    }
    stop();
  }

  /** A picture of the moment `time` as a canvas of this height, or null. */
  async frame(time, height) {
    let canvas = null;
    await this.frames(1, time, time, (_, video) => {
      canvas = document.createElement("canvas");
      canvas.height = height;
      canvas.width = Math.max(1, Math.round((height * video.videoWidth) / video.videoHeight));
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    });
    return canvas;
  }

  /** Loudest samples of its sound, `perSecond` values from 0 to 1, or an empty list (silent, too long, unreadable). Cached. */
  peaks(perSecond = 20) {
    this.heard ??= this.hear(perSecond);
    return this.heard;
  }

  async hear(perSecond) {
    try {
      const bytes = this.file ? this.file.size < MOST_BYTES && (await this.file.arrayBuffer()) : await (await api.raw(this.url, { quiet: true })).arrayBuffer();
      if (!bytes) return [];
      const context = new OfflineAudioContext(1, RATE, RATE);
      const sound = await context.decodeAudioData(bytes);
      return loudest(sound.getChannelData(0), Math.ceil(sound.duration * perSecond));
    } catch {
      return [];
    }
  }

  close() {
    if (this.local) URL.revokeObjectURL(this.url);
  }
}

function loudest(samples, count) {
  const step = samples.length / count;
  return Array.from({ length: count }, (_, i) => {
    let most = 0;
    for (let at = Math.floor(i * step); at < (i + 1) * step && at < samples.length; at += 1) most = Math.max(most, Math.abs(samples[at]));
    return Math.min(1, most);
  });
}
