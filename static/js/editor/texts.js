// The text tool. The server draws each text with the very code of the render (POST text-layers/); here its picture is laid
// where it will be, dragged, sized and moved by keys, and its words and times are edited.

import { api } from "app/api";
import { element, icon } from "app/dialog";
import { chips, dial, percent } from "app/editor/controls";
import { frameRatio } from "app/editor/geometry";
import { clamp } from "app/editor/model";
import { rules } from "app/editor/rules";
import { clock } from "app/editor/clock";

const PAUSE = 220; // ms of quiet before the server is asked for a new picture
const DRAWN = ["text", "size", "color", "font", "background", "align"];
const SNAP = 0.015; // of the frame: nearer to the middle a dragged text jumps there
const [WIDEST, HIGHEST] = [1080, 1920]; // pixels that are asked for at most
const [SIZE, WIDE_SIZE] = [0.05, 0.1]; // of a new text
const pictures = new Map(); // key of what is drawn → promise of {url, width, height} (fractions of the frame)

const keyOf = (text, size) => JSON.stringify([DRAWN.map((name) => text[name]), size]);

/** The picture of a text in a frame of `width` × `height` pixels, cut to its block: {url, width, height} in fractions. */
function picture(text, width, height) {
  const key = keyOf(text, [width, height]);
  if (!pictures.has(key)) {
    const said = Object.fromEntries(DRAWN.map((name) => [name, text[name]]));
    const made = api.raw("text-layers/", { method: "POST", body: { ...said, x: 0.5, y: 0.5, width, height }, headers: { Accept: "image/png" }, quiet: true }).then((answer) => answer.blob()).then(cut);
    made.catch(() => pictures.delete(key));
    pictures.set(key, made);
  }
  return pictures.get(key);
}

/** The layer is as large as the frame; only the block of the text is kept, so that what is dragged is what is seen. */
async function cut(blob) {
  const image = await createImageBitmap(blob);
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let [left, top, right, bottom] = [image.width, image.height, -1, -1];
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      if (!data[4 * (y * image.width + x) + 3]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
  }
  if (right < 0) return null;
  return { url: URL.createObjectURL(blob), frame: [image.width, image.height], box: [left, top, right + 1 - left, bottom + 1 - top] };
}

export class Texts {
  constructor({ panel, stage, model, preview, open }) {
    Object.assign(this, { panel, model, preview, open, chosen: null, shown: new Map(), timers: new Map() });
    this.layer = stage.querySelector("[data-texts]");
    this.guides = { x: stage.querySelector("[data-guide=x]"), y: stage.querySelector("[data-guide=y]") };
    this.list = panel.querySelector("[data-text-list]");
    this.form = panel.querySelector("[data-text-form]");
    this.words = this.form.querySelector("[data-text=text]");
    this.bind();
    model.addEventListener("change", () => this.draw());
    preview.addEventListener("time", () => this.reveal());
    preview.addEventListener("place", (event) => this.resize(event.detail));
  }

  get text() {
    return this.chosen && this.model.text(this.chosen);
  }

  bind() {
    const change = (changes) => this.text && this.model.changeText(this.chosen, changes);
    this.words.addEventListener("input", () => change({ text: this.words.value }));
    this.form.querySelector("[data-text=color]").addEventListener("input", (event) => change({ color: event.target.value }));
    this.writers = ["font", "color", "background", "align"].map((name) => chips(this.form.querySelector(`[data-text-choice=${name}]`), { get: () => this.text?.[name], set: (value) => change({ [name]: value }) }));
    const size = { get: () => this.text?.size, set: (value) => change({ size: value }), text: percent };
    const start = { get: () => this.text?.start, set: (value) => this.time("start", value), text: clock, high: () => this.model.duration };
    const end = { get: () => this.text?.end, set: (value) => this.time("end", value), text: clock, high: () => this.model.duration };
    for (const [name, of] of Object.entries({ size, start, end })) this.writers.push(dial(this.form.querySelector(`[data-text-dial=${name}]`), of));
    this.panel.querySelector("[data-do=text-add]").addEventListener("click", () => this.add());
    this.panel.querySelector("[data-do=text-remove]").addEventListener("click", () => this.remove(this.chosen));
    for (const swatch of this.form.querySelectorAll("[data-color]")) swatch.style.setProperty("--color", swatch.dataset.color);
  }

