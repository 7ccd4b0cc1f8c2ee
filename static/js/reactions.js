// Like and save: optimistic, the same from button, key and double tap. A double tap never takes a like back.

import { api } from "app/api";
import { allowed } from "app/gate";
import { complain, toast } from "app/toast";
import { element, icon } from "app/dialog";
import { calm } from "app/prefs";

const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1, roundingMode: "floor" });

/** Moves one of a card's figures; the exact number is the title. */
export function move(article, name, by) {
  const figure = article.querySelector(`[data-count="${name}"]`);
  if (!figure) return;
  const value = Math.max(0, Number(figure.dataset.exact) + by);
  figure.dataset.exact = value;
  figure.textContent = compact.format(value);
  figure.parentElement.title = value.toLocaleString(document.documentElement.lang);
}

const KEPT = { keepalive: true }; // who likes and swipes on to another page has liked

async function set(article, act, count, on) {
  const button = article.querySelector(`[data-act="${act}"]`);
  const before = button.getAttribute("aria-pressed") === "true";
  if (before === on) return;
  const show = (state) => {
    button.setAttribute("aria-pressed", String(state));
    move(article, count, state ? 1 : -1);
  };
  show(on);
  if (on && act === "like") {
    button.classList.add("just");
    setTimeout(() => button.classList.remove("just"), 400);
  }
  const path = `videos/${article.dataset.clip}/${act}/`;
  try {
    await (on ? api.post(path, undefined, KEPT) : api.delete(path, KEPT));
  } catch (error) {
    show(before);
    complain(error);
    return false;
  }
  return true;
}

const pressed = (article, act) => article.querySelector(`[data-act="${act}"]`).getAttribute("aria-pressed") === "true";

export function toggleLike(article) {
  if (allowed("like", article.dataset.url)) set(article, "like", "likes", !pressed(article, "like"));
}

export async function toggleSave(article) {
  if (!allowed("save", article.dataset.url)) return;
  const on = !pressed(article, "save");
  if (!(await set(article, "save", "saves", on))) return;
  if (on) toast(gettext("Saved. Only you see it."), { label: gettext("Add to a collection"), action: () => collect(article), seconds: 5 });
  else toast(gettext("No longer saved."));
}

/** The collections of the person, to put the clip into. */
export function collect(article) {
  if (!allowed("save", article.dataset.url)) return;
  import("app/collect").then(({ openCollect }) => openCollect(article)).catch(complain);
}

const LONG = 500; // ms that make a press a long one

/** A long press on Save (or its context menu) opens the collections; the click that ends the press saves nothing. */
export function longSave(root) {
  let timer;
  let held;
  const button = (event) => event.target.closest?.("[data-act=save]");
  const stop = () => clearTimeout(timer);
  const open = (found) => {
    held = found;
    collect(found.closest(".clip"));
  };
  root.addEventListener("pointerdown", (event) => {
    const found = button(event);
    held = null;
    if (found && event.button === 0) timer = setTimeout(() => open(found), LONG);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave", "scroll"]) root.addEventListener(name, stop, { passive: true });
  root.addEventListener("contextmenu", (event) => {
    const found = button(event);
    if (!found) return;
    event.preventDefault();
    stop();
    if (held !== found) open(found);
  });
  root.addEventListener("click", (event) => {
    if (!held || button(event) !== held) return;
    held = null;
    event.stopImmediatePropagation();
  }, { capture: true });
}

/** Shows that a clip is saved or not, when something else than its button did it. */
export function savedNow(article, on) {
  const button = article.querySelector("[data-act=save]");
  if (!button || (button.getAttribute("aria-pressed") === "true") === on) return;
  button.setAttribute("aria-pressed", String(on));
  move(article, "saves", on ? 1 : -1);
}

/** A double tap: the heart answers where the finger was, and the clip is liked from then on. */
export function likeAt(article, x, y) {
  if (!allowed("like", article.dataset.url)) return;
  burst(article, x, y);
  set(article, "like", "likes", true);
}

export function burst(article, x, y) {
  const stage = article.querySelector(".clip__stage");
  const box = stage.getBoundingClientRect();
  const heart = element("div", { class: "burst" }, icon("heart"));
  if (!calm.matches) for (let i = 0; i < 6; i++) heart.append(document.createElement("i"));
  heart.style.setProperty("left", `${(x ?? box.left + box.width / 2) - box.left}px`);
  heart.style.setProperty("top", `${(y ?? box.top + box.height / 2) - box.top}px`);
  heart.style.setProperty("--lean", `${Math.round(Math.random() * 30 - 15)}deg`);
  stage.append(heart);
  setTimeout(() => heart.remove(), 760);
}
