// The timeline: each file as a strip of its pictures with a window over what is kept, its sound below, texts and sounds as
// bars, a playhead. The strips show whole files, so that what was cut can be seen and taken back.

import { element } from "app/dialog";
import { clock, spoken } from "app/editor/clock";
import { SHORTEST } from "app/editor/model";
import { soundLevel } from "app/editor/mixer";
import { slide } from "app/editor/slide";
import { rules } from "app/editor/rules";

const GAP = 14; // px between two strips
const EDGE = 16; // px at both ends, so that handles are whole
const MOST_FRAMES = 40; // pictures read from one file; zooming spreads them
const ZOOMS = [1, 1.5, 2.5, 4, 7, 12, 20];

export class Timeline {
  constructor(box, model, preview, choose) {
    Object.assign(this, { box, model, preview, choose, zoom: 0, slots: [], writers: [] });
    for (const name of ["view", "inside", "ruler", "clips", "lanes", "head", "now", "length", "too-long"]) this[name] = box.querySelector(`[data-tl=${name}]`);
    this.off = new AbortController();
    const { signal } = this.off;
    model.addEventListener("change", (event) => this.changed(event.detail), { signal });
    model.addEventListener("sources", () => this.draw(), { signal });
    preview.addEventListener("time", () => this.follow(), { signal });
    preview.addEventListener("play", () => box.toggleAttribute("data-playing", preview.playing), { signal });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.view);
    this.view.addEventListener("pointerdown", (event) => this.scrub(event));
    this.writeHead = slide(this.head, {
      label: gettext("Playhead"),
      get: () => preview.time,
      low: () => 0,
      high: () => model.duration,
      set: (time) => preview.seek(time),
      from: (event) => this.timeAt(event),
    });
    this.draw();
  }

  // --- Where what is ---

  layout() {
    const shown = this.model.segments.filter((segment) => segment.source);
    const total = shown.reduce((sum, segment) => sum + (segment.source.duration || segment.to), 0);
    const room = Math.max(120, this.view.clientWidth - 2 * EDGE - GAP * Math.max(0, shown.length - 1));
    this.scale = total ? (room / total) * ZOOMS[this.zoom] : 1;
    let left = EDGE;
    this.slots = shown.map((segment) => {
      const width = (segment.source.duration || segment.to) * this.scale;
      const slot = { segment, left, width };
      left += width + GAP;
      return slot;
    });
    this.width = left - GAP + EDGE;
  }

  /** Finished seconds → pixels. */
  x(time) {
    const place = this.model.locate(time);
    const slot = place && this.slots[place.index];
    return slot ? slot.left + place.time * this.scale : EDGE;
  }

  timeAt(event) {
    return this.timeOf(event.clientX - this.inside.getBoundingClientRect().left);
  }

  /** Pixels → finished seconds; what is cut away belongs to the nearest kept moment. */
  timeOf(x) {
    let best = 0;
    for (const { segment, left, width } of this.slots) {
      if (x < left) break;
      const own = Math.min(Math.max((Math.min(x, left + width) - left) / this.scale, segment.from), segment.to);
      best = segment.at + (own - segment.from) / segment.rate;
    }
    return best;
  }

  // --- Drawing ---

  changed(names) {
    if (["clips", "speed", "remix_trim"].some((name) => names.has(name))) this.held ? this.fit() : this.draw();
    else this.drawLanes();
    this.write();
  }

  draw() {
    this.layout();
    this.inside.style.width = `${this.width}px`;
    this.writers = [];
    this.clips.replaceChildren(...this.slots.map((slot, i) => this.clip(slot, i)));
    this.fit();
    this.drawLanes();
    this.write();
  }

  clip(slot, i) {
    const { segment } = slot;
    const cut = { start: element("span", { class: "tl-clip__cut" }), end: element("span", { class: "tl-clip__cut tl-clip__cut--end" }) };
    const kept = element("span", { class: "tl-clip__kept" });
    const handles = ["start", "end"].map((side) => this.handle(slot, i, side));
    const film = element("canvas", { class: "tl-clip__film", "aria-hidden": "true" });
    const wave = element("canvas", { class: "tl-clip__wave", "aria-hidden": "true" });
    const box = element("div", { class: "tl-clip" }, film, wave, cut.start, cut.end, kept, ...handles);
    box.toggleAttribute("data-other", segment.clip === -1);
    box.style.left = `${slot.left}px`;
    box.style.width = `${slot.width}px`;
    Object.assign(slot, { box, cut, kept, handles });
    this.film(film, segment.source, slot.width);
    this.wave(wave, segment.source, slot.width);
    return box;
  }

  handle(slot, i, side) {
    const { model } = this;
    const clip = slot.segment.clip;
    const many = model.state.clips.length > 1;
    const names = { start: many ? gettext("Start of clip %(number)s") : gettext("Start"), end: many ? gettext("End of clip %(number)s") : gettext("End") };
    const other = { start: gettext("Start of the stitched part"), end: gettext("End of the stitched part") };
    const window = () => (clip === -1 ? model.state.remix_trim : model.state.clips[clip]);
    const handle = element("div", { class: `tl-handle tl-handle--${side}`, "data-side": side });
    this.writers.push(
      slide(handle, {
        label: clip === -1 ? other[side] : interpolate(names[side], { number: clip + 1 }, true),
        get: () => window()?.[side] ?? 0,
        low: () => (side === "start" ? 0 : (window()?.start ?? 0) + SHORTEST),
        high: () => (side === "end" ? slot.segment.source.duration : (window()?.end ?? 0) - SHORTEST),
        set: (time) => {
          this.held = true;
          if (clip === -1) trimOther(model, side, time);
          else model.trim(clip, side, time);
          this.peek(i, side);
        },
        from: (event) => (event.clientX - slot.box.getBoundingClientRect().left) / this.scale,
        text: (time) => interpolate(gettext("%(time)s of %(length)s"), { time: spoken(time), length: clock(slot.segment.source.duration) }, true),
        done: (byKey) => {
          this.held = false;
          if (!byKey) model.settle();
        },
      }),
    );
    return handle;
  }

  /** The stage shows the picture at the edge that moves. */
  peek(i, side) {
    const segment = this.model.segments[i];
    if (segment) this.preview.seek(side === "start" ? segment.at : Math.max(segment.at, segment.until - 0.04));
  }

  /** Lays windows and cuts over the strips; cheap, for while something is dragged. */
  fit() {
    const { segments } = this.model;
    for (const [i, slot] of this.slots.entries()) {
      slot.segment = segments[i] ?? slot.segment;
      const { from, to } = slot.segment;
      const [a, b] = [from * this.scale, to * this.scale];
      slot.cut.start.style.width = `${a}px`;
      slot.cut.end.style.width = `${Math.max(0, slot.width - b)}px`;
      slot.kept.style.left = `${a}px`;
      slot.kept.style.width = `${Math.max(2, b - a)}px`;
      slot.handles[0].style.left = `${a}px`;
      slot.handles[1].style.left = `${b}px`;
    }
    this.drawRuler();
    this.drawLanes();
  }

  async film(canvas, source, width) {
    const height = 60;
    const pixels = devicePixelRatio || 1;
    canvas.width = Math.min(8000, Math.round(width * pixels));
    canvas.height = height * pixels;
    if (!source.readable) return;
    const shape = Math.min(2, Math.max(0.5, source.width / source.height));
    const wide = height * pixels * shape;
    const context = canvas.getContext("2d");
    const lay = (picture, at, frames) => {
      // Each frame covers the cells nearest to its moment.
      const cells = Math.ceil(canvas.width / wide);
      for (let cell = 0; cell < cells; cell += 1) {
        if (Math.min(frames - 1, Math.floor(((cell + 0.5) / cells) * frames)) === at) context.drawImage(picture, cell * wide, 0, wide, canvas.height);
      }
    };
    const count = Math.min(MOST_FRAMES, Math.max(6, Math.ceil(source.duration * 2)));
    source.film ??= { frames: [], waiting: new Set(), count };
    source.film.frames.forEach((picture, at) => lay(picture, at, source.film.count));
    if (source.film.begun) return void source.film.waiting.add(lay);
    source.film.begun = true;
    source.film.waiting.add(lay);
    await source.frames(source.film.count, 0, source.duration, (at, video) => {
      const picture = Object.assign(document.createElement("canvas"), { width: Math.round(wide), height: Math.round(height * pixels) });
      const scale = Math.max(picture.width / video.videoWidth, picture.height / video.videoHeight);
      picture.getContext("2d").drawImage(video, (picture.width - video.videoWidth * scale) / 2, (picture.height - video.videoHeight * scale) / 2, video.videoWidth * scale, video.videoHeight * scale);
      source.film.frames[at] = picture;
      for (const show of source.film.waiting) show(picture, at, source.film.count);
    });
    source.film.waiting.clear();
    this.box.dispatchEvent(new CustomEvent("film", { bubbles: true, detail: source }));
  }

  async wave(canvas, source, width) {
    const peaks = await source.peaks();
    drawPeaks(canvas, peaks, width, 26);
    canvas.hidden = !peaks.length;
  }

  drawRuler() {
    const { duration } = this.model;
    const steps = [0.5, 1, 2, 5, 10, 15, 30, 60];
    const step = steps.find((one) => one * this.scale >= 56) ?? 60;
    const marks = [];
    for (let time = 0; time < duration + 0.01 && marks.length < 200; time += step) {
      const mark = element("span", { class: "timeline__mark", textContent: clock(time, step < 1) });
      mark.style.left = `${this.x(Math.min(time, duration))}px`;
      marks.push(mark);
    }
    this.ruler.replaceChildren(...marks);
  }

  drawLanes() {
    const { state, duration } = this.model;
    const rows = [];
    if (state.texts.length) rows.push(element("div", { class: "tl-lane" }, ...packed(state.texts).flatMap((text) => this.textBar(text))));
    if (state.sound) rows.push(element("div", { class: "tl-lane" }, this.soundBar(state.sound, duration)));
    if (state.voice) rows.push(element("div", { class: "tl-lane" }, this.voiceBar(state.voice, duration)));
    if (this.dragging) return;
    const focused = this.lanes.contains(document.activeElement) ? document.activeElement.dataset.bar : null;
    this.lanes.replaceChildren(...rows);
    if (rows[0] && state.texts.length) rows[0].style.setProperty("--rows", 1 + Math.max(...state.texts.map((text) => this.rowOf(text.id))));
    if (focused) this.lanes.querySelector(`[data-bar="${focused}"]`)?.focus();
  }

  rowOf(id) {
    return packed(this.model.state.texts).find((text) => text.id === id)?.row ?? 0;
  }

  bar(kind, id, from, to, label) {
    const bar = element("button", { type: "button", class: `tl-bar tl-bar--${kind}`, "data-bar": id, onclick: () => this.choose(kind, id) }, element("span", { class: "tl-bar__label", textContent: label, dir: "auto" }));
    const left = this.x(from);
    bar.style.left = `${left}px`;
    bar.style.width = `${Math.max(8, this.x(Math.max(from, to - 0.001)) - left)}px`;
    return bar;
  }

  textBar(text) {
    const bar = this.bar("text", text.id, text.start, text.end, text.text || gettext("Text"));
    bar.style.setProperty("--row", text.row);
    bar.addEventListener("pointerdown", (event) => this.dragText(event, bar, text));
    return bar;
  }

  /** A text's bar is moved by its middle and stretched by its ends. (Keys: the fields of the text tool.) */
  dragText(event, bar, text) {
    if (event.button) return;
    event.stopPropagation();
    const edge = bar.getBoundingClientRect();
    const near = Math.min(12, edge.width / 3);
    const part = event.clientX < edge.left + near ? "start" : event.clientX > edge.right - near ? "end" : "both";
    const begin = this.timeAt(event);
    bar.setPointerCapture(event.pointerId);
    const move = (now) => {
      this.dragging = true;
      const by = this.timeAt(now) - begin;
      const { duration } = this.model;
      const length = text.end - text.start;
      const start = part === "end" ? text.start : Math.min(Math.max(0, text.start + by), part === "both" ? duration - length : text.end - 0.1);
      const end = part === "both" ? start + length : part === "end" ? Math.min(duration, Math.max(text.start + 0.1, text.end + by)) : text.end;
      this.model.changeText(text.id, { start, end });
      bar.style.left = `${this.x(start)}px`;
      bar.style.width = `${Math.max(8, this.x(end - 0.001) - this.x(start))}px`;
      this.preview.seek(part === "end" ? Math.max(start, end - 0.05) : start);
    };
    const end = () => {
      bar.removeEventListener("pointermove", move);
      this.dragging = false;
      this.model.settle();
      this.drawLanes();
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("pointerup", end, { once: true });
    bar.addEventListener("pointercancel", end, { once: true });
  }

  soundBar(sound, duration) {
    const end = Math.min(duration, (sound.duration || Infinity) - sound.start);
    const bar = this.bar("sound", "sound", 0, end, sound.title ?? gettext("Sound"));
    const canvas = element("canvas", { "aria-hidden": "true" });
    bar.prepend(canvas);
    const peaks = sound.peaks ?? [];
    if (peaks.length && sound.duration) {
      const per = peaks.length / sound.duration;
      const part = peaks.slice(Math.floor(sound.start * per), Math.ceil((sound.start + end) * per));
      const levels = part.map((peak, i) => (peak / 100) * Math.min(1, soundLevel({ ...sound, volume: Math.min(1, sound.volume) }, (i / part.length) * end, duration)));
      drawPeaks(canvas, levels, this.x(end) - this.x(0), 24);
    }
    return bar;
  }

  voiceBar(voice, duration) {
    const source = this.model.source(voice.source);
    const end = Math.min(duration, voice.start + (source?.duration || duration));
    const bar = this.bar("voice", "voice", voice.start, end, gettext("Voice-over"));
    const canvas = element("canvas", { "aria-hidden": "true" });
    bar.prepend(canvas);
    source?.peaks().then((peaks) => drawPeaks(canvas, peaks, this.x(end) - this.x(voice.start), 24));
    return bar;
  }

  write() {
    const { duration, tooLong, most } = this.model;
    this.length.textContent = clock(duration);
    this["too-long"].hidden = !tooLong;
    if (tooLong) this["too-long"].textContent = interpolate(gettext("%(over)s over the limit of %(most)s. Move a handle, or speed it up."), { over: clock(tooLong), most: clock(most, false) }, true);
    for (const writer of this.writers) writer();
    this.follow();
  }

  follow() {
    const { time, playing } = this.preview;
    this.now.textContent = clock(time);
    const x = this.x(Math.min(time, Math.max(0, this.model.duration - 0.001)));
    this.head.style.left = `${x}px`;
    this.writeHead();
    if (playing && (x < this.view.scrollLeft || x > this.view.scrollLeft + this.view.clientWidth - 40)) this.view.scrollLeft = x - 60;
  }

  // --- Hands ---

  /** A press anywhere on the strips puts the playhead there and drags it. */
  scrub(event) {
    if (event.button || event.target.closest(".tl-handle, .tl-bar, [data-tl=head]") || event.pointerType === "touch") return this.tap(event);
    event.preventDefault();
    this.preview.pause();
    this.preview.seek(this.timeAt(event));
    this.head.focus({ preventScroll: true });
    const move = (now) => this.preview.seek(this.timeAt(now));
    const end = () => removeEventListener("pointermove", move);
    addEventListener("pointermove", move);
    addEventListener("pointerup", end, { once: true });
    addEventListener("pointercancel", end, { once: true });
  }

  /** On glass a press may begin a scroll: only a tap moves the playhead. */
  tap(event) {
    if (event.pointerType !== "touch" || event.target.closest(".tl-handle, .tl-bar, [data-tl=head]")) return;
    const { clientX } = event;
    addEventListener("pointerup", (now) => Math.abs(now.clientX - clientX) < 8 && this.preview.seek(this.timeAt(now)), { once: true });
  }

  magnify(by) {
    const middle = this.preview.time;
    this.zoom = Math.min(ZOOMS.length - 1, Math.max(0, this.zoom + by));
    this.draw();
    this.view.scrollLeft = this.x(middle) - this.view.clientWidth / 2;
    return { least: this.zoom === 0, most: this.zoom === ZOOMS.length - 1 };
  }

  close() {
    this.off.abort();
    this.watch.disconnect();
  }
}

