// One clip's <video>: which rendition, loading and releasing it, play and pause, sound, position, expired addresses.
// It knows nothing of the feed around it; it tells what happens by events on its article.

import { api } from "app/api";
import { calm, prefs, remember } from "app/prefs";

/** The best file for this screen, connection and choice. `files` are renditions with height and bitrate. */
export function choose(files, { lines = 1280 } = {}) {
  const ladder = [...files].sort((a, b) => a.bitrate - b.bitrate);
  if (!ladder.length) return null;
  const connection = navigator.connection;
  if (prefs.saver || connection?.saveData || prefs.quality === "low") return ladder[0];
  if (prefs.quality === "high") return ladder.at(-1);
  // 0.7: leave room for the preload of the next clip.
  const budget = connection?.downlink ? connection.downlink * 1e6 * 0.7 : Infinity;
  const sharp = ladder.find((file) => file.height >= lines * 0.8) ?? ladder.at(-1);
  const affordable = ladder.filter((file) => file.bitrate <= budget);
  const best = affordable.at(-1) ?? ladder[0];
  return best.bitrate < sharp.bitrate ? best : sharp;
}

export class Player {
  constructor(article) {
    this.article = article;
    this.video = article.querySelector("video");
    this.seek = article.querySelector(".clip__seek");
    this.tap = article.querySelector(".clip__tap");
    this.muteButton = article.querySelector("[data-act=mute]");
    this.playback = JSON.parse(article.querySelector("script[type='application/json']")?.textContent || "{}") ?? {};
    this.watched = 0;
    this.loops = 0;
    this.last = 0;
    this.retries = 0;
    this.active = false;
    this.listen();
  }

  get id() {
    return this.article.dataset.clip;
  }

  /** Picture lines that this screen can show of this clip. */
  get lines() {
    const { clientWidth: width, clientHeight: height } = this.video;
    const shown = this.article.hasAttribute("data-wide") ? Math.min(height, (width * 3) / 4) : height;
    return Math.round((shown || 640) * Math.min(devicePixelRatio || 1, 2.5));
  }

  listen() {
    const { video, article, seek } = this;
    video.addEventListener("loadeddata", () => article.toggleAttribute("data-painted", true));
    video.addEventListener("playing", () => this.mark({ playing: true, waiting: false }));
    video.addEventListener("pause", () => this.mark({ playing: false }));
    video.addEventListener("waiting", () => this.mark({ waiting: true }));
    video.addEventListener("canplay", () => this.mark({ waiting: false }));
    video.addEventListener("timeupdate", () => this.count());
    video.addEventListener("error", () => this.renew());
    video.addEventListener("durationchange", () => {
      if (Number.isFinite(video.duration)) seek.max = video.duration.toFixed(2);
    });
    seek.addEventListener("input", () => {
      video.currentTime = Number(seek.value);
      this.last = video.currentTime;
      this.paintPosition();
    });
    if (video.readyState >= 2) article.toggleAttribute("data-painted", true);
  }

  mark(flags) {
    for (const [name, on] of Object.entries(flags)) this.article.toggleAttribute(`data-${name}`, on);
  }

  /** Gives the element a source when it has none. `auto` downloads ahead, `metadata` only a little. */
  attach(preload = "auto") {
    this.video.preload = preload;
    if (this.video.getAttribute("src")) {
      const wanted = prefs.saver || prefs.quality !== "auto" ? choose(this.playback.mp4 ?? [], { lines: this.lines }) : null;
      if (!wanted || wanted.url === this.video.getAttribute("src")) return;
    }
    const file = choose(this.playback.mp4 ?? [], { lines: this.lines });
    if (file) this.use(file);
  }

  use(file) {
    this.file = file;
    this.video.src = file.url;
  }

  /** Frees the decoder and the connection of a clip that is off screen. */
  release() {
    this.active = false;
    this.video.pause();
    if (!this.video.getAttribute("src")) return;
    this.video.removeAttribute("src");
    this.video.load();
    this.mark({ painted: false, waiting: false });
    this.seek.value = 0;
    this.last = 0;
    this.paintPosition();
  }

  /** Starts as the clip on screen. Calm people start it by hand. */
  async enter() {
    this.active = true;
    this.attach("auto");
    this.tick();
    if (calm.matches && !this.article.dataset.paused) this.show("calm");
    else await this.play();
    this.grow();
  }

