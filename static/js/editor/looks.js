// The filter strip: each look on a small picture of the clip itself. The looks are SVG colour matrices with the renderer's
// own numbers, computed in sRGB as it does.

import { element } from "app/dialog";
import { matrixOf, rules } from "app/editor/rules";
import { chips } from "app/editor/controls";

const SVG = "http://www.w3.org/2000/svg";

/** Puts the looks into the page once, as filters that style sheets can name: #look-warm. */
export function defineLooks() {
  if (document.getElementById("looks")) return;
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ id: "looks", width: 0, height: 0, class: "visually-hidden", "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const look of rules.looks) {
    const filter = document.createElementNS(SVG, "filter");
    filter.id = `look-${look.name}`;
    filter.setAttribute("color-interpolation-filters", "sRGB");
    for (const [name, value] of Object.entries({ x: "0", y: "0", width: "100%", height: "100%" })) filter.setAttribute(name, value);
    const matrix = document.createElementNS(SVG, "feColorMatrix");
    matrix.setAttribute("type", "matrix");
    matrix.setAttribute("values", matrixOf(look));
    filter.append(matrix);
    svg.append(filter);
  }
  document.body.append(svg);
}

export class Looks {
  constructor(panel, model, name) {
    defineLooks();
    const strip = panel.querySelector("[data-looks]");
    this.model = model;
    this.canvases = rules.looks.map((look) => {
      const canvas = element("canvas", { class: "looks__picture", width: 90, height: 120, "aria-hidden": "true" });
      canvas.style.filter = look.name === "none" ? "none" : `url(#look-${look.name})`;
      strip.append(element("label", { class: "looks__one" }, element("input", { type: "radio", name, value: look.name }), canvas, element("span", { textContent: look.label })));
      return canvas;
    });
    const write = chips(strip, { get: () => model.state.filter, set: (value) => model.change("filter", { filter: value }) });
    model.addEventListener("change", (event) => event.detail.has("filter") && write());
  }

  /** Draws the clip's picture at `time` of its first file under each look. */
  async open(time) {
    const source = this.model.main;
    if (!source?.readable || this.drawn === source) return;
    this.drawn = source;
    const picture = await source.frame(time, 240);
    if (!picture) return;
    for (const canvas of this.canvases) {
      const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
      const [w, h] = [picture.width * scale, picture.height * scale];
      canvas.getContext("2d").drawImage(picture, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
    }
  }
}
