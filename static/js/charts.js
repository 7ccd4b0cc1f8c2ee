// <chart-readout>: the read-out of components/chart*.html. The drawing and its words come from the server; this moves a
// cursor by pointer or arrow keys and says what is under it. A page may listen to "chart:at", whose detail is the step.

import { api } from "app/api";
import { localTimes } from "app/local_times";

const language = document.documentElement.lang || "en";

/** Country codes become names in the reader's language, which browsers know and we need not ship. */
export function nameRegions(root = document) {
  let names;
  try {
    names = new Intl.DisplayNames([language], { type: "region" });
  } catch {
    return;
  }
  for (const place of root.querySelectorAll("[data-region]")) {
    try {
      place.textContent = names.of(place.dataset.region);
    } catch {
      // Not a code of a country: what the server wrote stays.
    }
  }
}

/** The hours of a week from UTC to the reader's zone, as far away as it is today: the figures move, the places stay. Where that is no
 * whole number of hours, every hour keeps what was counted in it and begins at, say, half past. */
function toOwnZone(figure, marks) {
  const away = -new Date().getTimezoneOffset();
  const zone = figure.querySelector("[data-zone]");
  if (!away || !zone) return;
  zone.removeAttribute("data-zone");
  const moved = Math.floor(away / 60);
  const minutes = String(away - 60 * moved).padStart(2, "0");
  const begins = (text) => (minutes === "00" ? text : text.replace("24:00", "0:00").replaceAll(":00", `:${minutes}`));
  const from = (at) => (at - moved + 168) % 168;
  const rows = Array.from(figure.querySelectorAll("tbody tr"));
  const before = marks.map((mark) => ({ heat: mark.getAttribute("class"), value: mark.dataset.value }));
  marks.forEach((mark, at) => {
    const { heat, value } = before[from(at)];
    mark.setAttribute("class", heat);
    mark.dataset.value = value;
    mark.dataset.label = begins(mark.dataset.label);
    rows[at % 24].children[1 + Math.floor(at / 24)].textContent = value;
  });
  for (const hour of figure.querySelectorAll("tbody th, .hours__labels li")) hour.textContent = begins(hour.textContent);
  const parts = new Intl.DateTimeFormat(language, { timeZoneName: "long" }).formatToParts(new Date());
  zone.textContent = interpolate(gettext("Hours are yours: %s."), [parts.find(({ type }) => type === "timeZoneName").value]);
  const summary = figure.querySelector("[data-busiest]");
  if (!summary?.dataset.busiest) return;
  const { label, value } = marks.find((_mark, at) => from(at) === Number(summary.dataset.busiest)).dataset;
  summary.textContent = interpolate(gettext("Busiest: %(when)s, with %(value)s."), { when: label, value }, true);
  figure.querySelector("svg[aria-label]").setAttribute("aria-label", `${figure.querySelector("[data-title]").dataset.title}. ${summary.textContent}`);
}

/** Steps that are minutes of UTC, in the reader's zone: in the table, below the line, and in what is said of it. */
function minutesOfOwnZone(figure, first) {
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
  const heads = Array.from(figure.querySelectorAll("tbody th"));
  const own = new Map(heads.map((head, at) => [head.textContent, clock.format(first.getTime() + at * 60_000)]));
  // 12:05 before 2:05, which is a part of it.
  const any = new RegExp(Array.from(own.keys()).sort((a, b) => b.length - a.length).join("|"), "g");
  for (const place of [...heads, ...figure.querySelectorAll(".chart__labels li, desc")]) {
    place.textContent = place.textContent.replace(any, (minute) => own.get(minute));
  }
  figure.querySelector("thead th").textContent = gettext("Minute");
}

const words = (text) => (text ? text.trim().split(/\s+/).map(Number) : []);
const line = (text) => Object.assign(document.createElement("span"), { textContent: text });

class ChartReadout extends HTMLElement {
  connectedCallback() {
    this.kind = this.dataset.kind;
    this.plot = this.querySelector("[data-plot]");
    this.readout = this.plot.querySelector("[data-readout]");
    this.marks = Array.from(this.plot.querySelectorAll("[data-mark]"));
    this.ys = words(this.dataset.ys);
    this.ysBefore = words(this.dataset.ysBefore);
    this.svg = this.plot.querySelector("svg");
    this.cursor = this.plot.querySelector("[data-cursor]");
    nameRegions(this.closest("figure"));
    if (this.kind === "hours") toOwnZone(this.closest("figure"), this.marks);
    const { firstMinute } = this.dataset;
    if (firstMinute) minutesOfOwnZone(this.closest("figure"), new Date(firstMinute));
    this.steps = this.kind === "hours" ? this.marks.map(({ dataset }) => [dataset.label, dataset.value]) : this.rows();
    if (!this.steps.length) return;
    this.rest = this.kind === "line" ? this.steps.length - 1 : 0;
    this.index = -1;

    const plot = this.plot;
    const title = this.dataset.title ?? this.svg.querySelector("title").textContent;
    plot.tabIndex = 0;
    plot.setAttribute("role", "slider");
    plot.setAttribute("aria-label", this.kind === "line" ? interpolate(gettext("%s, step by step"), [title]) : title);
    if (this.kind === "bars") plot.setAttribute("aria-orientation", "vertical");
    plot.setAttribute("aria-valuemin", 1);
    plot.setAttribute("aria-valuemax", this.steps.length);
    this.say(this.rest);
    const move = (event) => this.show(this.indexAt(event));
    plot.addEventListener("pointermove", move);
    plot.addEventListener("pointerdown", move);
    plot.addEventListener("pointerleave", () => plot.matches(":focus-visible") || this.hide());
    plot.addEventListener("focus", () => plot.matches(":focus-visible") && this.show(this.index < 0 ? this.rest : this.index));
    plot.addEventListener("blur", () => this.hide());
    plot.addEventListener("keydown", (event) => this.key(event));
  }

