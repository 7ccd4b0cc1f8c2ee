// Keys of an open conversation: ↑ in an empty field picks one's last message, ↑ ↓ walk, Enter opens what can be done, R
// answers, E reacts, Escape goes back to writing, / searches. Silent where somebody writes, and where keys are turned off.

import { person } from "app/api";
import { prefs } from "app/prefs";
import { openFaces, openMessageMenu, quoteOf } from "app/chat/menus";

const writes = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const shown = (list) => [...list.querySelectorAll(".message:not([hidden])")];

function pick(item) {
  item?.focus({ preventScroll: true });
  item?.scrollIntoView({ block: "nearest" });
}

export function pickLastOwn(chat) {
  pick(shown(chat.list).findLast((item) => item.dataset.sender === person.username && item.dataset.kind !== "event"));
}

export function listenForKeys(chat) {
  chat.list.addEventListener("keydown", (event) => {
    const item = event.target.closest(".message");
    if (!item || event.target !== item || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = shown(chat.list);
    const at = all.indexOf(item);
    const acts = {
      ArrowUp: () => pick(all[at - 1]),
      ArrowDown: () => (all[at + 1] ? pick(all[at + 1]) : chat.composer?.focus()),
      Enter: () => openMessageMenu(chat, item),
      Escape: () => chat.composer?.focus(),
    };
    if (prefs.keys) Object.assign(acts, { r: () => chat.state === "active" && chat.composer?.answer(quoteOf(item)), e: () => chat.state === "active" && openFaces(chat, item) });
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || !prefs.keys || writes(event.target) || event.ctrlKey || event.metaKey || document.querySelector("dialog:modal")) return;
    event.preventDefault();
    chat.search();
  });
}
