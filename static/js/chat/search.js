// Looking for words in the open conversation: a bar under its head, what was found, and the way there.

import { api } from "app/api";
import { element, icon } from "app/dialog";
import { nameOf } from "app/messages";

const WAIT_MS = 250;
const FEWEST = 2; // letters

export function openSearch(chat) {
  const open = chat.root.querySelector(".chat__search");
  if (open) {
    open.querySelector("input").focus();
    return;
  }
  const field = element("input", { type: "search", "aria-label": gettext("Search in this conversation"), placeholder: gettext("Search in this conversation"), autocomplete: "off", enterKeyHint: "search" });
  const found = element("ul", { class: "chat__found" });
  const said = element("p", { class: "visually-hidden", role: "status" });
  const close = () => {
    bar.remove();
    chat.composer?.focus();
  };
  const bar = element("div", {
    class: "chat__search", role: "search",
    onkeydown: (event) => { if (event.key === "Escape") { event.preventDefault(); close(); } },
  }, element("div", { class: "chat__searchbar" }, icon("search"), field, element("button", { type: "button", class: "icon-button", "aria-label": gettext("Close the search"), onclick: close }, icon("x"))), said, found);
  chat.root.querySelector(".chat__head").after(bar);
  let timer = 0;
  let asked = null;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  async function look() {
    asked?.abort();
    const q = field.value.trim();
    found.replaceChildren();
    said.textContent = "";
    if (q.length < FEWEST) return;
    asked = new AbortController();
    try {
      const { results } = await api.get(`messages/search/?q=${encodeURIComponent(q)}&conversation=${chat.id}`, { signal: asked.signal });
      said.textContent = interpolate(ngettext("%(count)s found", "%(count)s found", results.length), { count: results.length }, true);
      found.replaceChildren(...results.map(({ message }) => result(message)));
      if (!results.length) found.append(element("li", { class: "quiet small", textContent: gettext("Nothing found. Try another word.") }));
    } catch (error) {
      if (error.name !== "AbortError") found.replaceChildren(element("li", { class: "quiet small", textContent: error.message }));
    }
  }
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" });
  const result = (message) =>
    element("li", {}, element("button", { type: "button", onclick: () => { close(); chat.jump(message.seq); } },
      element("strong", { textContent: nameOf(message.sender) }), element("time", { class: "tiny quiet", dateTime: message.created_at, textContent: day.format(new Date(message.created_at)) }),
      element("span", { dir: "auto", textContent: message.text })));
  field.focus();
}
