// A person's round picture, or their initial on the colour the server would have chosen for them (CRC-32 of the name).

import { element } from "app/dialog";

function crc(text) {
  let sum = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** `size` is one of base.css's avatar sizes. */
export function face(person, size = 32) {
  const look = `avatar avatar--${size}`;
  if (person.avatar) return element("img", { class: look, src: person.avatar, alt: "" });
  const initial = [...(person.display_name || person.username || "?")][0];
  const node = element("span", { class: look, textContent: initial, "aria-hidden": "true" });
  node.dataset.hue = crc(person.username ?? "") % 6;
  return node;
}
