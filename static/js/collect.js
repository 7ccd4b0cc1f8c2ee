// Which of one's collections a saved clip is in: a list of check boxes and a line for a new one. Every tick counts at once.

import { api } from "app/api";
import { element, openDialog } from "app/dialog";
import { savedNow } from "app/reactions";
import { complain, toast } from "app/toast";

export async function openCollect(article) {
  const id = article.dataset.clip;
  const list = element("div", { class: "choices", "aria-busy": "true" }, element("p", { class: "quiet small", textContent: gettext("One moment …") }));
  const name = element("input", { name: "name", maxLength: 60, placeholder: gettext("New collection"), "aria-label": gettext("Name of the new collection"), autocomplete: "off" });
  const wrong = element("p", { class: "field__error", role: "alert", hidden: true });
  const form = element("form", { class: "collect__new", onsubmit: (event) => (event.preventDefault(), create()) },
    name, element("button", { type: "submit", class: "button", textContent: gettext("Create") }));
  const hint = element("p", { class: "quiet small", textContent: gettext("Collections are for your eyes only. A clip in one stays among your saved clips.") });
  openDialog(gettext("Add to a collection"), [list, form, wrong, hint], { sheet: true });

  const row = (collection) => {
    const box = element("input", { type: "checkbox", checked: collection.holds, onchange: () => put(collection, box) });
    return element("label", { class: "nav-item collect__row" }, box, element("span", { textContent: collection.name, dir: "auto" }), element("span", { class: "quiet small number", textContent: collection.count }));
  };

  async function put(collection, box) {
    const path = `collections/${collection.id}/videos/${id}/`;
    const figure = box.parentElement.lastElementChild;
    try {
      await (box.checked ? api.put(path) : api.delete(path));
      figure.textContent = Math.max(0, Number(figure.textContent) + (box.checked ? 1 : -1));
      if (box.checked) savedNow(article, true);
    } catch (error) {
      box.checked = !box.checked;
      complain(error);
    }
  }

  async function create() {
    const wanted = name.value.trim();
    if (!wanted) return name.focus();
    wrong.hidden = true;
    try {
      const made = await api.post("collections/", { name: wanted });
      await api.put(`collections/${made.id}/videos/${id}/`);
      savedNow(article, true);
      list.querySelector("[data-none]")?.remove();
      list.prepend(row({ ...made, holds: true, count: 1 }));
      name.value = "";
      toast(interpolate(gettext("Added to %(name)s."), { name: made.name }, true));
    } catch (error) {
      wrong.textContent = error.fields?.name ?? error.message;
      wrong.hidden = false;
    }
  }

  try {
    const { results } = await api.get(`collections/?video=${id}`);
    list.replaceChildren(...results.map(row));
    if (!results.length) {
      const none = element("p", { class: "quiet", textContent: gettext("You have no collections yet. Name your first one below.") });
      none.dataset.none = "";
      list.append(none);
      name.focus();
    }
  } catch (error) {
    list.replaceChildren(element("p", { class: "quiet", textContent: error.message }));
  }
  list.removeAttribute("aria-busy");
}
