// Downloads of one's data that are being made: the page follows them, and is drawn anew when one is ready or failed.

import { api } from "app/api";

const PAUSE = 2500; // ms between two questions

class ExportList extends HTMLElement {
  connectedCallback() {
    if (this.waiting.length) this.timer = setInterval(() => this.ask(), PAUSE);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  get waiting() {
    return [...this.querySelectorAll('[data-state="queued"], [data-state="running"]')];
  }

  async ask() {
    if (document.hidden) return;
    for (const row of this.waiting) {
      try {
        const { state, percent, message } = await api.get(`exports/${row.dataset.export}/`, { quiet: true });
        if (state !== "queued" && state !== "running") return location.reload();
        row.dataset.state = state;
        row.querySelector("progress").value = percent;
        const sentence = row.querySelector("[data-sentence]");
        if (sentence.textContent !== message) sentence.textContent = message;
      } catch (error) {
        if (error.status) return clearInterval(this.timer); // gone, or logged out; without a network it goes on
      }
    }
  }
}

customElements.define("export-list", ExportList);
