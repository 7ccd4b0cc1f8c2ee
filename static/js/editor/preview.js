// The stage: the finished clip as the renderer will draw it, from the files themselves. Its clock is the element that plays.
// Fires "time" (the finished second) and "play" when it starts or stops.

import { fitOf, fitOfOther, frameRatio, panels } from "app/editor/geometry";
import { Mixer } from "app/editor/mixer";
import { rules } from "app/editor/rules";

const GROUND = 72; // pixels of width of the small copy that is blurred
const RIM = 0.12; // of that width: its edges go on beyond the panel, so that the blur does not fade there
const OBJECT_FIT = { fill: "fill", cover: "cover", contain: "contain", blur: "contain" };
const EARLY = 0.02; // seconds before a segment's end at which the next one takes over

export class Preview extends EventTarget {
  /** `box` holds [data-frame] with [data-cell=own|other], each with a canvas for the blurred ground. */
  constructor(box, model) {
    super();
    this.box = box;
    this.model = model;
    this.frame = box.querySelector("[data-frame]");
    this.cells = { own: box.querySelector("[data-cell=own]"), other: box.querySelector("[data-cell=other]") };
    this.mixer = new Mixer(model);
    this.players = new Map();
    [this.time, this.playing, this.index] = [0, false, 0];
    this.off = new AbortController();
    const { signal } = this.off;
    model.addEventListener("change", () => this.refresh(), { signal });
    model.addEventListener("sources", () => this.refresh(), { signal });
    this.watch = new ResizeObserver(() => this.place());
    this.watch.observe(box);
    document.addEventListener("visibilitychange", () => document.hidden && this.pause(), { signal });
    this.refresh();
  }

  // --- The picture ---

  player(source, where = "own") {
    const key = `${where}:${source.key ?? "remix"}`;
    if (!this.players.has(key)) {
      const video = document.createElement("video");
      Object.assign(video, { playsInline: true, preload: "auto", tabIndex: -1 });
      video.setAttribute("aria-hidden", "true");
      video.hidden = true;
      video.addEventListener("seeked", () => this.seeked(video));
      video.addEventListener("loadeddata", () => this.paint());
      this.cells[where].append(video);
      this.players.set(key, video);
    }
    const video = this.players.get(key);
    if (video.dataset.from !== source.url) {
      video.dataset.from = source.url;
      video.src = source.url;
    }
    return video;
  }

  get segment() {
    return this.model.segments[this.index];
  }

  get video() {
    const { segment } = this;
    return segment?.source ? this.player(segment.source) : null;
  }

  get other() {
    return this.model.remix?.kind === "duet" ? this.player(this.model.remix.source, "other") : null;
  }

  /** Draws the edit as it now is. */
  refresh() {
    this.mixer.load();
    this.box.toggleAttribute("data-unreadable", Boolean(this.model.main && !this.model.main.readable));
    this.place();
    if (!this.playing) this.seek(Math.min(this.time, this.model.duration));
  }

  /** Sizes the frame into the stage and the panels into the frame. */
  place() {
    const ratio = frameRatio(this.model);
    const { width, height } = this.box.getBoundingClientRect();
    if (!width || !height) return;
    const wide = Math.min(width, height * ratio);
    this.frame.style.width = `${wide}px`;
    this.frame.style.height = `${wide / ratio}px`;
    const parts = panels(this.model);
    for (const [name, cell] of Object.entries(this.cells)) {
      cell.hidden = !parts[name];
      for (const side of ["left", "top", "width", "height"]) if (parts[name]) cell.style[side] = `${100 * parts[name][side]}%`;
    }
    this.cells.own.style.setProperty("--blur", `${rules.blur.sigma * wide * parts.own.width}px`);
    if (parts.other) this.cells.other.style.setProperty("--blur", `${rules.blur.sigma * wide * parts.other.width}px`);
    this.fit();
    this.dispatchEvent(new CustomEvent("place", { detail: { width: wide, height: wide / ratio } }));
  }

  fit() {
    const { focus_x: x, focus_y: y, filter } = this.model.state;
    const { video, other, segment } = this;
    const fit = fitOf(this.model, segment);
    this.cells.own.dataset.fit = fit;
    if (video) {
      video.style.objectFit = OBJECT_FIT[fit];
      video.style.objectPosition = fit === "cover" ? `${100 * x}% ${100 * y}%` : "center";
    }
    // Another's clip keeps the look that its author gave it.
    this.cells.own.style.filter = filter === "none" || segment?.clip === -1 ? "" : `url(#look-${filter})`;
    if (other) {
      this.cells.other.dataset.fit = fitOfOther(this.model);
      other.style.objectFit = OBJECT_FIT[this.cells.other.dataset.fit];
    }
    this.paint();
  }

  /** The blurred ground is a small copy of the picture, cut to the panel; the style sheet blurs and darkens it. */
  paint() {
    for (const [name, video] of [["own", this.video], ["other", this.other]]) {
      const cell = this.cells[name];
      const canvas = cell.querySelector("canvas");
      canvas.hidden = cell.dataset.fit !== "blur";
      if (!canvas.hidden && video?.videoWidth) paintGround(canvas, video, cell.clientWidth / (cell.clientHeight || 1));
    }
  }

  // --- Time ---

  show(index) {
    this.index = index;
    const now = this.video;
    for (const [key, video] of this.players) {
      if (key.startsWith("other:")) video.hidden = false;
      else if (video !== now) {
        video.hidden = true;
        if (!video.paused) video.pause();
      }
    }
    if (now) now.hidden = false;
    this.fit();
  }

