// One behaviour for everything that is moved along a line: trim handles, the playhead, start points. By pointer and by keys:
// arrows 0.1 s, with Shift 1 s, Home and End to the ends.

import { spoken } from "app/editor/clock";

const STEP = 0.1;

/**
 * Makes `handle` a slider. `of`: {label, get(), low(), high(), set(value), from(event) → value under the pointer, text?(value), done?(byKey)}.
 * Returns a function that writes its value anew.
 */
export function slide(handle, of) {
  handle.setAttribute("role", "slider");
  handle.setAttribute("aria-label", of.label);
  handle.tabIndex = 0;
  const write = () => {
    const value = of.get();
    handle.setAttribute("aria-valuemin", of.low().toFixed(1));
    handle.setAttribute("aria-valuemax", of.high().toFixed(1));
    handle.setAttribute("aria-valuenow", value.toFixed(1));
    handle.setAttribute("aria-valuetext", of.text?.(value) ?? spoken(value));
  };
  const set = (value) => {
    of.set(Math.min(Math.max(value, of.low()), of.high()));
    write();
  };
  handle.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 1 : STEP;
    const way = document.dir === "rtl" ? -1 : 1;
    const to = { ArrowRight: of.get() + step * way, ArrowUp: of.get() + step, ArrowLeft: of.get() - step * way, ArrowDown: of.get() - step, PageUp: of.get() + 5, PageDown: of.get() - 5, Home: of.low(), End: of.high() }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    set(event.key === "Home" || event.key === "End" ? to : Math.round(to / STEP) * STEP);
    of.done?.(true);
  });
  handle.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    event.stopPropagation();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    const off = of.get() - of.from(event);
    const move = (now) => set(of.from(now) + off);
    const end = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeAttribute("data-held");
      of.done?.();
    };
    handle.setAttribute("data-held", "");
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end, { once: true });
    handle.addEventListener("pointercancel", end, { once: true });
  });
  write();
  return write;
}
