// The voice-over: spoken into the microphone while the clip plays silently, or a file. It is one more upload of the clip.

import { clock } from "app/editor/clock";
import { dial, percent } from "app/editor/controls";
import { Source } from "app/editor/sources";

const KINDS = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/webm"];

/** The first kind that this browser can record, or "" to let it choose. */
export const recordable = (kinds) => kinds.find((kind) => globalThis.MediaRecorder?.isTypeSupported?.(kind)) ?? "";

/** A sentence for why a device could not be used. */
export function refusalOf(error, device) {
  if (error?.name === "NotAllowedError" || error?.name === "SecurityError") return interpolate(gettext("The browser may not use the %(device)s. Allow it in the site's permissions, or choose a file."), { device }, true);
  if (error?.name === "NotFoundError" || !navigator.mediaDevices) return interpolate(gettext("No %(device)s was found here. Choose a file instead."), { device }, true);
  return interpolate(gettext("The %(device)s did not start. Another program may be using it."), { device }, true);
}

export class Voice {
  /** `send(source)` begins the upload of a recording. */
  constructor({ panel, model, preview, send }) {
    Object.assign(this, { panel, model, preview, send });
    this.line = panel.querySelector("[data-field=voice-line]");
    const change = (name) => (value) => model.change(`voice-${name}`, { voice: { ...model.state.voice, [name]: value } });
    const bind = (name, text, high) => dial(panel.querySelector(`[data-voice-dial=${name}]`), { get: () => model.state.voice?.[name], set: change(name), text, high });
    this.writers = [bind("start", clock, () => Math.max(0.1, model.duration - 0.1)), bind("volume", percent, () => 2)];
    panel.querySelector("[data-do=voice-record]").addEventListener("click", () => (this.recorder ? this.stop() : this.record()));
    panel.querySelector("[data-do=voice-remove]").addEventListener("click", () => this.remove());
    panel.querySelector("[data-voice-file]").addEventListener("change", (event) => {
      const [file] = event.target.files;
      if (file) this.take(file, 0);
      event.target.value = "";
    });
    preview.addEventListener("play", () => this.recorder && !preview.playing && this.stop());
    model.addEventListener("change", () => this.write());
    this.write();
  }

  async record() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    } catch (error) {
      this.line.textContent = refusalOf(error, gettext("microphone"));
      return;
    }
    if (this.preview.time >= this.model.duration - 0.5) this.preview.seek(0);
    const start = this.preview.time;
    const pieces = [];
    const kind = recordable(KINDS);
    this.recorder = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
    this.recorder.addEventListener("dataavailable", (event) => event.data.size && pieces.push(event.data));
    this.recorder.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      const type = (this.recorder.mimeType || kind).split(";")[0];
      this.recorder = null;
      this.preview.mixer.quiet = false;
      const name = `voice.${type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm"}`;
      if (pieces.length) this.take(new File(pieces, name, { type }), start);
      this.write();
    });
    this.recorder.start(250);
    this.preview.mixer.quiet = true;
    this.preview.play();
    this.line.textContent = gettext("Recording. Press again to stop.");
    this.write();
  }

  stop() {
    if (this.recorder?.state === "recording") this.recorder.stop();
    this.preview.pause();
  }

  async take(file, start) {
    this.line.textContent = "";
    const source = await new Source({ file }).open();
    if (!source.duration) {
      this.line.textContent = gettext("There is no sound in this file that can be used. Choose another one.");
      return;
    }
    const key = this.model.addSource(source);
    this.model.settle();
    this.model.change("voice", { voice: { source: key, start, volume: 1 } });
    this.send(source);
  }

  remove() {
    this.model.settle();
    this.model.change("voice", { voice: null });
  }

  write() {
    const { voice } = this.model.state;
    this.panel.querySelector("[data-voice]").hidden = !voice;
    this.panel.querySelector("[data-voice-none]").hidden = Boolean(voice);
    this.panel.querySelector("[data-do=voice-remove]").hidden = !voice;
    const button = this.panel.querySelector("[data-do=voice-record]");
    button.toggleAttribute("data-live", Boolean(this.recorder));
    this.panel.querySelector("[data-field=voice-record]").textContent = this.recorder ? gettext("Stop") : voice ? gettext("Record again") : gettext("Record");
    for (const writer of this.writers) writer();
  }
}
