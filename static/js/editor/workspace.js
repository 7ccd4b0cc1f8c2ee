// One clip's editor: the model, the stage, the timeline and the tools, put together over the markup of
// templates/videos/editor_*.html.

import { tabs } from "app/editor/controls";
import { Cover } from "app/editor/cover";
import { Frame } from "app/editor/frame";
import { Looks } from "app/editor/looks";
import { Parts } from "app/editor/parts";
import { Preview } from "app/editor/preview";
import { RemixTool } from "app/editor/remix";
import { SoundTool } from "app/editor/sounds";
import { Texts } from "app/editor/texts";
import { Timeline } from "app/editor/timeline";
import { Voice } from "app/editor/voice";

let number = 0;

/** Makes the ids of a cloned pattern, what refers to them, and the names of its radio groups its own. */
export function makeOwn(box) {
  const mark = `c${++number}`;
  for (const node of box.querySelectorAll("[id], [aria-controls], [aria-labelledby], [for]")) {
    if (node.getAttribute("role") === "tab") node.dataset.name = node.id.replace("tab-", "");
    for (const name of ["id", "aria-controls", "aria-labelledby", "for"]) if (node.hasAttribute(name)) node.setAttribute(name, `${node.getAttribute(name)}-${mark}`);
    if (node.getAttribute("role") === "tabpanel") node.dataset.panel = node.id.replace(/^panel-|-c\d+$/g, "");
  }
  for (const input of box.querySelectorAll("[data-tools] input[type=radio]")) input.name += `-${mark}`;
  return mark;
}

export class Workspace {
  /** `add(files)` joins files to the clip; `send(source)` begins the upload of a recording. */
  constructor(box, model, mark, { add, send }) {
    Object.assign(this, { box, model });
    const panel = (name) => box.querySelector(`[data-panel=${name}]`);
    const stage = box.querySelector("[data-stage-box]");
    this.preview = new Preview(stage.querySelector("[data-stage-room]"), model);
    this.timeline = new Timeline(box.querySelector("[data-timeline]"), model, this.preview, (kind, id) => this.choose(kind, id));
    // Tools ask which of them is open, and may open one.
    const open = (name) => {
      if (name && this.tools.chosen() !== name) this.tools.choose(name);
      return this.tools.chosen();
    };
    this.tools = tabs(box.querySelector("[data-tools]"), (name) => this.opened(name));
    const parts = { stage, model, preview: this.preview, open };
    this.parts = new Parts({ panel: panel("clips"), ...parts, add });
    this.frame = new Frame({ panel: panel("frame"), ...parts });
    this.texts = new Texts({ panel: panel("text"), ...parts });
    this.sound = new SoundTool(panel("sound"), model, this.preview);
    this.voice = new Voice({ panel: panel("voice"), ...parts, send });
    this.looks = new Looks(panel("look"), model, `look-${mark}`);
    this.cover = new Cover(panel("cover"), model, this.preview);
    if (model.remix) {
      this.tools.show("remix");
      this.remix = new RemixTool(panel("remix"), box.querySelector("[data-name=remix]"), model);
    }
    this.bind(stage);
  }

  bind(stage) {
    const { box, model, preview } = this;
    box.addEventListener("click", (event) => this.press(event.target.closest("[data-do]")?.dataset.do));
    stage.querySelector("[data-frame]").addEventListener("click", (event) => {
      if (!event.target.closest(".stage__text, .stage__focus")) preview.toggle();
    });
    preview.addEventListener("play", () => box.toggleAttribute("data-playing", preview.playing));
    box.addEventListener("keydown", (event) => this.key(event));
    const steps = () => {
      box.querySelector("[data-do=undo]").disabled = !model.past.length;
      box.querySelector("[data-do=redo]").disabled = !model.future.length;
    };
    model.addEventListener("change", steps);
    box.addEventListener("film", () => {
      this.parts.draw();
      if (this.tools.chosen() === "cover") this.cover.open();
    });
  }

  opened(name) {
    this.frame?.write();
    this.texts?.reveal();
    if (name === "cover") this.cover?.open();
    if (name === "look") this.looks?.open(this.model.state.clips[0]?.start + 0.5);
    if (name === "sound") this.sound?.write();
    this.box.dataset.tool = name;
  }

  /** A bar of the timeline was pressed: its tool opens. */
  choose(kind, id) {
    this.tools.choose(kind);
    if (kind === "text") this.texts.choose(id);
  }

  press(act) {
    const acts = {
      play: () => this.preview.toggle(),
      undo: () => this.model.undo(),
      redo: () => this.model.redo(),
      "zoom-in": () => this.zoom(1),
      "zoom-out": () => this.zoom(-1),
    };
    acts[act]?.();
  }

  zoom(by) {
    const ends = this.timeline.magnify(by);
    this.box.querySelector("[data-do=zoom-out]").disabled = ends.least;
    this.box.querySelector("[data-do=zoom-in]").disabled = ends.most;
  }

  /** Space plays, Ctrl Z undoes; silent where something is written. */
  key(event) {
    const writing = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox], [type=range], [type=color], [type=file])");
    if (writing) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") {
      event.preventDefault();
      if (event.shiftKey) this.model.redo();
      else this.model.undo();
    } else if (command && event.key.toLowerCase() === "y") {
      event.preventDefault();
      this.model.redo();
    } else if (event.key === " " && !event.target.closest("button, label, input, summary, a")) {
      event.preventDefault();
      this.preview.toggle();
    }
  }

  close() {
    this.preview.close();
    this.timeline.close();
  }
}
