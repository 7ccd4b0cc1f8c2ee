// Choices beside the button that opened them; on a phone a sheet. A native popover: Escape and a tap beside it close it.

import { element, icon } from "app/dialog";

/** `choices`: {icon, text, run, danger?} or null for one that does not apply. Arrows walk, Enter takes, focus returns. */
export function openMenu(button, choices, label = "") {
  const made = choices.filter(Boolean).map((choice) =>
    element("button", { type: "button", role: "menuitem", class: choice.danger ? "danger" : "", onclick: () => (menu.hidePopover(), choice.run()) },
      icon(choice.icon), element("span", { textContent: choice.text })));
  const menu = element("div", { class: "menu-pop", popover: "auto", role: "menu", "aria-label": label || button.getAttribute("aria-label") || "" }, ...made);
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -made.length, End: made.length }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = made.indexOf(document.activeElement);
    made[Math.max(0, Math.min(made.length - 1, at + step))].focus();
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    const lost = !document.activeElement || document.activeElement === document.body || menu.contains(document.activeElement);
    menu.remove();
    if (lost && button.isConnected) button.focus({ preventScroll: true });
  });
  (button.closest("dialog") ?? document.body).append(menu); // beside a modal dialog everything is inert
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  const edge = button.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const below = edge.bottom + box.height + 8 < innerHeight;
  menu.style.top = `${Math.max(8, below ? edge.bottom + 4 : edge.top - box.height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(innerWidth - box.width - 8, edge.right - box.width))}px`;
  made[0]?.focus();
  return menu;
}
