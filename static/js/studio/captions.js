// <captions-editor video>: the captions of a clip, one language at a time, written beside the playing clip. Lines follow
// the clip as it plays; times can be typed, nudged with ↑ ↓, or taken from where the clip is.

import { api } from "app/api";
import { confirmDialog, element, icon } from "app/dialog";
import { clock, parse, seconds, write } from "app/studio/vtt";
import { complain, toast } from "app/toast";

const SHORTEST = 0.3; // s a line shows at least
const USUAL = 2; // s a new line gets
const round = (value) => Math.round(value * 1000) / 1000;

class CaptionsEditor extends HTMLElement {
  connectedCallback() {
    this.clip = this.getAttribute("video");
    this.player = document.querySelector(this.getAttribute("player"));
    this.overlay = document.querySelector(this.getAttribute("overlay"));
    this.piece = (name) => this.querySelector(`[data-part="${name}"]`);
    this.cues = [];
    this.rows = new Map();
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("keydown", (event) => this.key(event));
    this.piece("file").addEventListener("change", (event) => this.upload(event.target));
    this.piece("add").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open(new FormData(event.target).get("language"));
    });
    this.player?.addEventListener("timeupdate", () => this.follow());
    this.player?.addEventListener("seeked", () => this.follow());
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
  }

  get path() {
    return `videos/${this.clip}/captions/${this.language}/`;
  }

  get length() {
    return this.player?.duration || Number(this.getAttribute("duration"));
  }

  get now() {
    return round(this.player?.currentTime ?? 0);
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.language) this.open(button.dataset.language);
    const act = button.dataset.do;
    const cue = this.cueOf(button);
    if (act) this[act]?.(cue);
  }

  cueOf(node) {
    return this.rows.get(node.closest("[data-cue]"));
  }

  rowOf(cue) {
    return [...this.rows].find(([, held]) => held === cue)?.[0];
  }

  // --- One language -------------------------------------------------------------------------------------------------

  async open(language) {
    if (this.dirty && !(await confirmDialog(gettext("Leave these captions?"), gettext("What you changed is not saved."), gettext("Leave")))) return;
    this.language = language;
    try {
      const known = this.querySelector(`[data-language="${language}"]`);
      const held = known ? await api.get(this.path) : null;
      this.load(held ? parse(held.vtt) : [], false);
      this.note(held, known && (await api.get(`videos/${this.clip}/captions/`)).results.find((track) => track.language === language));
      if (!known) this.chip(language);
    } catch (error) {
      return complain(error);
    }
    for (const chip of this.querySelectorAll("[data-language]")) chip.setAttribute("aria-pressed", String(chip.dataset.language === language));
    this.piece("editor").hidden = false;
    if (!this.cues.length) this.piece("empty").hidden = false;
  }

  /** What to know before one reads these: who wrote them, and whether the clip changed since. */
  note(held, track) {
    const line = this.piece("note");
    line.hidden = !held?.automatic && !track?.check;
    line.textContent = track?.check
      ? gettext("The clip was edited since these were written. Look at the times; saving confirms them.")
      : gettext("A machine wrote these. Read them once; saving makes them yours.");
  }

  chip(language) {
    const name = this.querySelector(`option[value="${language}"]`)?.textContent ?? language;
    this.piece("languages").append(element("button", { type: "button", class: "chip", "data-language": language, "aria-pressed": "true", textContent: name }));
  }

  load(cues, dirty = true) {
    this.cues = cues;
    this.paint();
    this.changed(dirty);
  }

  changed(dirty = true) {
    this.dirty = dirty;
    this.piece("save").disabled = !dirty;
    this.piece("status").textContent = dirty ? gettext("Not saved yet") : "";
    this.piece("empty").hidden = this.cues.length > 0;
    this.follow();
  }

  async save() {
    if (!this.check()) return;
    const button = this.piece("save");
    button.disabled = true;
    try {
      await api.put(this.path, { vtt: write(this.cues) });
      this.changed(false);
      this.piece("note").hidden = true;
      this.piece("status").textContent = gettext("Saved.");
      this.querySelector(`[data-language="${this.language}"]`).toggleAttribute("data-kept", true);
    } catch (error) {
      button.disabled = false;
      this.wrong(error.message);
    }
  }

  wrong(text) {
    const line = this.piece("wrong");
    line.textContent = text;
    line.hidden = !text;
  }

  /** The first line that cannot be saved gets the focus. */
  check() {
    this.wrong("");
    for (const cue of this.cues) {
      const row = this.rowOf(cue);
      const bad = !(cue.end > cue.start) ? "end" : !cue.text.trim() ? "text" : cue.start >= this.length ? "start" : "";
      for (const name of ["start", "end", "text"]) row.querySelector(`[data-field=${name}]`).toggleAttribute("aria-invalid", false);
      if (!bad) continue;
      const field = row.querySelector(`[data-field=${bad}]`);
      field.setAttribute("aria-invalid", "true");
      field.focus();
      this.wrong({ end: gettext("This line ends before it begins."), text: gettext("This line has no words. Write some or delete it."), start: gettext("This line lies after the end of the clip.") }[bad]);
      return false;
    }
    if (!this.cues.length) this.wrong(gettext("Add a line first."));
    return this.cues.length > 0;
  }

  async remove() {
    const kept = this.querySelector(`[data-language="${this.language}"]`)?.hasAttribute("data-kept");
    if (!(await confirmDialog(gettext("Delete these captions?"), gettext("They go away for everybody who watches in this language."), gettext("Delete")))) return;
    try {
      if (kept) await api.delete(this.path);
      this.querySelector(`[data-language="${this.language}"]`)?.remove();
      this.load([], false);
      this.piece("editor").hidden = true;
      toast(gettext("Captions deleted."));
    } catch (error) {
      complain(error);
    }
  }

  async upload(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    if (file.size > 400_000) return this.wrong(gettext("This file is too large for captions."));
    const cues = parse(await file.text());
    if (!cues.length) return this.wrong(gettext("There are no captions in this file. Choose a WebVTT (.vtt) or SubRip (.srt) file."));
    this.wrong("");
    this.load(cues);
  }

  /** Asks the server to write down what it hears, and waits. */
  async hear() {
    const button = this.piece("hear");
    button.disabled = true;
    const { clip, language, path } = this;
    try {
      for (;;) {
        const { state, percent = 0, error } = await api.post(`${path}automatic/`);
        if (state === "failed") throw new Error(error?.message || gettext("Nothing could be understood in this clip."));
        if (state === "done") break;
        this.piece("status").textContent = interpolate(gettext("Listening… %(percent)s %"), { percent: Math.round(percent) }, true);
        await new Promise((resolve) => setTimeout(resolve, 1200));
      }
      if (this.clip === clip && this.language === language) {
        this.querySelector(`[data-language="${language}"]`)?.toggleAttribute("data-kept", true);
        this.dirty = false;
        await this.open(language);
      }
    } catch (error) {
      this.wrong(error.message);
      this.piece("status").textContent = "";
    }
    button.disabled = false;
  }

  // --- Lines --------------------------------------------------------------------------------------------------------

  paint(focus) {
    this.cues.sort((a, b) => a.start - b.start || a.end - b.end);
    this.rows.clear();
    this.piece("cues").replaceChildren(...this.cues.map((cue, i) => this.row(cue, i + 1)));
    if (focus) {
      const area = this.rowOf(focus)?.querySelector("textarea");
      area?.focus();
      area?.scrollIntoView({ block: "nearest" });
    }
  }

  row(cue, number) {
    const say = (text) => interpolate(text, { number }, true);
    const time = (name, label) => {
      const field = element("input", { type: "text", inputMode: "decimal", class: "cue__time number", value: clock(cue[name]), "data-field": name, "aria-label": say(label), autocomplete: "off" });
      field.addEventListener("change", () => this.setTime(cue, name, seconds(field.value), field));
      return field;
    };
    const text = element("textarea", { rows: 2, maxLength: 500, value: cue.text, "data-field": "text", dir: "auto", "aria-label": say(gettext("Words of line %(number)s")) });
    text.addEventListener("input", () => {
      cue.text = text.value;
      this.changed();
    });
    const tool = (act, name, label) => element("button", { type: "button", class: "icon-button", "data-do": act, "aria-label": say(label), title: say(label) }, icon(name));
    const row = element("li", { class: "cue", "data-cue": "" },
      element("div", { class: "cue__times" }, time("start", gettext("Line %(number)s begins")), element("span", { class: "quiet", textContent: "–", "aria-hidden": "true" }), time("end", gettext("Line %(number)s ends"))),
      text,
      element("div", { class: "cue__tools" },
        tool("play", "play", gettext("Play from line %(number)s")),
        tool("split", "scissors", gettext("Split line %(number)s")),
        tool("drop", "trash-2", gettext("Delete line %(number)s"))));
    this.rows.set(row, cue);
    return row;
  }

  setTime(cue, name, value, field) {
    if (Number.isNaN(value)) {
      field.value = clock(cue[name]);
      return;
    }
    cue[name] = round(Math.min(Math.max(0, value), this.length || Infinity));
    if (name === "start" && cue.end <= cue.start) cue.end = round(Math.min(cue.start + SHORTEST, this.length || Infinity));
    const row = this.rowOf(cue);
    for (const part of ["start", "end"]) row.querySelector(`[data-field=${part}]`).value = clock(cue[part]);
    this.changed();
    const before = [...this.cues];
    this.cues.sort((a, b) => a.start - b.start || a.end - b.end);
    if (before.some((held, i) => held !== this.cues[i])) this.paint(cue); // it moved: the list says so
  }

  /** A new line where the clip is, as long as there is room. */
  add() {
    let start = this.now >= this.length - SHORTEST ? Math.max(0, this.length - USUAL) : this.now;
    const under = this.cues.find((cue) => cue.start <= start && cue.end > start);
    if (under && under.end + SHORTEST < this.length) start = under.end;
    const next = this.cues.find((cue) => cue.start > start);
    const end = Math.min(start + USUAL, this.length || start + USUAL, next ? Math.max(next.start, start + SHORTEST) : Infinity);
    const cue = { start: round(start), end: round(end), text: "" };
    this.cues.push(cue);
    this.paint(cue);
    this.changed();
  }

  play(cue) {
    if (!this.player) return;
    if (cue) this.player.currentTime = cue.start;
    this.player.play().catch(() => {});
  }

  /** In two: where the clip is when it is in this line, its words where the cursor is, else at the nearest space. */
  split(cue) {
    if (!cue) return;
    const inside = this.now > cue.start + 0.1 && this.now < cue.end - 0.1;
    const share = inside ? (this.now - cue.start) / (cue.end - cue.start) : 0.5;
    const at = round(cue.start + share * (cue.end - cue.start));
    const area = this.rowOf(cue).querySelector("textarea");
    const caret = document.activeElement === area && area.selectionStart > 0 && area.selectionStart < cue.text.length ? area.selectionStart : this.gap(cue.text, share);
    const second = { start: at, end: cue.end, text: cue.text.slice(caret).trim() };
    Object.assign(cue, { end: at, text: cue.text.slice(0, caret).trim() });
    this.cues.push(second);
    this.paint(second);
    this.changed();
  }

  gap(text, share) {
    const wanted = Math.round(text.length * share);
    const gaps = [...text.matchAll(/\s+/g)].map((found) => found.index);
    return gaps.length ? gaps.reduce((best, gap) => (Math.abs(gap - wanted) < Math.abs(best - wanted) ? gap : best)) : text.length;
  }

  drop(cue) {
    if (!cue) return;
    const at = this.cues.indexOf(cue);
    this.cues.splice(at, 1);
    this.paint(this.cues[Math.min(at, this.cues.length - 1)]);
    this.changed();
    toast(gettext("Line deleted."), { action: () => {
      this.cues.push(cue);
      this.paint(cue);
      this.changed();
    } });
  }

  /** The line that shows now: marked in the list, drawn over the clip. */
  follow() {
    const at = this.player?.currentTime ?? -1;
    const shown = this.piece("editor").hidden ? [] : this.cues.filter((cue) => cue.start <= at && cue.end > at);
    for (const [row, cue] of this.rows) {
      const on = shown.includes(cue);
      if (on === row.hasAttribute("data-now")) continue;
      row.toggleAttribute("data-now", on);
      if (on && !this.player.paused && !this.contains(document.activeElement)) row.scrollIntoView({ block: "nearest" });
    }
    if (!this.overlay) return;
    this.overlay.replaceChildren(...shown.map((cue) => element("span", { textContent: cue.text, dir: "auto" })));
    this.overlay.hidden = !shown.length;
  }

  key(event) {
    const field = event.target.dataset.field;
    const cue = this.cueOf(event.target);
    if (!event.altKey && !event.ctrlKey && !event.metaKey) {
      const step = { ArrowUp: 0.1, ArrowDown: -0.1 }[event.key];
      if (step && (field === "start" || field === "end")) {
        event.preventDefault();
        const [, row] = [this.setTime(cue, field, cue[field] + step, event.target), this.rowOf(cue)];
        row.querySelector(`[data-field=${field}]`).focus();
      }
      return;
    }
    const act = (event.ctrlKey || event.metaKey) && event.key === "Enter" ? () => this.add() : event.altKey && this.shortcuts(cue)[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  }

  shortcuts(cue) {
    const take = (name) => () => cue && this.setTime(cue, name, this.now, this.rowOf(cue).querySelector(`[data-field=${name}]`));
    const go = (by) => () => this.rowOf(this.cues[Math.min(this.cues.length - 1, Math.max(0, this.cues.indexOf(cue) + by))])?.querySelector("textarea").focus();
    return {
      KeyK: () => (this.player.paused ? this.play() : this.player.pause()),
      KeyI: take("start"),
      KeyO: take("end"),
      KeyS: () => this.split(cue),
      Backspace: () => this.drop(cue),
      ArrowUp: go(-1),
      ArrowDown: go(1),
    };
  }
}

customElements.define("captions-editor", CaptionsEditor);
