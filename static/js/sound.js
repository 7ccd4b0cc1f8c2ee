// <sound-player>: the head of a sound's page. Plays it with its waveform as the position; its owner renames it, others
// report it.

import { api } from "app/api";
import { element, openDialog } from "app/dialog";
import { allowed } from "app/gate";
import { prefs } from "app/prefs";
import { complain, toast } from "app/toast";

class SoundPlayer extends HTMLElement {
  connectedCallback() {
    this.audio = this.querySelector("audio");
    this.slider = this.querySelector("input[type=range]");
    this.button = this.querySelector("[data-do=toggle]");
    this.addEventListener("click", (event) => this[event.target.closest("[data-do]")?.dataset.do]?.());
    if (!this.audio) return;
    this.audio.volume = prefs.volume;
    this.audio.loop = true;
    for (const name of ["play", "pause", "timeupdate", "seeked"]) this.audio.addEventListener(name, () => this.paint());
    this.audio.addEventListener("playing", () => this.tick());
    this.audio.addEventListener("error", () => this.renew());
    this.audio.addEventListener("durationchange", () => Number.isFinite(this.audio.duration) && (this.slider.max = this.audio.duration.toFixed(2)));
    this.slider.addEventListener("input", () => {
      this.audio.currentTime = Number(this.slider.value);
      this.paint();
    });
    this.paint();
  }

  get path() {
    return `sounds/${this.getAttribute("sound")}/`;
  }

  toggle() {
    if (this.audio.paused) this.audio.play().catch(() => {});
    else this.audio.pause();
  }

  tick() {
    this.paint();
    if (!this.audio.paused) requestAnimationFrame(() => this.tick());
  }

  paint() {
    const playing = !this.audio.paused;
    const { currentTime: now } = this.audio;
    this.toggleAttribute("data-playing", playing);
    this.button.setAttribute("aria-pressed", String(playing));
    this.button.setAttribute("aria-label", playing ? gettext("Pause the sound") : gettext("Play the sound"));
    this.button.querySelector("use").setAttribute("href", playing ? "#i-pause" : "#i-play");
    this.slider.value = now;
    this.style.setProperty("--done", (now / (Number(this.slider.max) || 1)).toFixed(4));
    this.slider.setAttribute("aria-valuetext", interpolate(gettext("%(now)s of %(all)s seconds"), { now: Math.round(now), all: Math.round(Number(this.slider.max)) }, true));
  }

  /** The address expired: a fresh one, once for each time it is played. */
  async renew() {
    if (this.renewed > Date.now() - 10_000) return;
    this.renewed = Date.now();
    const at = this.audio.currentTime;
    const { preview } = await api.get(this.path, { quiet: true }).catch(() => ({}));
    if (!preview) return toast(gettext("This sound cannot be played now."));
    this.audio.src = preview;
    this.audio.currentTime = at;
    this.audio.play().catch(() => {});
  }

  rename() {
    const title = this.querySelector("[data-part=title]");
    const field = element("input", { type: "text", maxLength: 120, required: true, value: title.textContent, "aria-label": gettext("Title of the sound"), dir: "auto" });
    const form = element("form", {
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          const answer = await api.patch(this.path, { title: field.value });
          title.textContent = answer?.title ?? field.value;
          box.close();
          toast(gettext("Renamed."));
        } catch (error) {
          complain(error);
        }
      },
    }, field, element("div", { class: "dialog__actions" }, element("button", { class: "button button--primary", textContent: gettext("Save") })));
    const box = openDialog(gettext("Rename the sound"), form);
    field.select();
  }

  async report() {
    if (!allowed("")) return;
    const { openReport } = await import("app/report");
    openReport({ type: "sound", id: this.getAttribute("sound") });
  }
}

customElements.define("sound-player", SoundPlayer);
