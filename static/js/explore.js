// Explore: countries by their names in the reader's language, and rails that a mouse can turn over.

import { element, icon } from "app/dialog";

const names = (() => {
  try {
    return new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "region" });
  } catch {
    return null;
  }
})();

/** Replace country codes by their names, and sort the options of a list by them. */
function name(root) {
  for (const node of root.querySelectorAll("[data-country]")) {
    try {
      node.textContent = names?.of(node.dataset.country) ?? node.dataset.country;
    } catch {
      // Not a country that the browser knows: its code stays.
    }
  }
}

for (const form of document.querySelectorAll("[data-country-pick]")) {
  const select = form.querySelector("select");
  name(form);
  const countries = [...select.options].filter((option) => option.value);
  countries.sort((one, other) => one.textContent.localeCompare(other.textContent, document.documentElement.lang));
  select.append(...countries);
  select.addEventListener("change", () => form.requestSubmit());
}

/** <clip-rail>: a row that scrolls sideways; with a mouse, buttons in its head turn it over by what is in sight. */
class ClipRail extends HTMLElement {
  connectedCallback() {
    if (this.back) return;
    this.list = this.querySelector(".rail__list");
    this.back = this.turner("chevron-left", gettext("Back"), -1);
    this.on = this.turner("chevron-right", gettext("More"), 1);
    this.querySelector(".rail__head").append(element("span", { class: "rail__turn" }, this.back, this.on));
    this.list.addEventListener("scroll", () => this.paint(), { passive: true });
    new ResizeObserver(() => this.paint()).observe(this.list);
  }

  turner(drawing, label, way) {
    return element("button", { type: "button", class: "rail__turner", "aria-label": label, onclick: () => this.turn(way) }, icon(drawing));
  }

  turn(way) {
    const rightward = getComputedStyle(this).direction === "rtl" ? -way : way;
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.list.scrollBy({ left: rightward * this.list.clientWidth * 0.85, behavior: smooth ? "smooth" : "auto" });
  }

  paint() {
    const room = this.list.scrollWidth - this.list.clientWidth;
    const at = Math.abs(this.list.scrollLeft);
    this.toggleAttribute("data-turns", room > 4);
    this.back.disabled = at < 4;
    this.on.disabled = at > room - 4;
  }
}

customElements.define("clip-rail", ClipRail);
