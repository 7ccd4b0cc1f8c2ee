// <suggest-words> around a textarea: while somebody writes "#du" or "@al", a list of tags or people opens below it.
//
//   ↓ ↑ choose, Enter or Tab takes, Escape closes; a tap takes. Focus never leaves the textarea: the list is a listbox
//   that aria-activedescendant points into. (A textarea may not be a combobox by ARIA in HTML; the count of suggestions
//   is said by a live region instead of aria-expanded.)

import { api } from "app/api";
import { element } from "app/dialog";

const WORD = /(^|[\s([{"'¿¡,.;:!?-])([#＃@])([\p{L}\p{N}\p{M}_.]{0,60})$/u;
const PAUSE = 120; // ms of quiet typing before the server is asked
const MOST = 8;
let number = 0;

class SuggestWords extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea, input");
    if (!this.area || this.list) return;
    this.list = element("ul", { class: "suggest__list", role: "listbox", id: `suggest-${++number}`, hidden: true, "aria-label": gettext("Suggestions") });
    this.say = element("span", { class: "visually-hidden", role: "status" });
    this.append(this.list, this.say);
    this.held = new Map();
    this.at = -1;
    const { area } = this;
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("autocomplete", "off");
    area.addEventListener("input", () => this.look());
    area.addEventListener("click", () => this.look());
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("blur", () => setTimeout(() => this.close(), 120));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the textarea keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take([...this.list.children].indexOf(option));
    });
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.asked?.abort();
  }

  /** What is being written at the caret: its sign, its letters, and where it starts; null for plain text. */
  get word() {
    const { selectionStart: end, selectionEnd, value } = this.area;
    if (end !== selectionEnd) return null;
    const found = WORD.exec(value.slice(0, end));
    return found && { sign: found[2] === "@" ? "@" : "#", text: found[3], start: end - found[3].length - 1, end };
  }

  look() {
    clearTimeout(this.timer);
    const { word } = this;
    if (!word || !word.text) return this.close();
    this.timer = setTimeout(() => this.ask(word), PAUSE);
  }

  async ask(word) {
    const type = word.sign === "@" ? "people" : "tags";
    const key = `${type} ${word.text.toLowerCase()}`;
    if (!this.held.has(key)) {
      this.asked?.abort();
      this.asked = new AbortController();
      try {
        const answer = await api.get(`autocomplete/?type=${type}&q=${encodeURIComponent(word.text)}`, { signal: this.asked.signal, quiet: true });
        this.held.set(key, answer.results ?? []);
      } catch {
        return; // suggestions are a kindness; writing goes on without them
      }
    }
    const now = this.word;
    if (now?.start === word.start && now.text === word.text) this.show(type, this.held.get(key).slice(0, MOST));
  }

  show(type, found) {
    if (!found.length) return this.close();
    this.found = found.map((one) => (type === "people" ? `@${one.username}` : `#${one.name}`));
    this.list.replaceChildren(...found.map((one, i) => {
      const name = element("strong", { textContent: this.found[i], dir: "auto" });
      const more = type === "people" ? one.display_name : one.videos ? interpolate(ngettext("%(count)s clip", "%(count)s clips", one.videos), { count: one.videos.toLocaleString(document.documentElement.lang) }, true) : "";
      return element("li", { role: "option", id: `${this.list.id}-${i}`, "aria-selected": "false" }, name, more ? element("span", { class: "quiet small", textContent: more }) : null);
    }));
    this.list.hidden = false;
    this.area.setAttribute("aria-controls", this.list.id);
    this.say.textContent = interpolate(ngettext("%(count)s suggestion. Arrow down chooses.", "%(count)s suggestions. Arrow down chooses.", found.length), { count: found.length }, true);
    this.point(0, false);
  }

  /** Marks an option; only a key makes the reader speak it. */
  point(at, aloud = true) {
    this.at = at;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
    if (aloud) this.area.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  close() {
    clearTimeout(this.timer);
    if (this.list.hidden) return;
    this.list.hidden = true;
    this.at = -1;
    this.say.textContent = "";
    this.area.removeAttribute("aria-activedescendant");
    this.area.removeAttribute("aria-controls");
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    const count = this.list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const first = !this.area.hasAttribute("aria-activedescendant") && step > 0;
      this.point(first ? 0 : (this.at + step + count) % count);
    } else if (event.key === "Enter" || event.key === "Tab") this.take(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(at) {
    const { word, area } = this;
    const chosen = this.found[at];
    if (!word || !chosen) return this.close();
    const rest = area.value.slice(word.end);
    area.setRangeText(rest.startsWith(" ") ? chosen : `${chosen} `, word.start, word.end, "end");
    if (rest.startsWith(" ")) area.setSelectionRange(word.start + chosen.length + 1, word.start + chosen.length + 1);
    this.close();
    area.focus();
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

customElements.define("suggest-words", SuggestWords);