  time(side, value) {
    const { text } = this;
    if (!text) return;
    if (side === "start") this.model.changeText(text.id, { start: clamp(value, 0, text.end - 0.1) });
    else this.model.changeText(text.id, { end: clamp(value, text.start + 0.1, this.model.duration) });
    this.preview.pause();
    this.preview.seek(side === "start" ? this.text.start : Math.max(0, this.text.end - 0.05));
  }

  add() {
    if (this.model.state.texts.length >= rules.limits.texts) return;
    const start = this.preview.time < this.model.duration - 0.5 ? this.preview.time : 0;
    // A size is of the frame's height: a wide frame is low.
    const size = frameRatio(this.model) > 1 ? WIDE_SIZE : SIZE;
    const id = this.model.addText({ text: gettext("Your text"), size, start: Math.round(start * 10) / 10 });
    this.choose(id);
    this.words.focus();
    this.words.select();
  }

  remove(id) {
    this.model.removeText(id);
    this.choose(this.model.state.texts.at(-1)?.id ?? null);
    this.panel.querySelector("[data-do=text-add]").focus();
  }

  /** Makes a text the one that the form edits, and shows a moment at which it is seen. */
  choose(id, { focus = false } = {}) {
    this.chosen = id;
    this.draw();
    const { text } = this;
    if (text && !this.preview.playing && (this.preview.time < text.start || this.preview.time >= text.end)) this.preview.seek(text.start + 0.01);
    if (focus) this.words.focus();
  }

  // --- On the stage ---

  /** Pictures are asked for at the frame's real size in pixels, once it stays. */
  resize({ width }) {
    const pixels = Math.min(2, devicePixelRatio || 1);
    const ratio = this.layer.clientWidth / (this.layer.clientHeight || 1) || rules.vertical;
    const wide = Math.min(WIDEST, Math.floor(HIGHEST * ratio), 2 * Math.round((width * pixels) / 2));
    this.size = [wide, 2 * Math.round(wide / ratio / 2)];
    this.draw();
  }

  draw() {
    const { texts } = this.model.state;
    if (this.chosen && !this.text) this.chosen = texts.at(-1)?.id ?? null;
    for (const [id, box] of this.shown) {
      if (texts.some((text) => text.id === id)) continue;
      box.remove();
      this.shown.delete(id);
    }
    for (const text of texts) this.lay(text);
    this.reveal();
    this.write();
  }

  lay(text) {
    let box = this.shown.get(text.id);
    if (!box) {
      box = element("button", { type: "button", class: "stage__text", hidden: true }, element("img", { alt: "", draggable: false }), element("span", { class: "stage__grip", "aria-hidden": "true" }));
      this.hands(box, text.id);
      this.shown.set(text.id, box);
      this.layer.append(box);
    }
    box.setAttribute("aria-label", interpolate(gettext("Text: %(words)s. Arrow keys move it, plus and minus size it, Delete removes it."), { words: text.text }, true));
    box.toggleAttribute("data-chosen", text.id === this.chosen);
    box.style.left = `${100 * text.x}%`;
    box.style.top = `${100 * text.y}%`;
    // Before its first picture has come there is nothing to hold.
    if (!text.text.trim()) box.hidden = true;
    if (!this.size || !text.text.trim()) return;
    const key = keyOf(text, this.size);
    if (box.dataset.key === key) return void (box.hidden = false);
    clearTimeout(this.timers.get(text.id));
    const later = pictures.has(key) || !box.dataset.key ? 0 : PAUSE;
    this.timers.set(text.id, setTimeout(() => this.paint(text.id, box), later));
  }

  async paint(id, box) {
    const text = this.model.text(id);
    if (!text?.text.trim()) return;
    const key = keyOf(text, this.size);
    try {
      const made = await picture(text, ...this.size);
      const now = this.model.text(id);
      if (!made || !now || keyOf(now, this.size) !== key) return;
      const [wide, high] = made.frame;
      const [left, top, width, height] = made.box;
      const image = box.firstElementChild;
      // The box is the text's block; the layer is laid so that its middle is where the text's centre is.
      box.style.width = `${(100 * width) / wide}%`;
      box.style.height = `${(100 * height) / high}%`;
      box.style.setProperty("--dx", `${(100 * (wide / 2 - left)) / width}%`);
      box.style.setProperty("--dy", `${(100 * (high / 2 - top)) / height}%`);
      image.style.width = `${(100 * wide) / width}%`;
      image.style.left = `${(-100 * left) / width}%`;
      image.style.top = `${(-100 * top) / height}%`;
      image.src = made.url;
      box.dataset.key = key;
      box.hidden = false;
    } catch {
      box.dataset.key = "";
    }
  }

