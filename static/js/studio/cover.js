// <cover-picker>: the cover of a clip, chosen from its frames. The strip is drawn from the clip itself in this browser;
// the slider steps through it, by pointer and by keys.

import { api } from "app/api";
import { clock } from "app/studio/vtt";

const FRAMES = 8;

class CoverPicker extends HTMLElement {
  connectedCallback() {
    this.slider = this.querySelector("input[type=range]");
    this.canvas = this.querySelector("[data-part=chosen]");
    this.button = this.querySelector("[data-part=save]");
    this.status = this.querySelector("[data-part=status]");
    this.slider.addEventListener("input", () => this.choose(Number(this.slider.value)));
    this.button.addEventListener("click", () => this.save());
    // The strip costs some seeking: only for who opens it.
    const details = this.closest("details");
    const begin = () => this.begin().catch(() => (this.status.textContent = gettext("The frames of this clip cannot be shown here.")));
    if (!details || details.open) begin();
    else details.addEventListener("toggle", begin, { once: true });
  }

  async begin() {
    this.source = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto", src: this.getAttribute("src") });
    await new Promise((resolve, reject) => {
      this.source.addEventListener("loadeddata", resolve, { once: true });
      this.source.addEventListener("error", reject, { once: true });
    });
    const { duration, videoWidth, videoHeight } = this.source;
    this.slider.max = Math.max(0, duration - 0.05).toFixed(2);
    const strip = this.querySelector("[data-part=strip]");
    const shape = videoWidth / videoHeight;
    for (let n = 0; n < FRAMES; n++) {
      const frame = Object.assign(document.createElement("canvas"), { height: 96, width: Math.round(96 * shape) });
      strip.append(frame);
      await this.seek((duration * (n + 0.5)) / FRAMES);
      frame.getContext("2d").drawImage(this.source, 0, 0, frame.width, frame.height);
    }
    Object.assign(this.canvas, { width: 270, height: Math.round(270 / shape) });
    this.slider.disabled = false;
    const at = Number(this.getAttribute("at") || duration / 2);
    this.slider.value = at;
    await this.draw(at);
  }

  seek(at) {
    return new Promise((resolve) => {
      this.source.addEventListener("seeked", resolve, { once: true });
      this.source.currentTime = at;
    });
  }

  async draw(at) {
    await this.seek(at);
    this.canvas.getContext("2d").drawImage(this.source, 0, 0, this.canvas.width, this.canvas.height);
    this.slider.setAttribute("aria-valuetext", clock(at));
  }

  /** Seeking is slower than a finger: only the last wish is drawn. */
  async choose(at) {
    this.wish = at;
    this.button.disabled = false;
    if (this.drawing) return;
    this.drawing = true;
    while (this.wish !== undefined) {
      const now = this.wish;
      this.wish = undefined;
      await this.draw(now);
    }
    this.drawing = false;
  }

  async save() {
    this.button.disabled = true;
    this.status.textContent = gettext("Saving…");
    const cover_at = Number(Number(this.slider.value).toFixed(2));
    const edit = { ...JSON.parse(this.querySelector("script[type='application/json']").textContent), cover_at };
    try {
      await api.patch(`videos/${this.getAttribute("video")}/`, { edit });
      this.status.textContent = gettext("The new cover appears in a moment.");
      this.dispatchEvent(new CustomEvent("cover", { bubbles: true }));
    } catch (error) {
      this.button.disabled = false;
      this.status.textContent = error.message;
    }
  }
}

customElements.define("cover-picker", CoverPicker);
