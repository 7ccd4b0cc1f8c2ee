// What this browser remembers: sound, quality, keys, whether notices are heard. Nothing personal; the server never sees it.

const defaults = { muted: true, volume: 1, quality: "auto", saver: false, keys: true, captions: true, chime: false };
let held = {};
try {
  held = JSON.parse(localStorage.getItem("prefs") ?? "{}");
} catch {
  held = {};
}

export const prefs = { ...defaults, ...held };

export function remember(changes) {
  Object.assign(prefs, changes);
  try {
    localStorage.setItem("prefs", JSON.stringify(prefs));
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
  document.dispatchEvent(new CustomEvent("prefs", { detail: changes }));
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");
export const wide = matchMedia("(min-width: 720px)");
