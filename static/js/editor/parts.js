// The clips tool: which files are joined and in which order, speed and volume.

import { element, icon } from "app/dialog";
import { clock } from "app/editor/clock";
import { chips, dial, percent } from "app/editor/controls";
import { rules } from "app/editor/rules";

export class Parts {
  /** `add(files)` joins further files to the clip. */
  constructor({ panel, model, preview, add }) {
    Object.assign(this, { panel, model, preview });
    this.list = panel.querySelector("[data-parts]");
    this.input = panel.querySelector("[data-add]");
    this.input.addEventListener("change", () => {
      add([...this.input.files]);
      this.input.value = "";
    });
    this.writers = [
      chips(panel.querySelector("[data-chips=speed]"), { get: () => model.state.speed, set: (value) => model.change("speed", { speed: Number(value) }) }),
      dial(panel.querySelector("[data-dial=volume]"), {
        get: () => (model.state.sound ? model.state.sound.original_volume : model.state.volume),
        set: (value) => (model.state.sound ? model.changeSound({ original_volume: value }) : model.change("volume", { volume: value })),
        text: percent,
      }),
    ];
    model.addEventListener("change", () => this.draw());
    model.addEventListener("sources", () => this.draw());
    this.draw();
  }

  draw() {
    const { clips } = this.model.state;
    const focused = this.list.contains(document.activeElement) ? [document.activeElement.dataset.at, document.activeElement.dataset.act] : null;
    this.list.replaceChildren(...clips.map((clip, i) => this.row(clip, i, clips.length)));
    if (focused) (this.list.querySelector(`[data-at="${focused[0]}"][data-act="${focused[1]}"]:not(:disabled)`) ?? this.input).focus();
    this.input.disabled = clips.length > rules.limits.parts;
    for (const writer of this.writers) writer();
  }

  row(clip, i, count) {
    const source = this.model.source(clip.source);
    const canvas = element("canvas", { width: 44, height: 60, "aria-hidden": "true" });
    const paint = () => {
      const picture = source.film?.frames.find(Boolean);
      if (!picture) return;
      const scale = Math.max(44 / picture.width, 60 / picture.height);
      canvas.getContext("2d").drawImage(picture, (44 - picture.width * scale) / 2, (60 - picture.height * scale) / 2, picture.width * scale, picture.height * scale);
    };
    paint();
    if (!source.film?.frames.find(Boolean)) setTimeout(paint, 1500);
    const button = (act, label, name, run, disabled = false) => element("button", { type: "button", class: "icon-button", "aria-label": interpolate(label, { number: i + 1 }, true), "data-at": i, "data-act": act, disabled, onclick: run }, icon(name));
    const length = clip.end - clip.start;
    const sending = source.percent !== undefined && source.percent < 100 ? ` · ${source.percent} %` : "";
    const acts = i === 0 || count < 2
      ? []
      : [
          button("earlier", gettext("Move clip %(number)s earlier"), "chevron-up", () => this.model.move(i, -1), i < 2),
          button("later", gettext("Move clip %(number)s later"), "chevron-down", () => this.model.move(i, 1), i >= count - 1),
          button("remove", gettext("Take clip %(number)s out"), "x", () => this.model.remove(i)),
        ];
    return element("li", { class: "parts__one" }, canvas, element("div", { class: "parts__what" }, element("strong", { textContent: source.name || gettext("Clip"), dir: "auto" }), element("span", { class: "quiet small", textContent: `${clock(length)} / ${clock(source.duration)}${sending}` })), element("div", { class: "parts__acts" }, ...acts));
  }
}
