// Like and save: optimistic, the same from button, key and double tap. A double tap never takes a like back.

import { api } from "app/api";
import { allowed } from "app/gate";
import { complain } from "app/toast";
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
    await (on ? api.post(path) : api.delete(path));
  } catch (error) {
    show(before);
    complain(error);
  }
}

const pressed = (article, act) => article.querySelector(`[data-act="${act}"]`).getAttribute("aria-pressed") === "true";

export function toggleLike(article) {
  if (allowed("like", article.dataset.url)) set(article, "like", "likes", !pressed(article, "like"));
}

export function toggleSave(article) {
  if (allowed("save", article.dataset.url)) set(article, "save", "saves", !pressed(article, "save"));
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
