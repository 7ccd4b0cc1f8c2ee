// <search-box> around a search form: while somebody types, their past searches, people, tags, sounds and challenges open below.
//
//   ↓ ↑ choose, Enter goes there (without a choice it searches for what stands in the field), Escape closes, Delete on a
//   past search forgets it. Focus never leaves the field: it is a combobox whose aria-activedescendant points into the list.
// The search page's list of past searches forgets one, or all of them, without leaving the page.

import { api, signedIn } from "app/api";
import { element, icon } from "app/dialog";
import { face } from "app/chat_list/row";
import { complain } from "app/toast";

const PAUSE = 120; // ms of quiet typing before the server is asked
const ICONS = { recent: "history", tag: "hash", sound: "music", challenge: "sparkles" };
const kinds = () => ({ tag: gettext("Tag"), sound: gettext("Sound"), challenge: gettext("Challenge"), recent: "" });
let number = 0;

/** `text` with the letters that were typed stressed. */
function stressed(text, typed) {
  const at = typed ? text.toLowerCase().indexOf(typed.toLowerCase()) : -1;
  if (at < 0) return [text];
  const end = at + typed.length;
  return [text.slice(0, at), element("mark", { textContent: text.slice(at, end) }), text.slice(end)];
}

class SearchBox extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector('input[type="search"]');
    if (!this.field || this.list) return;
    this.list = element("ul", { class: "search-box__list", role: "listbox", id: `search-list-${++number}`, hidden: true, "aria-label": gettext("Suggestions") });
    this.say = element("span", { class: "visually-hidden", role: "status" });
    this.append(this.list, this.say);
    this.at = -1;
    this.held = new Map();
    const { field } = this;
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, "aria-haspopup": "listbox" })) field.setAttribute(name, value);
    field.addEventListener("input", () => this.look());
    // The page of searches lists past ones itself.
    field.addEventListener("focus", () => field.value || !signedIn || document.querySelector("[data-recent]") || this.look(0));
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      const at = [...this.list.children].indexOf(option);
      if (at < 0) return;
      if (event.target.closest(".search-box__forget")) this.forget(at);
      else this.take(at);
    });
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.asked?.abort();
  }

  get typed() {
    return this.field.value.trim();
  }

  look(pause = PAUSE) {
    clearTimeout(this.timer);
    if (!this.typed && !signedIn) return this.close();
    this.timer = setTimeout(() => this.ask(this.typed), pause);
  }

  async ask(text) {
    if (!this.held.has(text)) {
      this.asked?.abort();
      this.asked = new AbortController();
      try {
        const answer = await api.get(`search/suggestions/?q=${encodeURIComponent(text)}`, { signal: this.asked.signal, quiet: true });
        this.held.set(text, answer.results);
      } catch {
        return; // suggestions are a kindness; searching works without them
      }
    }
    if (this.typed === text && document.activeElement === this.field) this.show(this.held.get(text), text);
  }

  show(found, text) {
    this.found = found;
    this.at = -1;
    this.field.removeAttribute("aria-activedescendant");
    if (!found.length) return this.close();
    this.list.replaceChildren(...found.map((one, at) => this.option(one, at, text)));
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.say.textContent = interpolate(ngettext("%(count)s suggestion. Arrow down chooses.", "%(count)s suggestions. Arrow down chooses.", found.length), { count: found.length }, true);
  }

  option(one, at, text) {
    const note = one.kind === "person" ? `@${one.username}` : one.artist || kinds()[one.kind];
    const name = one.kind === "person" ? one.display_name : one.text;
    const mark = one.kind === "person" ? face(one, 32) : element("span", { class: "search-box__mark" }, icon(ICONS[one.kind]));
    return element("li", { role: "option", id: `${this.list.id}-${at}`, "aria-selected": "false" },
      mark,
      element("span", { class: "search-box__text" }, element("strong", { dir: "auto" }, ...stressed(name, text.replace(/^[#@]/, ""))), note ? element("span", { class: "small quiet", dir: "auto", textContent: note }) : null),
      // Not a control of its own inside of an option: keys have Delete.
      one.kind === "recent" ? element("span", { class: "search-box__forget", "aria-hidden": "true", title: gettext("Forget this search") }, icon("x")) : null);
  }

  point(at) {
    this.at = at;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    if (at < 0) return this.field.removeAttribute("aria-activedescendant");
    this.list.children[at].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.at = -1;
    this.say.textContent = "";
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && this.list.hidden) return this.look(0);
    if (this.list.hidden) return;
    const count = this.list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    // One more place than options: the field itself, where nothing is chosen.
    if (step) this.point(((this.at + 1 + step + count + 1) % (count + 1)) - 1);
    else if (event.key === "Enter" && this.at >= 0) this.take(this.at);
    else if (event.key === "Delete" && this.found[this.at]?.kind === "recent") this.forget(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(at) {
    const chosen = this.found[at];
    this.close();
    location.assign(chosen.url);
  }

  async forget(at) {
    const gone = this.found[at];
    try {
      await api.delete(`search/recent/${gone.id}/`);
    } catch (error) {
      return complain(error);
    }
    this.held.clear();
    this.show(this.found.filter((one) => one !== gone), this.typed);
    this.say.textContent = gettext("Forgotten");
  }
}

customElements.define("search-box", SearchBox);

/** The list on the search page. */
function tendRecent(list) {
  const emptied = () => {
    list.hidden = true;
    const empty = document.querySelector("[data-recent-empty]");
    if (empty) empty.hidden = false;
    document.querySelector('.page input[type="search"]')?.focus();
  };
  list.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const id = button.dataset.forget;
    button.disabled = true;
    try {
      await api.delete(id ? `search/recent/${id}/` : "search/recent/");
    } catch (error) {
      button.disabled = false;
      return complain(error);
    }
    const row = button.closest("li");
    const next = row?.nextElementSibling ?? row?.previousElementSibling;
    if (!id || !next) return emptied();
    row.remove();
    next.querySelector("button").focus();
  });
}

for (const list of document.querySelectorAll("[data-recent]")) tendRecent(list);
