// <people-picker find="id of the search form" max="31">: people to choose, found while one types, the chosen ones on top.
// Inside a form its checkboxes are sent as they are; a script reads `chosen` and listens to "chosen".

import { api } from "app/api";
import { element, icon } from "app/dialog";
import { complain } from "app/toast";
import { face, part } from "app/chat_list/row";

const PAUSE = 160; // ms of quiet typing before the server is asked

export class PeoplePicker extends HTMLElement {
  connectedCallback() {
    if (this.picked) return;
    this.picked = new Map(); // username → card
    this.list = this.querySelector('[data-part="list"]');
    this.template = this.querySelector("template");
    this.most = Number(this.getAttribute("max")) || 31;
    this.without = new Set((this.getAttribute("without") ?? "").split(" ").filter(Boolean));
    this.start = [...this.list.children];
    this.addEventListener("change", (event) => this.#take(event.target));
    const form = document.getElementById(this.getAttribute("find"));
    const field = form?.querySelector("[data-find]");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.list.querySelector("input")?.click(); // Enter takes the first one found
      field.select();
    });
    field?.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#find(field.value.trim()), PAUSE);
    });
    field?.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") {
        event.preventDefault();
        this.list.querySelector("input")?.focus();
      }
      if (event.key === "Backspace" && !field.value) this.unpick([...this.picked.keys()].at(-1));
    });
    this.list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const boxes = [...this.list.querySelectorAll("input")];
      const at = boxes.indexOf(document.activeElement) + step;
      (at < 0 ? field : boxes[Math.min(at, boxes.length - 1)])?.focus();
    });
    for (const box of this.list.querySelectorAll("input:checked")) this.#take(box);
  }

  get chosen() {
    return [...this.picked.keys()];
  }

  async #find(text) {
    this.asked?.abort();
    this.asked = new AbortController();
    const title = this.querySelector('[data-part="title"]');
    if (title) title.hidden = Boolean(text);
    if (!text && this.start.length) return this.#draw(null);
    try {
      const { results } = await api.get(`recipients/?q=${encodeURIComponent(text)}`, { signal: this.asked.signal });
      this.#draw(results.filter((one) => !this.without.has(one.username)), text);
    } catch (error) {
      complain(error);
    }
  }

  #draw(people, text = "") {
    this.list.replaceChildren(...(people ? people.map((one) => this.row(one)) : this.start));
    for (const box of this.list.querySelectorAll("input")) box.checked = this.picked.has(box.value);
    const nobody = this.querySelector('[data-part="nobody"]');
    nobody.hidden = this.list.children.length > 0;
    nobody.textContent = text ? gettext("Nobody by that name takes your messages.") : gettext("Search for somebody by name.");
    const status = this.querySelector('[data-part="status"]');
    if (people) status.textContent = interpolate(ngettext("%(count)s person found", "%(count)s people found", people.length), { count: people.length }, true);
  }

  row(one) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    const label = item.querySelector(".pick");
    label.dataset.username = one.username;
    part(item, "face").replaceChildren(face(one));
    part(item, "name").textContent = one.display_name;
    part(item, "note").textContent = `@${one.username}${one.request ? ` · ${gettext("as a request")}` : ""}`;
    item.querySelector("input").value = one.username;
    return item;
  }

  #take(box) {
    if (box.type !== "checkbox") return;
    if (box.checked && this.picked.size >= this.most) {
      box.checked = false;
      this.querySelector('[data-part="status"]').textContent = gettext("A group holds no more.");
      return;
    }
    if (box.checked) this.picked.set(box.value, part(box.closest(".pick"), "name").textContent);
    else this.picked.delete(box.value);
    this.#changed();
  }

  unpick(username) {
    if (!this.picked.delete(username)) return;
    const box = this.list.querySelector(`[value="${CSS.escape(username)}"]`);
    if (box) box.checked = false;
    this.#changed();
  }

  #changed() {
    const line = this.querySelector('[data-part="chosen"]');
    line.hidden = !this.picked.size;
    line.replaceChildren(...[...this.picked].map(([username, name]) =>
      element("button", { type: "button", class: "chosen", "aria-label": interpolate(gettext("Do not choose %(name)s"), { name }, true), onclick: () => this.unpick(username) },
        element("span", { textContent: name, dir: "auto" }), icon("x"))));
    this.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: this.chosen }));
  }
}

customElements.define("people-picker", PeoplePicker);