  /** Shows the finished second `time`. While a seek is under way the latest wish waits. */
  seek(time) {
    const place = this.model.locate(time);
    if (!place) return;
    this.time = Math.min(Math.max(0, time), this.model.duration);
    this.show(place.index);
    this.to(this.video, place.time);
    if (this.other) this.to(this.other, Math.min(this.time, Math.max(0, this.model.remix.source.duration - 0.04)));
    this.mixer.follow(this.time, false);
    this.dispatchEvent(new CustomEvent("time", { detail: this.time }));
    if (this.playing) this.run();
  }

  to(video, time) {
    if (!video) return;
    if (video.seeking) video.wanted = time;
    else if (Math.abs(video.currentTime - time) > 0.004 || video.readyState < 2) video.currentTime = time;
  }

  seeked(video) {
    const { wanted } = video;
    video.wanted = undefined;
    if (wanted !== undefined && Math.abs(wanted - video.currentTime) > 0.004) video.currentTime = wanted;
    else this.paint();
  }

  /** Resolves when the picture of the present moment is drawn. */
  async settled() {
    for (const video of [this.video, this.other]) {
      while (video && (video.seeking || video.readyState < 2) && !video.error) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    this.paint();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.playing || !this.model.duration || !this.model.main?.readable) return;
    if (this.time >= this.model.duration - 0.06) this.seek(0);
    this.playing = true;
    this.dispatchEvent(new CustomEvent("play"));
    this.run();
    this.tick();
  }

  run() {
    const { video, segment, other } = this;
    if (!video) return;
    video.playbackRate = segment.rate;
    this.mixer.level(video, this.mixer.own(segment));
    video.play().catch(() => this.pause());
    if (other && this.time < this.model.remix.source.duration) {
      this.mixer.level(other, this.model.state.remix_volume);
      other.play().catch(() => {});
    }
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frameRequest);
    for (const video of this.players.values()) video.pause();
    this.mixer.silence();
    this.dispatchEvent(new CustomEvent("play"));
  }

  tick() {
    if (!this.playing) return;
    this.frameRequest = requestAnimationFrame(() => this.tick());
    const { video, segment } = this;
    if (!video || !segment) return this.pause();
    if (!video.seeking) this.time = segment.at + Math.max(0, video.currentTime - segment.from) / segment.rate;
    if (video.ended || video.currentTime >= segment.to - EARLY) return this.next();
    this.mixer.level(video, this.mixer.own(segment));
    this.mixer.follow(this.time, true);
    this.accompany();
    this.prepare();
    this.paint();
    this.dispatchEvent(new CustomEvent("time", { detail: this.time }));
  }

  /** The other clip of a duet keeps step; when it is over its last picture stays. */
  accompany() {
    const { other } = this;
    if (!other) return;
    this.mixer.level(other, this.model.state.remix_volume);
    if (Math.abs(other.currentTime - this.time) > 0.15 && this.time < other.duration) other.currentTime = this.time;
  }

  /** The next segment's first picture is fetched before it is needed. */
  prepare() {
    const next = this.model.segments[this.index + 1];
    if (!next?.source || next.source === this.segment.source || this.segment.until - this.time > 1.2) return;
    const video = this.player(next.source);
    if (Math.abs(video.currentTime - next.from) > 0.05 && !video.seeking) video.currentTime = next.from;
  }

  next() {
    const next = this.model.segments[this.index + 1];
    if (!next) {
      this.time = this.model.duration;
      this.pause();
      this.dispatchEvent(new CustomEvent("time", { detail: this.time }));
      return;
    }
    this.show(this.index + 1);
    this.time = next.at;
    if (Math.abs(this.video.currentTime - next.from) > 0.05) this.video.currentTime = next.from;
    this.run();
  }

  close() {
    this.pause();
    this.off.abort();
    this.watch.disconnect();
    this.mixer.close();
    for (const video of this.players.values()) {
      video.removeAttribute("src");
      video.load();
    }
  }
}

/** Draws `video` cut to `ratio` into a small canvas, its outermost lines repeated outwards by RIM of the width. */
function paintGround(canvas, video, ratio) {
  const high = Math.max(1, Math.round(GROUND / ratio));
  const rim = Math.round(RIM * GROUND);
  if (canvas.width !== GROUND + 2 * rim || canvas.height !== high + 2 * rim) {
    [canvas.width, canvas.height] = [GROUND + 2 * rim, high + 2 * rim];
    Object.assign(canvas.style, { left: `${(-100 * rim) / GROUND}%`, top: `${(-100 * rim) / high}%`, width: `${100 + (200 * rim) / GROUND}%`, height: `${100 + (200 * rim) / high}%` });
  }
  const [wide, tall] = [video.videoWidth, video.videoHeight];
  const part = Math.min(wide, tall * ratio);
  const [w, h] = [part, part / ratio];
  const [left, top] = [(wide - w) / 2, (tall - h) / 2];
  const context = canvas.getContext("2d");
  const columns = [[left, 1, 0, rim], [left, w, rim, GROUND], [left + w - 1, 1, rim + GROUND, rim]];
  const rows = [[top, 1, 0, rim], [top, h, rim, high], [top + h - 1, 1, rim + high, rim]];
  for (const [sx, sw, x, dw] of columns) for (const [sy, sh, y, dh] of rows) context.drawImage(video, sx, sy, sw, sh, x, y, dw, dh);
}
