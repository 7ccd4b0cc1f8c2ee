// The frame tool: as filmed, cut to 9:16 with a focus that is dragged on the picture, or whole on its own blur.

import { chips, dial, percent } from "app/editor/controls";
import { fitOf, panelRatio, panels } from "app/editor/geometry";
import { clamp } from "app/editor/model";

const STEP = 0.02;

export class Frame {
  constructor({ panel, stage, model, preview, open }) {
    Object.assign(this, { panel, model, preview, open });
    this.handle = stage.querySelector("[data-focus-handle]");
    this.line = panel.querySelector("[data-field=frame-line]");
    this.dials = { focus_x: panel.querySelector("[data-dial=focus_x]"), focus_y: panel.querySelector("[data-dial=focus_y]") };
    this.writers = [chips(panel.querySelector("[data-chips=reframe]"), { get: () => model.state.reframe, set: (value) => model.change("reframe", { reframe: value }) })];
    for (const [name, label] of Object.entries(this.dials)) this.writers.push(dial(label, { get: () => model.state[name], set: (value) => model.change("focus", { [name]: value }), text: percent }));
    this.handle.addEventListener("pointerdown", (event) => this.drag(event));
    this.handle.addEventListener("keydown", (event) => this.key(event));
    model.addEventListener("change", () => this.write());
    this.write();
  }

  /** In which directions the picture can be moved: what is wider than its panel to the sides, what is taller up and down. */
  get room() {
    const source = this.preview.segment?.source ?? this.model.main;
    if (!source?.width || fitOf(this.model, this.preview.segment) !== "cover") return { x: 0, y: 0 };
    const ratio = panelRatio(this.model, panels(this.model).own);
    const shape = source.width / source.height;
    return shape > ratio + 0.001 ? { x: shape / ratio - 1, y: 0 } : { x: 0, y: ratio / shape - 1 };
  }

  write() {
    const { room } = this;
    const movable = this.model.state.reframe === "crop" && (room.x > 0.001 || room.y > 0.001);
    this.dials.focus_x.hidden = !(movable && room.x);
    this.dials.focus_y.hidden = !(movable && room.y);
    this.handle.hidden = !movable || this.open() !== "frame";
    this.line.textContent = {
      none: gettext("The clip keeps its shape. On a phone, a wide clip gets a quiet ground above and below."),
      crop: movable ? gettext("Drag the picture to choose what stays.") : gettext("The picture has this shape already: nothing is cut."),
      blur: gettext("Nothing is cut: the whole picture stands on a blurred copy of itself."),
    }[this.model.state.reframe];
    for (const writer of this.writers) writer();
  }

  drag(event) {
    if (event.button) return;
    event.preventDefault();
    const { room, handle } = this;
    const { focus_x: x, focus_y: y } = this.model.state;
    const box = handle.getBoundingClientRect();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    // The picture follows the hand: to the right means its window moves to the left.
    const move = (now) => this.model.change("focus", {
      focus_x: room.x ? clamp(x - (now.clientX - event.clientX) / (box.width * room.x), 0, 1) : x,
      focus_y: room.y ? clamp(y - (now.clientY - event.clientY) / (box.height * room.y), 0, 1) : y,
    });
    const end = () => {
      handle.removeEventListener("pointermove", move);
      this.model.settle();
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end, { once: true });
    handle.addEventListener("pointercancel", end, { once: true });
  }

  key(event) {
    const step = event.shiftKey ? 5 * STEP : STEP;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const { room } = this;
    const { focus_x: x, focus_y: y } = this.model.state;
    this.model.change("focus", { focus_x: room.x ? clamp(x + by[0], 0, 1) : x, focus_y: room.y ? clamp(y + by[1], 0, 1) : y });
  }
}
