// <line-chart>: the read-out of components/chart.html. The drawing and its words come from the server; this moves a cursor
// by pointer or arrow keys and says the day under it.

class LineChart extends HTMLElement {
  connectedCallback() {
    this.plot = this.querySelector("[data-plot]");
    this.svg = this.plot.querySelector("svg");
    this.cursor = this.plot.querySelector("[data-cursor]");
    this.readout = this.plot.querySelector("[data-readout]");
    const numbers = (text) => text.split(" ").map(Number);
    this.ys = numbers(this.dataset.ys);
    this.ysBefore = numbers(this.dataset.ysBefore);
    const rows = this.closest("figure").querySelectorAll("[data-point]");
    this.days = Array.from(rows, (row) => Array.from(row.children, (cell) => cell.textContent.trim()));
    const heads = this.closest("figure").querySelectorAll("thead th");
    this.beforeLabel = heads[2].textContent.trim();
    this.index = -1;

    const plot = this.plot;
    plot.tabIndex = 0;
    plot.setAttribute("role", "slider");
    plot.setAttribute("aria-label", interpolate(gettext("%s, day by day"), [this.svg.querySelector("title").textContent]));
    plot.setAttribute("aria-valuemin", 1);
    plot.setAttribute("aria-valuemax", this.days.length);
    this.say(this.days.length - 1);
    plot.addEventListener("pointermove", (event) => this.show(this.indexAt(event.clientX)));
    plot.addEventListener("pointerdown", (event) => this.show(this.indexAt(event.clientX)));
    plot.addEventListener("pointerleave", () => document.activeElement === plot || this.hide());
    plot.addEventListener("focus", () => plot.matches(":focus-visible") && this.show(this.index < 0 ? this.days.length - 1 : this.index));
    plot.addEventListener("blur", () => this.hide());
    plot.addEventListener("keydown", (event) => this.key(event));
  }


  indexAt(x) {
    const box = this.svg.getBoundingClientRect();
    const last = this.days.length - 1;
    return Math.max(0, Math.min(last, Math.round(((x - box.left) / box.width) * last)));
  }

  key(event) {
    const last = this.days.length - 1;
    const at = this.index < 0 ? last : this.index;
    const to = {
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      PageUp: at + 7,
      PageDown: at - 7,
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "Escape") this.hide();
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.show(Math.max(0, Math.min(last, to)));
  }

  say(index) {
    const [day, now, before] = this.days[index];
    this.plot.setAttribute("aria-valuenow", index + 1);
    this.plot.setAttribute("aria-valuetext", `${day}: ${now}. ${this.beforeLabel}: ${before}`);
  }

  show(index) {
    if (index === this.index && !this.readout.hidden) return;
    this.index = index;
    this.say(index);
    const [day, now, before] = this.days[index];
    const share = this.days.length > 1 ? index / (this.days.length - 1) : 0;
    const x = 100 * share;
    this.cursor.removeAttribute("hidden");
    this.cursor.querySelector("[data-cursor-line]").setAttribute("d", `M${x} 0V100`);
    this.cursor.querySelector("[data-cursor-now]").setAttribute("d", `M${x} ${this.ys[index]}h.001`);
    for (const dot of this.cursor.querySelectorAll("[data-cursor-before]")) dot.setAttribute("d", `M${x} ${this.ysBefore[index]}h.001`);

    const bold = document.createElement("b");
    bold.textContent = now;
    const lines = [day, `${this.beforeLabel}: ${before}`].map((text) => Object.assign(document.createElement("span"), { textContent: text }));
    this.readout.replaceChildren(lines[0], bold, lines[1]);
    this.readout.hidden = false;
    // Beside the cursor, on the side where there is room.
    const room = this.plot.clientWidth;
    const width = this.readout.offsetWidth;
    const left = share * room;
    this.readout.style.left = `${left + 14 + width <= room ? left + 14 : Math.max(0, left - 14 - width)}px`;
  }

  hide() {
    this.index = -1;
    this.cursor.setAttribute("hidden", "");
    this.readout.hidden = true;
    this.say(this.days.length - 1);
  }
}

customElements.define("line-chart", LineChart);
