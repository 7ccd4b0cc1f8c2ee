// One's collections on the profile and the page of one: begin, rename, delete, take clips out (with a way back).

import { api } from "app/api";
import { confirmDialog, element, openDialog } from "app/dialog";
import { complain, toast } from "app/toast";

/** Asks for a name. `save` gets it and may throw the server's refusal, which stays beside the field. */
function ask(title, label, value, save) {
  const name = element("input", { name: "name", id: "collection-name", maxLength: 60, value, required: true, autocomplete: "off", dir: "auto" });
  const wrong = element("p", { class: "field__error", role: "alert", hidden: true });
  const form = element("form", {
    id: "collection-form",
    class: "form",
    onsubmit: async (event) => {
      event.preventDefault();
      wrong.hidden = true;
      try {
        await save(name.value.trim());
        box.close();
      } catch (error) {
        wrong.textContent = error.fields?.name ?? error.message;
        wrong.hidden = false;
      }
    },
  }, element("div", { class: "field" }, element("label", { htmlFor: "collection-name", textContent: gettext("Name") }), name, wrong));
  const send = element("button", { type: "submit", class: "button button--primary", textContent: label });
  send.setAttribute("form", "collection-form");
  const box = openDialog(title, form, { actions: [send] });
  name.focus();
  name.select();
}

function begin() {
  ask(gettext("New collection"), gettext("Create"), "", async (name) => {
    const made = await api.post("collections/", { name });
    location.assign(made.url);
  });
}

class CollectionPage extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const act = event.target.closest("[data-do]")?.dataset.do;
      if (act) this[act]?.();
    });
    document.querySelector("[data-grid]")?.addEventListener("click", (event) => {
      const tile = event.target.closest("[data-tile]");
      if (!tile || !this.choosing) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.takeOut(tile);
    }, { capture: true });
  }

  get path() {
    return `collections/${this.getAttribute("collection")}/`;
  }

  rename() {
    const title = document.querySelector("h1");
    ask(gettext("Rename collection"), gettext("Save"), title.textContent.trim(), async (name) => {
      title.textContent = (await api.patch(this.path, { name })).name;
      document.title = title.textContent;
    });
  }

  async erase() {
    if (!(await confirmDialog(gettext("Delete this collection?"), gettext("Its clips stay among your saved ones."), gettext("Delete")))) return;
    try {
      await api.delete(this.path);
      location.assign(this.getAttribute("back"));
    } catch (error) {
      complain(error);
    }
  }

  choose() {
    this.choosing = !this.choosing;
    document.querySelector("[data-grid]")?.toggleAttribute("data-choosing", this.choosing);
    const button = this.querySelector("[data-do=choose]");
    button.setAttribute("aria-pressed", String(this.choosing));
    document.querySelector("[data-hint]").hidden = !this.choosing;
  }

  async takeOut(tile) {
    const path = `${this.path}videos/${tile.dataset.tile}/`;
    tile.hidden = true;
    this.count(-1);
    const back = () => {
      tile.hidden = false;
      this.count(1);
    };
    try {
      await api.delete(path);
      toast(gettext("Taken out. It is still saved."), { action: () => api.put(path).then(back).catch(complain) });
    } catch (error) {
      back();
      complain(error);
    }
  }

  count(by) {
    const figure = document.querySelector("[data-count=clips]");
    const value = Math.max(0, Number(figure.dataset.exact) + by);
    figure.dataset.exact = value;
    figure.textContent = interpolate(ngettext("%(value)s clip", "%(value)s clips", value), { value }, true);
  }
}

customElements.define("collection-page", CollectionPage);
for (const button of document.querySelectorAll("[data-new-collection]")) button.addEventListener("click", begin);
