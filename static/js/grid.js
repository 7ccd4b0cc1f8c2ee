// Grids of covers: the next page comes before the end is reached, and a cover moves while the pointer or the focus rests
// on it: its small animated picture, or where a clip has none yet, its smallest file.

import { api } from "app/api";
import { average } from "app/blurhash";
import { calm, prefs } from "app/prefs";
import { complain } from "app/toast";
import { watchFor } from "app/views";

const REST = 180; // ms the pointer must rest before a cover plays: crossing a grid starts nothing

function dress(scope) {
  watchFor(scope.querySelectorAll("[data-tile]"));
  for (const tile of scope.querySelectorAll("[data-tile]")) {
    const colour = tile.dataset.color || average(tile.dataset.hash);
    if (colour) tile.style.setProperty("--tile", colour);
    tile.querySelector("img")?.addEventListener("error", (event) => event.target.remove());
  }
}

const still = () => calm.matches || prefs.saver || navigator.connection?.saveData;

function start(tile) {
  const { preview, clip } = tile.dataset;
  if (tile.playing || still() || !(preview || clip)) return;
  const node = document.createElement(preview ? "img" : "video");
  tile.playing = node;
  node.addEventListener("error", () => stop(tile));
  const show = () => tile.playing === node && (tile.querySelector("img") ?? tile.firstElementChild).after(node);
  if (preview) {
    // Never in the page before it is wanted: nothing moves by itself, and nothing is fetched for a grid nobody touches.
    Object.assign(node, { alt: "", decoding: "async", className: "tile__moving", src: preview });
    node.decode().then(show, () => stop(tile));
  } else {
    Object.assign(node, { muted: true, loop: true, playsInline: true, disablePictureInPicture: true, className: "tile__moving", src: clip });
    node.addEventListener("playing", show, { once: true });
    node.play().catch(() => {});
  }
}

function stop(tile) {
  clearTimeout(tile.timer);
  const node = tile.playing;
  if (!node) return;
  tile.playing = null;
  node.remove();
  node.removeAttribute("src");
  if (node.localName === "video") node.load();
}

addEventListener("pageshow", () => {
  for (const tile of document.querySelectorAll("[data-tile]")) tile.style.removeProperty("view-transition-name");
});

for (const grid of document.querySelectorAll("[data-grid]")) {
  dress(grid);
  const over = (event) => {
    const tile = event.target.closest?.("[data-tile]");
    if (!tile || tile.contains(event.relatedTarget)) return;
    clearTimeout(tile.timer);
    tile.timer = setTimeout(() => start(tile), REST);
  };
  const out = (event) => {
    const tile = event.target.closest?.("[data-tile]");
    if (tile && !tile.contains(event.relatedTarget)) stop(tile);
  };
  grid.addEventListener("pointerover", (event) => event.pointerType === "mouse" && over(event));
  grid.addEventListener("pointerout", out);
  grid.addEventListener("click", (event) => event.target.closest?.("[data-tile]")?.style.setProperty("view-transition-name", "stage"));
  grid.addEventListener("focusin", over);
  grid.addEventListener("focusout", out);

  const sight = new IntersectionObserver(async ([entry]) => {
    const mark = entry.target;
    const cursor = mark.dataset.next;
    if (!entry.isIntersecting || !cursor) return;
    sight.unobserve(mark);
    const address = new URL(location.href);
    address.searchParams.set("cursor", cursor);
    address.searchParams.set("fragment", "1");
    try {
      const piece = await api.fragment(address.pathname + address.search);
      dress(piece);
      mark.remove();
      grid.append(piece);
      watch();
    } catch (error) {
      complain(error);
      setTimeout(() => sight.observe(mark), 4000);
    }
  }, { rootMargin: "800px" });

  const watch = () => {
    const mark = grid.querySelector("[data-next]");
    if (!mark?.dataset.next) return;
    mark.hidden = false; // a hidden element is never in sight
    sight.observe(mark);
  };
  watch();
}
