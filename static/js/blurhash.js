// Blurhash (https://github.com/woltapp/blurhash, Algorithm.md) into a small canvas: what a clip's place shows at once.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

const number = (text) => [...text].reduce((sum, digit) => sum * 83 + DIGITS.indexOf(digit), 0);
const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const display = (value) => {
  const v = Math.max(0, Math.min(1, value));
  return Math.round(255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055));
};

/** The average colour as `#rrggbb`, or null for no hash. */
export function average(hash) {
  return hash?.length >= 6 ? `#${number(hash.slice(2, 6)).toString(16).padStart(6, "0")}` : null;
}

export function paint(canvas, hash) {
  if (!hash || hash.length < 6) return;
  const size = number(hash[0]);
  const columns = (size % 9) + 1;
  const rows = Math.floor(size / 9) + 1;
  if (hash.length !== 4 + 2 * columns * rows) return;
  const peak = (number(hash[1]) + 1) / 166;
  const colours = [];
  for (let i = 0; i < columns * rows; i++) {
    if (i === 0) {
      const value = number(hash.slice(2, 6));
      colours.push([linear(value >> 16), linear((value >> 8) & 255), linear(value & 255)]);
    } else {
      const value = number(hash.slice(4 + i * 2, 6 + i * 2));
      const part = (digit) => Math.sign(digit - 9) * ((digit - 9) / 9) ** 2 * peak;
      colours.push([part(Math.floor(value / 361)), part(Math.floor(value / 19) % 19), part(value % 19)]);
    }
  }
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sum = [0, 0, 0];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const weight = Math.cos((Math.PI * x * column) / width) * Math.cos((Math.PI * y * row) / height);
          const colour = colours[column + row * columns];
          for (let c = 0; c < 3; c++) sum[c] += colour[c] * weight;
        }
      }
      const at = 4 * (x + y * width);
      for (let c = 0; c < 3; c++) image.data[at + c] = display(sum[c]);
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}
