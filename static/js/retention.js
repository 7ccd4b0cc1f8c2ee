// <retention-view>: the clip under its retention curve. The read-out of charts.js says the second; this shows its frame.

import { api } from "app/api";

class RetentionView extends HTMLElement {
  connectedCallback() {
    this.chart = this.querySelector("chart-readout");
    this.video = this.querySelector("video");
    this.button = this.querySelector("[data-play]");
    for (const note of this.querySelectorAll("[data-second]")) {
      note.addEventListener("click", () => this.chart.show(Number(note.dataset.second)));
    }
    if (!this.video) return;
    this.addEventListener("chart:at", (event) => this.playing || this.seek(event.detail));
    this.video.addEventListener("error", () => this.renew());
    this.video.addEventListener("seeked", () => this.wanted !== undefined && this.seek(this.wanted));
    this.video.addEventListener("timeupdate", () => this.playing && this.chart.show(Math.min(Math.floor(this.video.currentTime), this.chart.steps.length - 1)));
    this.video.addEventListener("ended", () => this.play(false));
    this.button?.addEventListener("click", () => this.play(!this.playing));
  }

  /** The frame of that second; while one is being fetched only the last one asked for is kept. */
  seek(second) {
    this.wanted = second;
    if (this.video.seeking) return;
    const at = Math.min(second + 0.5, Math.max(0, (this.video.duration || second + 1) - 0.05));
    if (Math.abs(this.video.currentTime - at) < 0.02) {
      this.wanted = undefined;
      return;
    }
    this.video.currentTime = at;
  }

  async play(on) {
    this.playing = on;
    this.button.setAttribute("aria-pressed", String(on));
    this.button.querySelector("use").setAttribute("href", on ? "#i-pause" : "#i-play");
    if (!on) return this.video.pause();
    if (this.video.ended || this.chart.index === this.chart.steps.length - 1) this.video.currentTime = 0;
    await this.video.play().catch(() => this.play(false));
  }

  /** Addresses of private clips live for a minute: fetch fresh ones, once for each failure. */
  async renew() {
    if (this.renewing) return;
    this.renewing = true;
    const at = this.video.currentTime;
    try {
      const { playback } = await api.get(`videos/${this.dataset.clip}/`);
      const file = playback.mp4.at(-1);
      if (file) this.video.src = file.url;
      this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = at), { once: true });
      setTimeout(() => (this.renewing = false), 10_000);
    } catch {
      this.renewing = false;
    }
  }
}

customElements.define("retention-view", RetentionView);
