// <avatar-crop>: around the form of a picture. Choosing a file opens a square to drag and zoom (pointer, pinch, wheel,
// keys); the server crops by the numbers sent along. Without script, or for a file this browser cannot draw, the form
// sends the file as it is and the middle is kept.

import { element, icon, openDialog } from "app/dialog";

const SHOWN = 320; // CSS pixels of the square's side
const SMALLEST = 128; // pixels of the picture that a face may be made of
const STEP = 0.04; // part of the square's side that an arrow key moves by

const clamp = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

/** The square to keep of a picture of this size: its centre and side in the picture's own pixels, always inside of it. */
export class Square {
  constructor(width, height) {
    Object.assign(this, { width, height, x: width / 2, y: height / 2 });
    this.largest = Math.min(width, height);
    this.closest = clamp(this.largest / SMALLEST, 1, 6);
    this.side = this.largest;
  }

  get zoom() {
    return this.largest / this.side;
  }

  /** Zooms; what lies under the point (parts of the square, 0 to 1) stays there. */
  zoomTo(zoom, { x = 0.5, y = 0.5 } = {}) {
    const side = this.largest / clamp(zoom, 1, this.closest);
    this.x += (x - 0.5) * (this.side - side);
    this.y += (y - 0.5) * (this.side - side);
    this.side = side;
    this.move(0, 0);
  }

  /** Moves the picture under the square by parts of the square's side. */
  move(dx, dy) {
    const half = this.side / 2;
    this.x = clamp(this.x - dx * this.side, half, this.width - half);
    this.y = clamp(this.y - dy * this.side, half, this.height - half);
  }

  /** What the server is told. */
  get crop() {
    const parts = { crop_x: (this.x - this.side / 2) / this.width, crop_y: (this.y - this.side / 2) / this.height, crop_side: this.side / this.largest };
    return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, clamp(part, 0, name === "crop_side" ? 1 : 0.999999).toFixed(6)]));
  }
}

/** The square on screen: a canvas that draws it and the hands that move it. */
function stage(picture, square, moved) {
  const canvas = element("canvas", { class: "crop__canvas", tabIndex: 0, role: "img", "aria-label": gettext("Your picture. Move it with the arrow keys, zoom with plus and minus."), width: SHOWN * 2, height: SHOWN * 2 });
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, square.x - square.side / 2, square.y - square.side / 2, square.side, square.side, 0, 0, canvas.width, canvas.height);
    moved();
  };
  const fingers = new Map();
  const place = (event) => {
    const edge = canvas.getBoundingClientRect();
    return { x: (event.clientX - edge.left) / edge.width, y: (event.clientY - edge.top) / edge.height };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = place(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    square.move((now.x - before.x) / fingers.size, (now.y - before.y) / fingers.size);
    if (other) {
      const apart = (point) => Math.hypot(point.x - other.x, point.y - other.y);
      square.zoomTo((square.zoom * apart(now)) / Math.max(apart(before), 0.01), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    }
    fingers.set(event.pointerId, now);
    draw();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    square.zoomTo(square.zoom * Math.exp(-event.deltaY / 400), place(event));
    draw();
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    const closer = { "+": 1.1, "=": 1.1, "-": 1 / 1.1 }[event.key];
    if (!way && !closer) return;
    event.preventDefault();
    if (way) square.move(...way);
    else square.zoomTo(square.zoom * closer);
    draw();
  });
  return { canvas, draw };
}

class AvatarCrop extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.file = this.querySelector("input[type=file]");
    this.send = this.querySelector("[data-send]");
    for (const part of [this.send, this.file, this.querySelector("label")]) part.hidden = true;
    const choose = this.querySelector("[data-choose]");
    choose.hidden = false;
    choose.addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => this.file.files.length && this.begin());
  }

  async begin() {
    try {
      this.ask(await createImageBitmap(this.file.files[0]));
    } catch {
      this.form.requestSubmit(this.send); // the server reads it, or says what is wrong with it
    }
  }

  ask(picture) {
    const square = new Square(picture.width, picture.height);
    const zoom = element("input", { type: "range", id: "crop-zoom", min: 1, max: square.closest, step: 0.01, value: 1, disabled: square.closest === 1 });
    const { canvas, draw } = stage(picture, square, () => (zoom.value = square.zoom));
    zoom.addEventListener("input", () => {
      square.zoomTo(Number(zoom.value));
      draw();
    });
    const send = element("button", { type: "button", class: "button button--primary", textContent: gettext("Use this picture") });
    const cancel = element("button", { type: "button", class: "button button--quiet", textContent: gettext("Cancel") });
    const box = openDialog(gettext("Your picture"), [
      element("div", { class: "crop__stage" }, canvas),
      element("div", { class: "crop__zoom" }, icon("zoom-out"), element("label", { class: "visually-hidden", htmlFor: "crop-zoom", textContent: gettext("Zoom") }), zoom, icon("zoom-in")),
    ], { actions: [cancel, send] });
    let sent = false;
    cancel.addEventListener("click", () => box.close());
    send.addEventListener("click", () => {
      sent = true;
      for (const [name, part] of Object.entries(square.crop)) this.form.elements[name].value = part;
      send.disabled = true;
      this.form.requestSubmit(this.send);
    });
    box.addEventListener("close", () => {
      picture.close();
      if (!sent) this.file.value = ""; // the same file can be chosen again
    });
    draw();
    canvas.focus();
  }
}

customElements.define("avatar-crop", AvatarCrop);
