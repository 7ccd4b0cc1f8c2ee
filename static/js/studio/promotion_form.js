// <promotion-form>: says, while somebody writes a promotion, about how many people it is for. The form works without it.

import { api } from "app/api";

const PAUSE = 400; // ms without a change before the server is asked

class PromotionForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.said = this.querySelector("[data-estimate]");
    if (!this.said) return;
    this.form.addEventListener("change", () => this.#soon());
    this.form.elements.countries.addEventListener("input", () => this.#soon());
    this.#ask();
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    const written = new FormData(this.form);
    const asked = new URLSearchParams();
    for (const name of ["countries", "languages", "interests"]) for (const value of written.getAll(name)) if (value) asked.append(name, value);
    const query = asked.toString();
    if (query === this.asked) return;
    this.asked = query;
    try {
      const { text } = await api.get(`promotions/estimate/?${query}`);
      if (query !== this.asked) return; // answered by a later question
      this.said.textContent = text;
      this.said.hidden = false;
    } catch {
      this.said.hidden = true;
    }
  }
}

customElements.define("promotion-form", PromotionForm);