  /** What the table says, a row a step; its heads name the values. */
  rows() {
    const figure = this.closest("figure");
    this.heads = Array.from(figure.querySelectorAll("thead th"), (head) => head.textContent.trim());
    return Array.from(figure.querySelectorAll("[data-point]"), (row) => Array.from(row.children, (cell) => cell.textContent.trim()));
  }

  indexAt(event) {
    const last = this.steps.length - 1;
    const box = (this.cursor ? this.svg : this.plot).getBoundingClientRect();
    const along = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    const within = (value, top) => Math.max(0, Math.min(top, value));
    if (this.kind === "bars") return within(Math.floor(down * this.steps.length), last);
    if (this.kind === "hours") return 24 * within(Math.floor(down * 7), 6) + within(Math.floor(along * 24), 23);
    return within(Math.round(along * last), last);
  }

  key(event) {
    const last = this.steps.length - 1;
    const at = this.index < 0 ? this.rest : this.index;
    const [across, down, page] = { line: [1, -1, 7], retention: [1, -1, 5], bars: [1, 1, 5], hours: [1, 24, 24] }[this.kind];
    const to = {
      ArrowRight: at + across,
      ArrowLeft: at - across,
      ArrowDown: at + down,
      ArrowUp: at - down,
      PageUp: at + page,
      PageDown: at - page,
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "Escape") this.hide();
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (this.kind === "hours" && (to < 0 || to > last)) return;
    this.show(Math.max(0, Math.min(last, to)));
  }

  say(index) {
    const [label, value, ...others] = this.steps[index];
    const more = others.map((other, i) => `${this.heads[i + 2]}: ${other}`);
    this.plot.setAttribute("aria-valuenow", index + 1);
    this.plot.setAttribute("aria-valuetext", [`${label}: ${value}`, ...more].join(". "));
  }

  show(index) {
    if (index === this.index && !this.readout.hidden) return;
    this.index = index;
    this.say(index);
    const [label, value, ...others] = this.steps[index];
    const bold = document.createElement("b");
    bold.textContent = value;
    this.readout.replaceChildren(line(label), bold, ...others.map((other, i) => line(`${this.heads[i + 2]}: ${other}`)));
    this.readout.hidden = false;
    this.marks.forEach((mark, i) => mark.classList.toggle("is-at", i === index));
    if (this.cursor) this.moveCursor(index);
    this.place(index);
    this.dispatchEvent(new CustomEvent("chart:at", { bubbles: true, detail: index }));
  }

  moveCursor(index) {
    const x = 100 * this.share(index);
    this.cursor.removeAttribute("hidden");
    this.cursor.querySelector("[data-cursor-line]").setAttribute("d", `M${x} 0V100`);
    const put = (dot, y) => dot.setAttribute("d", Number.isNaN(y) ? "" : `M${x} ${y}h.001`); // no figure, no dot
    put(this.cursor.querySelector("[data-cursor-now]"), this.ys[index]);
    for (const dot of this.cursor.querySelectorAll("[data-cursor-before]")) put(dot, this.ysBefore[index]);
  }

  share(index) {
    return this.steps.length > 1 ? index / (this.steps.length - 1) : 0;
  }

  /** Beside the cursor, on the side where there is room. */
  place(index) {
    const room = this.plot.clientWidth;
    const { offsetWidth: width, offsetHeight: height } = this.readout;
    let left = this.share(index) * room;
    let top = 0;
    if (this.kind === "retention") return; // a strip at the top of the clip
    if (this.kind === "bars" || this.kind === "hours") {
      const box = this.plot.getBoundingClientRect();
      const mark = this.marks[index].getBoundingClientRect();
      left = this.kind === "hours" ? mark.right - box.left - 10 : room - width - 14;
      top = mark.bottom - box.top + 4;
      if (this.kind === "hours" && top + height > box.height) top = Math.max(0, mark.top - box.top - height - 4);
    }
    this.readout.style.left = `${left + 14 + width <= room ? left + 14 : Math.max(0, left - 14 - width)}px`;
    this.readout.style.top = `${top}px`;
  }

  hide() {
    this.index = -1;
    this.cursor?.setAttribute("hidden", "");
    this.marks.forEach((mark) => mark.classList.remove("is-at"));
    this.readout.hidden = true;
    this.say(this.rest);
  }
}

customElements.define("chart-readout", ChartReadout);
nameRegions();
localTimes();

/** A card chooses its chart in place; the address says so, and without script or network the link does. */
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-metric]");
  const part = link?.closest("[data-metrics]");
  if (!part || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const url = new URL(link.href);
  try {
    const fresh = (await api.fragment(url.pathname + url.search)).querySelector("[data-metrics]");
    const strip = part.querySelector(".cards").scrollLeft;
    part.replaceChildren(...fresh.children);
    part.querySelector(".cards").scrollLeft = strip;
    part.querySelector("a[aria-current]")?.focus({ preventScroll: true });
    history.replaceState(null, "", url.pathname + url.search);
  } catch {
    location.assign(link.href);
  }
});

// Filters of a list apply as soon as one is chosen.
for (const form of document.querySelectorAll("[data-filters]")) {
  form.addEventListener("change", (event) => event.target.matches("select") && form.requestSubmit());
}

// The choice of one's own range closes when one looks elsewhere.
for (const range of document.querySelectorAll(".own-range")) {
  document.addEventListener("click", (event) => range.contains(event.target) || range.removeAttribute("open"));
  range.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !range.open) return;
    range.open = false;
    range.querySelector("summary").focus();
  });
}
