// Short sentences at the bottom of the window, read out by screen readers; with an action (undo) they stay longer.

export function toast(text, { action, label, seconds } = {}) {
  const region = document.getElementById("toasts");
  if (!region) return () => {};
  const box = document.createElement("div");
  box.className = "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  const close = () => box.remove();
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label ?? gettext("Undo") });
    button.addEventListener("click", () => {
      close();
      action();
    });
    box.append(button);
  }
  while (region.children.length > 2) region.firstElementChild.remove();
  region.append(box);
  let timer = setTimeout(close, 1000 * (seconds ?? (action ? 8 : 4)));
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => (timer = setTimeout(close, 2000)));
  return close;
}

/** What every failed act says. */
export const complain = (error) => {
  if (error?.name !== "AbortError" && error?.status !== 401) toast(error.message);
};
