// The sound tool: a dialog to find a sound and hear it, and the panel with its start, volumes and fades.

import { api } from "app/api";
import { element, icon, openDialog } from "app/dialog";
import { clock } from "app/editor/clock";
import { dial, percent, seconds } from "app/editor/controls";
import { drawPeaks } from "app/editor/timeline";
import { slide } from "app/editor/slide";

const PAUSE = 200; // ms of quiet typing before the search

/** Opens the picker; resolves to a sound as the API tells of it, or null. */
export function pickSound() {
  return new Promise((resolve) => {
    const picker = new Picker();
    picker.box.addEventListener("close", () => resolve(picker.picked));
  });
}

class Picker {
  constructor() {
    this.picked = null;
    this.audio = new Audio();
    this.search = element("input", { type: "search", placeholder: gettext("Search by title or artist"), "aria-label": gettext("Search sounds"), autocomplete: "off" });
    this.list = element("ul", { class: "picker__list", "aria-label": gettext("Sounds") });
    this.status = element("p", { class: "quiet small", role: "status" });
    this.more = element("button", { type: "button", class: "button button--small button--quiet", textContent: gettext("More"), hidden: true, onclick: () => this.load(this.next, true) });
    this.box = openDialog(gettext("Choose a sound"), [element("div", { class: "picker" }, this.search, this.status, this.list, this.more)], { sheet: true });
    this.box.classList.add("dialog--picker");
    this.box.addEventListener("close", () => this.audio.pause());
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.find(), PAUSE);
    });
    this.audio.addEventListener("timeupdate", () => this.playing?.style.setProperty("--at", `${(100 * this.audio.currentTime) / (this.audio.duration || 1)}%`));
    for (const name of ["ended", "pause"]) this.audio.addEventListener(name, () => this.mark(null));
    this.search.focus();
    this.find();
  }

  find() {
    return this.load(`sounds/?q=${encodeURIComponent(this.search.value.trim())}`);
  }

  async load(address, add = false) {
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const answer = await api.get(address, { signal: this.asked.signal });
      const rows = answer.results.map((sound) => this.row(sound));
      if (add) this.list.append(...rows);
      else this.list.replaceChildren(...rows);
      this.next = answer.next;
      this.more.hidden = !answer.next;
      const found = this.list.children.length;
      this.status.textContent = found ? "" : gettext("No sound by that name. Try another word.");
      this.list.querySelectorAll("canvas").forEach((canvas) => drawPeaks(canvas, canvas.peaks, canvas.clientWidth, 28));
    } catch (error) {
      if (error.name !== "AbortError") this.status.textContent = error.message;
    }
  }

  row(sound) {
    const canvas = Object.assign(element("canvas", { "aria-hidden": "true" }), { peaks: (sound.peaks ?? []).map((peak) => peak / 100) });
    const play = element("button", { type: "button", class: "icon-button picker__play", "aria-pressed": "false", "aria-label": interpolate(gettext("Play %(title)s"), { title: sound.title }, true), disabled: !sound.preview }, icon("play"), icon("pause"));
    const take = element("button", { type: "button", class: "button button--small", textContent: gettext("Use"), "aria-label": interpolate(gettext("Use %(title)s"), { title: sound.title }, true) });
    const uses = sound.uses ? interpolate(ngettext("%(count)s clip", "%(count)s clips", sound.uses), { count: sound.uses.toLocaleString(document.documentElement.lang) }, true) : "";
    const line = [sound.artist, clock(sound.duration, false), uses].filter(Boolean).join(" · ");
    const row = element("li", { class: "picker__one" }, play, element("div", { class: "picker__what" }, element("strong", { textContent: sound.title, dir: "auto" }), element("span", { class: "quiet small", textContent: line, dir: "auto" }), canvas), take);
    play.addEventListener("click", () => this.hear(sound, row));
    take.addEventListener("click", () => {
      this.picked = sound;
      this.box.close();
    });
    return row;
  }

  hear(sound, row) {
    if (this.playing === row) return this.audio.pause();
    this.audio.src = sound.preview;
    this.audio.play().then(() => this.mark(row)).catch(() => this.mark(null));
  }

  mark(row) {
    for (const one of this.list.querySelectorAll("[data-playing]")) {
      one.removeAttribute("data-playing");
      one.querySelector(".picker__play").setAttribute("aria-pressed", "false");
    }
    this.playing = row;
    row?.setAttribute("data-playing", "");
    row?.querySelector(".picker__play").setAttribute("aria-pressed", "true");
  }
}

export class SoundTool {
  constructor(panel, model, preview) {
    Object.assign(this, { panel, model, preview });
    const find = (name) => panel.querySelector(`[data-${name}]`);
    Object.assign(this, { none: find("sound-none"), box: find("sound"), wave: find("sound-wave"), window: find("sound-window"), handle: find("sound-start") });
    const bind = (name, text) => dial(find(`sound-dial=${name}`), { get: () => model.state.sound?.[name], set: (value) => model.changeSound({ [name]: value }), text });
    this.writers = [bind("volume", percent), bind("original_volume", percent), bind("fade_in", seconds), bind("fade_out", seconds)];
    this.writers.push(
      slide(this.handle, {
        label: gettext("Where the sound begins"),
        get: () => model.state.sound?.start ?? 0,
        low: () => 0,
        high: () => Math.max(0, (model.state.sound?.duration ?? 0) - 0.5),
        set: (start) => model.changeSound({ start }),
        from: (event) => {
          const box = this.wave.getBoundingClientRect();
          return ((event.clientX - box.left) / box.width) * (model.state.sound?.duration ?? 0);
        },
        done: (byKey) => byKey || model.settle(),
      }),
    );
    panel.querySelector("[data-do=sound-choose]").addEventListener("click", () => this.choose());
    panel.querySelector("[data-do=sound-remove]").addEventListener("click", () => model.setSound(null));
    model.addEventListener("change", () => this.write());
    this.write();
  }

  async choose() {
    this.preview.pause();
    const sound = await pickSound();
    if (sound) this.take(sound);
  }

  take({ id, title, artist, duration, preview, peaks }) {
    this.model.setSound({ id: String(id), title, artist, duration, preview, peaks });
  }

  write() {
    const { sound } = this.model.state;
    this.none.hidden = Boolean(sound);
    this.box.hidden = !sound;
    this.panel.querySelector("[data-do=sound-remove]").hidden = !sound;
    this.panel.querySelector("[data-field=sound-choose]").textContent = sound ? gettext("Choose another") : gettext("Choose a sound");
    if (!sound) return;
    this.panel.querySelector("[data-field=sound-title]").textContent = sound.title ?? "";
    this.panel.querySelector("[data-field=sound-artist]").textContent = sound.artist ?? "";
    const length = sound.duration || 1;
    this.handle.style.left = `${(100 * sound.start) / length}%`;
    this.window.style.left = `${(100 * sound.start) / length}%`;
    this.window.style.width = `${Math.min(100 - (100 * sound.start) / length, (100 * this.model.duration) / length)}%`;
    const canvas = this.wave.querySelector("canvas");
    if (this.drawn !== sound.id && this.wave.clientWidth) {
      this.drawn = sound.id;
      drawPeaks(canvas, (sound.peaks ?? []).map((peak) => peak / 100), this.wave.clientWidth, 44);
    }
    for (const writer of this.writers) writer();
  }
}
