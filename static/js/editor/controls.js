// The small controls of the tool panels, bound to the edit: a dial (range with its value beside it) and chips (radio buttons).
// Each binding returns a function that writes the present value.

export const percent = (value) => `${Math.round(value * 100)} %`;
export const seconds = (value) => `${(Math.round(value * 10) / 10).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1 })} s`;

/** `of`: {get() → number or undefined, set(number), text(number) → string, high?() → number}. */
export function dial(label, of) {
  const input = label.querySelector("input");
  const output = label.querySelector("output");
  const write = () => {
    if (of.high) input.max = String(Math.max(0.1, of.high()));
    const value = of.get();
    if (value === undefined || value === null) return;
    if (document.activeElement !== input || Math.abs(Number(input.value) - value) > Number(input.step || 1)) input.value = String(value);
    output.textContent = of.text(value);
    input.setAttribute("aria-valuetext", of.text(value));
    const [low, high] = [Number(input.min || 0), Number(input.max || 1)];
    input.style.setProperty("--at", `${(100 * (value - low)) / (high - low || 1)}%`);
  };
  input.addEventListener("input", () => {
    of.set(Number(input.value));
    write();
  });
  write();
  return write;
}

/** `of`: {get() → string, set(string)}. */
export function chips(fieldset, of) {
  const inputs = () => [...fieldset.querySelectorAll("input[type=radio]")];
  const write = () => {
    const value = of.get();
    for (const input of inputs()) input.checked = input.value === String(value);
  };
  fieldset.addEventListener("change", (event) => event.target.type === "radio" && of.set(event.target.value));
  write();
  return write;
}

/** Tabs after the ARIA pattern: arrows move, the chosen panel is shown. Returns {choose(name), chosen()}. */
export function tabs(box, changed) {
  const all = [...box.querySelectorAll("[role=tab]")];
  const name = (tab) => tab.dataset.name;
  const shown = () => all.filter((tab) => !tab.hidden);
  const select = (tab, focus = false) => {
    for (const one of all) {
      const on = one === tab;
      one.setAttribute("aria-selected", String(on));
      one.tabIndex = on ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !on;
    }
    tab.scrollIntoView({ block: "nearest", inline: "center" });
    if (focus) tab.focus();
    changed(name(tab));
  };
  for (const tab of all) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      const list = shown();
      const at = list.indexOf(tab);
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      select(list[(to + list.length) % list.length], true);
    });
  }
  return {
    choose: (wanted) => select(all.find((tab) => name(tab) === wanted)),
    chosen: () => name(all.find((tab) => tab.getAttribute("aria-selected") === "true")),
    show: (wanted) => (all.find((tab) => name(tab) === wanted).hidden = false),
  };
}
