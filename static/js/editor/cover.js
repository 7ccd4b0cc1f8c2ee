// The cover tool: a frame of the finished clip, chosen on a strip of its pictures or at the playhead.

import { clock } from "app/editor/clock";
import { slide } from "app/editor/slide";
import { element } from "app/dialog";

export class Cover {
  constructor(panel, model, preview) {
    Object.assign(this, { panel, model, preview });
    this.strip = panel.querySelector("[data-cover-strip]");
    this.handle = panel.querySelector("[data-cover-handle]");
    this.line = panel.querySelector("[data-field=cover-line]");
    const last = () => Math.max(0, model.duration - 0.05);
    const set = (time) => {
      model.change("cover", { cover_at: Math.min(time, last()) });
      preview.pause();
      preview.seek(model.state.cover_at);
    };
    this.writeHandle = slide(this.handle, {
      label: gettext("Cover"),
      get: () => model.state.cover_at ?? 0,
      low: () => 0,
      high: last,
      set,
      from: (event) => {
        const box = this.strip.getBoundingClientRect();
        return ((event.clientX - box.left) / box.width) * model.duration;
      },
      done: (byKey) => byKey || model.settle(),
    });
    this.strip.addEventListener("pointerdown", (event) => {
      const box = this.strip.getBoundingClientRect();
      set(((event.clientX - box.left) / box.width) * model.duration);
      this.handle.focus({ preventScroll: true });
    });
    panel.querySelector("[data-do=cover-now]").addEventListener("click", () => set(preview.time));
    panel.querySelector("[data-do=cover-auto]").addEventListener("click", () => model.change("cover-auto", { cover_at: null }));
    model.addEventListener("change", () => this.write());
    this.write();
  }

  /** Fills the strip from the pictures that the timeline has read. */
  open() {
    const { segments, duration } = this.model;
    const cells = 10;
    this.strip.replaceChildren(
      ...Array.from({ length: cells }, (_, i) => {
        const time = ((i + 0.5) / cells) * duration;
        const segment = segments.find((one) => time < one.until) ?? segments.at(-1);
        const film = segment?.source?.film;
        const own = segment && segment.from + (time - segment.at) * segment.rate;
        const at = film && Math.min(film.count - 1, Math.floor((own / segment.source.duration) * film.count));
        const picture = film?.frames[at] ?? film?.frames.find(Boolean);
        const canvas = element("canvas", { width: 54, height: 96, "aria-hidden": "true" });
        if (picture) {
          const scale = Math.max(54 / picture.width, 96 / picture.height);
          canvas.getContext("2d").drawImage(picture, (54 - picture.width * scale) / 2, (96 - picture.height * scale) / 2, picture.width * scale, picture.height * scale);
        }
        return canvas;
      }),
    );
    this.write();
  }

  write() {
    const { cover_at: at } = this.model.state;
    this.handle.style.left = `${(100 * (at ?? 0)) / (this.model.duration || 1)}%`;
    this.handle.toggleAttribute("data-unset", at === null);
    this.line.textContent = at === null ? gettext("A good moment is chosen for you.") : interpolate(gettext("The cover is the picture at %(time)s."), { time: clock(at) }, true);
    this.writeHandle();
  }
}