  reveal() {
    const { time, playing } = this.preview;
    for (const text of this.model.state.texts) {
      const box = this.shown.get(text.id);
      if (!box) continue;
      const seen = time >= text.start - 0.001 && time < text.end - 0.001;
      // While it is worked on a text can be seen, faintly, outside its time.
      box.toggleAttribute("data-away", !seen);
      box.toggleAttribute("data-ghost", !seen && !playing && text.id === this.chosen && this.open() === "text");
    }
  }

  hands(box, id) {
    box.addEventListener("focus", () => this.chosen !== id && this.choose(id));
    box.addEventListener("keydown", (event) => this.key(event, id));
    box.addEventListener("dblclick", () => this.choose(id, { focus: true }));
    box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      box.focus({ preventScroll: true });
      this.choose(id);
      this.open("text");
      if (event.target.closest(".stage__grip")) this.stretch(event, box, id);
      else this.drag(event, box, id);
    });
  }

  drag(event, box, id) {
    const { x, y } = this.model.text(id);
    const frame = this.layer.getBoundingClientRect();
    this.hold(event, box, (now) => {
      const to = { x: clamp(x + (now.clientX - event.clientX) / frame.width, 0, 1), y: clamp(y + (now.clientY - event.clientY) / frame.height, 0, 1) };
      for (const axis of ["x", "y"]) {
        const middle = Math.abs(to[axis] - 0.5) < SNAP;
        if (middle) to[axis] = 0.5;
        this.guides[axis].hidden = !middle;
      }
      this.model.changeText(id, to);
    });
  }

  stretch(event, box, id) {
    const { size } = this.model.text(id);
    const edge = box.getBoundingClientRect();
    const [midX, midY] = [edge.left + edge.width / 2, edge.top + edge.height / 2];
    const begin = Math.max(8, Math.hypot(event.clientX - midX, event.clientY - midY));
    this.hold(event, box, (now) => this.model.changeText(id, { size: this.sized((size * Math.hypot(now.clientX - midX, now.clientY - midY)) / begin) }));
  }

  sized(size) {
    return Math.round(1000 * clamp(size, ...rules.limits.text_sizes)) / 1000;
  }

  hold(event, box, move) {
    box.setPointerCapture(event.pointerId);
    const end = () => {
      box.removeEventListener("pointermove", move);
      for (const guide of Object.values(this.guides)) guide.hidden = true;
      this.model.settle();
    };
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", end, { once: true });
    box.addEventListener("pointercancel", end, { once: true });
  }

  key(event, id) {
    const text = this.model.text(id);
    const step = event.shiftKey ? 0.05 : 0.01;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (by) this.model.changeText(id, { x: clamp(text.x + by[0], 0, 1), y: clamp(text.y + by[1], 0, 1) });
    else if (event.key === "+" || event.key === "=") this.model.changeText(id, { size: this.sized(text.size + 0.004) });
    else if (event.key === "-") this.model.changeText(id, { size: this.sized(text.size - 0.004) });
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(id);
    else if (event.key === "Enter") this.open("text"), this.choose(id, { focus: true });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // --- In the panel ---

  write() {
    const { texts } = this.model.state;
    const { text } = this;
    this.form.hidden = !text;
    this.panel.querySelector("[data-field=text-empty]").hidden = texts.length > 0;
    this.panel.querySelector("[data-do=text-add]").disabled = texts.length >= rules.limits.texts;
    this.list.hidden = texts.length < 2;
    this.list.replaceChildren(...(texts.length < 2 ? [] : texts.map((one) => element("button", { type: "button", class: "texts__one", "aria-pressed": String(one.id === this.chosen), onclick: () => this.choose(one.id) }, icon("type"), element("span", { textContent: one.text || gettext("Text"), dir: "auto" })))));
    if (!text) return;
    if (this.words.value !== text.text) this.words.value = text.text;
    this.form.querySelector("[data-text=color]").value = text.color;
    for (const writer of this.writers) writer();
  }
}
