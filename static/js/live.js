// <live-figures>: the last 60 minutes drawn again every five seconds, for as long as the page is in sight.

import { api } from "app/api";
import { localTimes } from "app/local_times";

const EVERY_MS = 5000;

class LiveFigures extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => document.visibilityState === "visible" && this.refresh(), EVERY_MS);
    this.woken = () => document.visibilityState === "visible" && this.refresh();
    document.addEventListener("visibilitychange", this.woken);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.woken);
  }

  async refresh() {
    // What somebody reads or has opened is not taken from under their hand.
    if (this.busy || this.querySelector("details[open]") || this.contains(document.activeElement)) return;
    this.busy = true;
    try {
      const fresh = (await api.fragment(location.pathname)).querySelector("live-figures");
      const at = this.querySelector("chart-readout")?.index ?? -1;
      if (fresh) {
        localTimes(fresh);
        this.replaceChildren(...fresh.children);
      }
      if (at >= 0) this.querySelector("chart-readout")?.show?.(at);
    } catch {
      // Away for a moment: the next round tries again.
    }
    this.busy = false;
  }
}

customElements.define("live-figures", LiveFigures);
