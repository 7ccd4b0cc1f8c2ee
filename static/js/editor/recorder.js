// Recording with the camera of this device, where the browser has one and the person allows it. The other clip of a duet
// plays beside it. Resolves to a file, which then goes the way of every other.

import { element, icon, openDialog } from "app/dialog";
import { clock } from "app/editor/clock";
import { recordable, refusalOf } from "app/editor/voice";

const KINDS = ["video/mp4;codecs=avc1.42E01E,mp4a.40.2", "video/mp4", "video/webm;codecs=vp8,opus", "video/webm"];
const BITRATE = 6_000_000;

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder);

/** Opens the camera; resolves to a File or null. `most`: seconds. `beside`: address of a clip that plays along. */
export function record({ most, beside = "" }) {
  return new Promise((resolve) => new Camera(most, beside, resolve));
}

class Camera {
  constructor(most, beside, resolve) {
    Object.assign(this, { most, file: null, facing: "user" });
    this.video = element("video", { muted: true, playsInline: true, autoplay: true });
    this.other = beside ? element("video", { src: beside, playsInline: true, preload: "auto" }) : null;
    this.line = element("p", { class: "camera__line", role: "status" });
    this.button = element("button", { type: "button", class: "camera__button", "aria-label": gettext("Record"), "aria-pressed": "false", disabled: true, onclick: () => this.press() });
    this.turn = element("button", { type: "button", class: "glass", "aria-label": gettext("Turn the camera around"), onclick: () => this.flip() }, icon("refresh-cw"));
    const stage = element("div", { class: "camera__stage on-ink" }, this.video, this.other, element("div", { class: "camera__bar" }, this.line, this.button, this.turn));
    stage.toggleAttribute("data-beside", Boolean(beside));
    this.box = openDialog(gettext("Record"), [stage]);
    this.box.classList.add("dialog--camera");
    this.box.addEventListener("close", () => {
      this.closed = true;
      if (this.recorder?.state === "recording") this.recorder.stop();
      this.release();
      resolve(this.file);
    });
    this.start();
  }

  release() {
    this.stream?.getTracks().forEach((track) => track.stop());
    clearInterval(this.timer);
    this.other?.pause();
  }

  async start() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: this.facing, width: { ideal: 1080 }, height: { ideal: 1920 }, aspectRatio: { ideal: 9 / 16 } }, audio: true });
      if (this.closed) return this.release();
      this.video.srcObject = this.stream;
      this.video.toggleAttribute("data-mirrored", this.facing === "user");
      this.button.disabled = false;
      this.button.focus();
      this.line.textContent = "";
    } catch (error) {
      this.line.textContent = refusalOf(error, gettext("camera"));
      this.turn.hidden = true;
    }
  }

  flip() {
    if (this.recorder) return;
    this.facing = this.facing === "user" ? "environment" : "user";
    this.release();
    this.start();
  }

  press() {
    if (this.recorder) return this.recorder.stop();
    const pieces = [];
    const kind = recordable(KINDS);
    this.recorder = new MediaRecorder(this.stream, { ...(kind ? { mimeType: kind } : {}), videoBitsPerSecond: BITRATE });
    this.recorder.addEventListener("dataavailable", (event) => event.data.size && pieces.push(event.data));
    this.recorder.addEventListener("stop", () => {
      const type = (this.recorder.mimeType || kind || "video/webm").split(";")[0];
      const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
      if (pieces.length && !this.closed) this.file = new File(pieces, `recording-${stamp}.${type.includes("mp4") ? "mp4" : "webm"}`, { type });
      if (!this.closed) this.box.close();
    });
    this.recorder.start(500);
    this.button.setAttribute("aria-pressed", "true");
    this.button.setAttribute("aria-label", gettext("Stop"));
    this.turn.hidden = true;
    if (this.other) {
      this.other.currentTime = 0;
      this.other.play().catch(() => {});
    }
    const begin = performance.now();
    this.timer = setInterval(() => {
      const now = (performance.now() - begin) / 1000;
      this.line.textContent = `${clock(now, false)} / ${clock(this.most, false)}`;
      if (now >= this.most) this.recorder.stop();
    }, 200);
  }
}
