// <challenge-entries slug>: a host's word about each entry, kept as it is chosen. A place belongs to one clip, so whoever had
// it gets the place that this one had, as the server does it.

import { api } from "app/api";
import { complain, toast } from "app/toast";

const say = (text, values) => interpolate(text, values, true);

class ChallengeEntries extends HTMLElement {
  connectedCallback() {
    this.addEventListener("focusin", (event) => event.target.matches("[data-judge]") && this.remember(event.target));
    this.addEventListener("change", (event) => event.target.matches("[data-judge]") && this.judge(event.target));
  }

  remember(field) {
    field.dataset.before ??= field.value;
  }

  async judge(field) {
    const row = field.closest("[data-entry]");
    const path = `challenges/${this.getAttribute("slug")}/entries/${row.dataset.entry}/`;
    const before = field.dataset.before ?? "";
    const { value } = field;
    const place = Number(value) || null;
    field.disabled = true;
    try {
      if (!value) await api.delete(path);
      else await api.put(path, place ? { verdict: "winner", place } : { verdict: value });
      field.dataset.before = value;
      row.dataset.verdict = place ? "winner" : value;
      if (place) this.#makeRoom(field, value, Number(before) ? before : "");
      toast(this.#told(value, place));
    } catch (error) {
      field.value = before;
      complain(error);
    } finally {
      field.disabled = false;
      field.focus({ preventScroll: true });
    }
  }

  #makeRoom(field, place, instead) {
    for (const other of this.querySelectorAll("[data-judge]")) {
      if (other === field || other.value !== place) continue;
      other.value = instead;
      other.dataset.before = instead;
      other.closest("[data-entry]").dataset.verdict = instead ? "winner" : "";
    }
  }

  #told(value, place) {
    if (place) return say(gettext("Place %(place)s is given."), { place });
    if (value === "winner") return gettext("Among the winners.");
    return value === "out" ? gettext("Taken out. It no longer counts, and nobody is told.") : gettext("An entry like the others.");
  }
}

customElements.define("challenge-entries", ChallengeEntries);