  async play() {
    const { video } = this;
    this.hide();
    video.muted = prefs.muted;
    this.paintMute();
    if (video.readyState < 2) this.mark({ waiting: true });
    try {
      await video.play();
    } catch (error) {
      if (error.name !== "NotAllowedError") return;
      if (!video.muted) {
        // Sound needs a touch first in this browser: play without it and keep the button that turns it on.
        video.muted = true;
        this.paintMute();
        await video.play().catch(() => this.show("blocked"));
      } else this.show("blocked");
    }
  }

  pause(why = "hand") {
    this.video.pause();
    this.show(why);
  }

  toggle() {
    if (this.video.paused) {
      calmOnce.add(this.id);
      this.play();
    } else this.pause();
  }

  show(why) {
    this.article.dataset.paused = why;
    this.tap.hidden = false;
    this.mark({ waiting: false });
  }

  hide() {
    delete this.article.dataset.paused;
    this.tap.hidden = true;
  }

  setMuted(muted) {
    remember({ muted });
    this.video.muted = muted;
    this.paintMute();
    if (!muted && this.video.paused && !this.article.dataset.paused) this.play();
  }

  paintMute() {
    const { muted } = this.video;
    this.muteButton.setAttribute("aria-pressed", String(!muted));
    this.muteButton.setAttribute("aria-label", muted ? gettext("Turn sound on") : gettext("Turn sound off"));
    this.muteButton.querySelector("use").setAttribute("href", muted ? "#i-volume-x" : "#i-volume-2");
  }

  /** Watch time counts what was really played: small steps forward; a seek is a big one. A jump back to 0 is a loop. */
  count() {
    const { video } = this;
    const step = video.currentTime - this.last;
    if (step > 0 && step < 1.5) {
      this.watched += step * 1000;
      this.retries = 0;
    }
    if (step < 0 && video.currentTime < 1 && this.last > video.duration - 1) {
      this.loops += 1;
      if (this.better) {
        const file = this.better;
        this.better = null;
        this.use(file);
        this.play();
      }
    }
    this.last = video.currentTime;
  }

  tick() {
    if (!this.active) return;
    this.paintPosition();
    requestAnimationFrame(() => this.tick());
  }

  paintPosition() {
    const { video, seek } = this;
    const length = Number.isFinite(video.duration) && video.duration > 0 ? video.duration : Number(seek.max) || 1;
    const now = video.currentTime || 0;
    seek.style.setProperty("--done", (now / length).toFixed(4));
    if (document.activeElement !== seek || !this.video.paused) seek.value = now;
    const text = interpolate(gettext("%(now)s of %(all)s seconds"), { now: Math.round(now), all: Math.round(length) }, true);
    if (seek.getAttribute("aria-valuetext") !== text) seek.setAttribute("aria-valuetext", text);
  }

  /** The address expired or the connection broke: ask for fresh ones and go on where it stopped. */
  async renew() {
    if (!this.video.getAttribute("src") || this.retries > 3) return this.retries > 3 && this.show("broken");
    this.retries += 1;
    const at = this.last;
    const playing = this.active && !this.article.dataset.paused;
    try {
      const card = await api.get(`videos/${this.id}/`, { quiet: true });
      this.playback = card.playback;
      const file = choose(this.playback.mp4 ?? [], { lines: this.lines });
      if (!file) throw new Error("no file");
      this.use(file);
      this.video.currentTime = at;
      if (playing) await this.play();
    } catch {
      if (this.active) setTimeout(() => this.active && this.renew(), 2000 * this.retries);
    }
  }

  /** A clip that is still being made gets better files: they take over at the next loop. */
  async grow() {
    if (this.article.dataset.state !== "processing") return;
    while (this.active && this.article.dataset.state === "processing") {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      if (!this.active) return;
      const card = await api.get(`videos/${this.id}/`, { quiet: true }).catch(() => null);
      if (!card) continue;
      this.article.dataset.state = card.state;
      if (card.state === "ready") this.article.querySelector(".clip__state")?.remove();
      this.playback = card.playback;
      const file = choose(card.playback.mp4 ?? [], { lines: this.lines });
      if (file && file.height > (this.file?.height ?? 0)) this.better = file;
    }
  }
}

/** Clips a calm person started by hand; they need no second permission when they come back on screen. */
const calmOnce = new Set();
