// One clip's <video>: which rendition, loading and releasing it, play and pause, sound, position, expired addresses.
// It knows nothing of the feed around it; it tells what happens by events on its article. Captions and the change to a
// better rendition have modules of their own, loaded by the first clip that needs them.

import { api } from "app/api";
import { measure } from "app/meter";
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

/** Whether HLS serves better than one file: where the browser plays it by itself but tells nothing of the network
 *  (Safari), so that only the playlist can follow it. Everywhere else one MP4 starts sooner and loops without a request. */
export function adaptive(playback, duration) {
  if (!playback.hls || navigator.connection || prefs.quality !== "auto" || prefs.saver) return false;
  return duration > 15 && document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "";
}

export class Player {
  constructor(article) {
    this.article = article;
    this.video = article.querySelector("video");
    this.seek = article.querySelector(".clip__seek");
    this.tap = article.querySelector(".clip__tap");
    this.muteButton = article.querySelector("[data-act=mute]");
    this.playback = JSON.parse(article.querySelector("script[type='application/json']")?.textContent || "{}") ?? {};
    Object.assign(this, { watched: 0, loops: 0, last: 0, played: [] }); // app/meter
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
    const { seek } = this;
    this.hear();
    seek.addEventListener("input", () => {
      this.video.currentTime = Number(seek.value);
      this.last = this.video.currentTime;
      this.paintPosition();
    });
  }

  /** Listens to the element that plays now; a better rendition comes with an element of its own. */
  hear() {
    const { video, article, seek } = this;
    video.addEventListener("loadeddata", () => article.toggleAttribute("data-painted", true));
    const mine = (act) => () => video === this.video && act();
    video.addEventListener("playing", mine(() => this.mark({ playing: true, waiting: false })));
    video.addEventListener("pause", mine(() => this.mark({ playing: false })));
    video.addEventListener("waiting", mine(() => this.mark({ waiting: true })));
    video.addEventListener("canplay", mine(() => this.mark({ waiting: false })));
    video.addEventListener("timeupdate", mine(() => this.count()));
    video.addEventListener("error", mine(() => this.renew()));
    video.addEventListener("durationchange", () => {
      if (Number.isFinite(video.duration)) seek.max = video.duration.toFixed(2);
    });
    if (video.readyState >= 2) article.toggleAttribute("data-painted", true);
  }

  mark(flags) {
    for (const [name, on] of Object.entries(flags)) this.article.toggleAttribute(`data-${name}`, on);
  }

  /** Gives the element a source when it has none. `auto` downloads ahead, `metadata` only a little. */
  attach(preload = "auto") {
    if (this.veiled) return;
    this.video.preload = preload;
    if (this.video.getAttribute("src")) {
      const wanted = prefs.saver || prefs.quality !== "auto" ? choose(this.playback.mp4 ?? [], { lines: this.lines }) : null;
      if (!wanted || wanted.url === this.video.getAttribute("src")) return;
    }
    const file = this.pick();
    if (file) this.use(file);
  }

  /** What to play here and now; an HLS address stands for all renditions at once. */
  pick() {
    if (!this.plain && this.article.dataset.state === "ready" && adaptive(this.playback, Number(this.seek.max))) return { url: this.playback.hls, height: Infinity };
    return choose(this.playback.mp4 ?? [], { lines: this.lines });
  }

  use(file) {
    this.file = file;
    this.video.src = file.url;
    this.video.playbackRate = this.video.defaultPlaybackRate = session.speed;
  }

  /** A sensitive clip stays covered, and unloaded, until its viewer asks for it. */
  get veiled() {
    if (unveiled.has(this.id)) this.article.removeAttribute("data-veiled");
    return this.article.hasAttribute("data-veiled");
  }

  unveil() {
    unveiled.add(this.id);
    this.article.querySelector(".clip__surface").focus({ preventScroll: true });
    calmOnce.add(this.id);
    return this.enter(true);
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
  async enter(asked = false) {
    this.active = true;
    if (this.veiled) return;
    this.attach("auto");
    this.tick();
    if (this.playback.captions?.length) import("app/captions").then(({ attend }) => attend(this)).catch(() => {});
    this.video.playbackRate = this.video.defaultPlaybackRate = session.speed;
    if (calm.matches && !asked && !calmOnce.has(this.id)) this.show("calm");
    else await this.play();
    this.grow();
  }

  async play() {
    if (this.veiled) return;
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

  count() {
    if (measure(this, this.video)) this.retries = 0;
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
    this.plain ||= this.file?.url === this.playback.hls; // the playlist failed here: one file from now on
    try {
      // A page may stand on a right that the clip's own address does not know: an invite's.
      const found = await api.get(this.article.dataset.renew ?? `videos/${this.id}/`, { quiet: true });
      this.playback = (found.video ?? found).playback;
      const file = this.pick();
      if (!file) throw new Error("no file");
      this.use(file);
      this.video.currentTime = at;
      if (playing) await this.play();
    } catch {
      if (this.active) setTimeout(() => this.active && this.renew(), 2000 * this.retries);
    }
  }

  /** A clip that is still being made gets better files; each takes over where the clip plays, without a gap. */
  async grow() {
    if (this.growing || this.article.dataset.state !== "processing") return;
    this.growing = true;
    const [{ follow }, { takeOver }] = await Promise.all([import("app/progress"), import("app/upgrade")]);
    let busy = false;
    const stop = follow(this.id, async ({ card }) => {
      if (!this.active) return stop(), (this.growing = false);
      if (!card?.playback?.mp4?.length) return;
      this.article.dataset.state = card.state;
      if (card.state === "ready") this.article.querySelector(".clip__state")?.remove();
      this.playback = card.playback;
      if (busy) return;
      busy = true;
      for (let file; this.active && (file = choose(this.playback.mp4, { lines: this.lines })).height > this.height; ) {
        if (!(await takeOver(this, file))) break;
      }
      busy = false;
    });
  }

  /** Lines of the file that plays; the first one of a page was chosen by the server, so it is looked up. */
  get height() {
    return this.file?.height ?? this.playback.mp4?.find((file) => file.url === this.video.getAttribute("src"))?.height ?? this.video.videoHeight;
  }
}

/** How fast clips play until this page is left. */
export const session = { speed: 1 };

export function setSpeed(player, speed) {
  session.speed = speed;
  player.video.playbackRate = player.video.defaultPlaybackRate = speed;
}

/** Clips a calm person started by hand; they need no second permission when they come back on screen. */
const calmOnce = new Set();

/** Sensitive clips that were asked for in this page. */
const unveiled = new Set();