/** Moves one end of what is taken from the stitched clip, at most `stitch_seconds` long. */
function trimOther(model, side, time) {
  const { duration } = model.remix.source;
  const most = rules.limits.stitch_seconds;
  let { start, end } = model.state.remix_trim;
  if (side === "start") {
    start = Math.min(Math.max(0, time), Math.min(duration, end) - SHORTEST);
    if (end - start > most) end = start + most;
  } else {
    end = Math.min(duration, Math.max(time, start + SHORTEST));
    if (end - start > most) start = end - most;
  }
  model.change(`remix-trim-${side}`, { remix_trim: { start, end } });
}

/** Texts with the row in which each finds room. */
function packed(texts) {
  const ends = [];
  return [...texts].sort((a, b) => a.start - b.start).map((text) => {
    let row = ends.findIndex((end) => end <= text.start + 0.001);
    if (row < 0) row = ends.length;
    ends[row] = text.end;
    return { ...text, row };
  });
}

/** A waveform: one bar every three pixels, in the colour of its canvas. `peaks` from 0 to 1. */
export function drawPeaks(canvas, peaks, width, height) {
  const pixels = devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.min(8000, Math.round(width * pixels)));
  canvas.height = height * pixels;
  if (!peaks.length) return;
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(canvas).color;
  const step = 3 * pixels;
  const bars = Math.floor(canvas.width / step);
  for (let i = 0; i < bars; i += 1) {
    const from = Math.floor((i / bars) * peaks.length);
    const to = Math.max(from + 1, Math.floor(((i + 1) / bars) * peaks.length));
    const most = Math.max(0.03, ...peaks.slice(from, to));
    const high = most * canvas.height;
    context.fillRect(i * step, (canvas.height - high) / 2, 2 * pixels, high);
  }
}
