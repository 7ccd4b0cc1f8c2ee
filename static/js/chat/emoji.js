// The emoji picker: recent ones, groups, a search, and arrow keys. Beside the field where one writes, or in a dialog.

import { element, openDialog } from "app/dialog";
import { groups } from "app/chat/emoji_list";

const RECENT = 16;
const KEY = "emoji";

const titles = () => ({
  recent: gettext("Recent"),
  faces: gettext("Faces"),
  people: gettext("People and hands"),
  hearts: gettext("Hearts and signs"),
  nature: gettext("Animals and nature"),
  food: gettext("Food and drink"),
  things: gettext("Things and places"),
});

function recent() {
  try {
    const held = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(held) ? held.filter((one) => typeof one === "string").slice(0, RECENT) : [];
  } catch {
    return [];
  }
}

function remember(emoji) {
  try {
    localStorage.setItem(KEY, JSON.stringify([emoji, ...recent().filter((one) => one !== emoji)].slice(0, RECENT)));
  } catch {
    // Without storage there are no recent ones.
  }
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function picker(choose) {
  const names = new Map(groups.flatMap((group) => group.emoji.map(({ emoji, name }) => [emoji, name])));
  const one = (emoji) =>
    element("button", {
      type: "button", class: "pick-emoji__one", textContent: emoji, tabIndex: -1, title: names.get(emoji) ?? "", "aria-label": names.get(emoji)?.split(",")[0] ?? emoji,
      onclick: () => { remember(emoji); choose(emoji); },
    });
  const body = element("div", { class: "pick-emoji__body" });
  const field = element("input", { type: "search", class: "pick-emoji__search", placeholder: gettext("Search emoji"), "aria-label": gettext("Search emoji"), autocomplete: "off" });
  const section = (key, list) =>
    element("section", { "aria-label": titles()[key] }, element("p", { class: "pick-emoji__title tiny quiet", textContent: titles()[key], "aria-hidden": "true" }), element("div", { class: "pick-emoji__grid" }, ...list.map(one)));
  const show = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    if (words.length) {
      const found = [...names].filter(([, name]) => words.every((word) => plain(name).includes(word))).map(([emoji]) => emoji);
      const none = element("p", { class: "quiet small", textContent: gettext("No emoji with this name.") });
      body.replaceChildren(found.length ? element("div", { class: "pick-emoji__grid" }, ...found.map(one)) : none);
    } else {
      const used = recent();
      body.replaceChildren(...(used.length ? [section("recent", used)] : []), ...groups.map(({ key, emoji }) => section(key, emoji.map((each) => each.emoji))));
    }
    const first = body.querySelector("button");
    if (first) first.tabIndex = 0;
    body.scrollTop = 0;
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") walk(event, -1, 1);
    if (event.key === "Enter") {
      event.preventDefault();
      body.querySelector("button")?.click();
    }
  });
  body.addEventListener("keydown", (event) => {
    const all = [...body.querySelectorAll("button")];
    const at = all.indexOf(event.target);
    const columns = Math.max(1, all.findIndex((button) => button.offsetTop > all[0].offsetTop));
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step) walk(event, at, document.dir === "rtl" && Math.abs(step) === 1 ? -step : step);
  });
  function walk(event, from, step) {
    const all = [...body.querySelectorAll("button")];
    event.preventDefault();
    if (from + step < 0) return field.focus();
    const next = all[Math.min(all.length - 1, from + step)];
    for (const button of all) button.tabIndex = button === next ? 0 : -1;
    next?.focus();
  }
  show();
  return element("div", { class: "pick-emoji" }, field, body);
}

/** Opens or closes the picker over a form; it stays open for several, until Escape or a click elsewhere. */
export function togglePicker(form, button, choose, closed) {
  const open = form.querySelector(".pick-emoji");
  const close = () => {
    form.querySelector(".pick-emoji")?.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event) => form.contains(event.target) && !event.target.closest("textarea") ? null : close();
  if (open) {
    close();
    return;
  }
  const box = picker(choose);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
    closed();
  });
  form.append(box);
  form.addEventListener("submit", close, { once: true });
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  if (matchMedia("(hover: hover)").matches) box.querySelector("input").focus(); // on a phone the keyboard would cover it
}

/** The picker in a dialog, for one emoji. */
export function pickerDialog(title, choose) {
  const box = openDialog(title, picker((emoji) => {
    box.close();
    choose(emoji);
  }), { sheet: true });
}
