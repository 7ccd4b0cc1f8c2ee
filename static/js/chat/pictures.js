// Pictures of a conversation: which files are taken, dropping them anywhere on it, and looking at one large.

import { element, icon } from "app/dialog";
import { toast } from "app/toast";

const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const MOST = 10;
const LARGEST = 20 * 1024 * 1024; // bytes; the server has the last word

async function sizeOf(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return { width: picture.naturalWidth, height: picture.naturalHeight };
}

/** The files that can be sent, with their size and an address to show them by; says what is wrong with the others. */
export async function chosenFiles(files, already = 0) {
  const chosen = [];
  for (const file of files) {
    if (already + chosen.length >= MOST) {
      toast(interpolate(gettext("At most %(count)s pictures at a time."), { count: MOST }, true));
      break;
    }
    if (!TYPES.includes(file.type)) {
      toast(gettext("Choose a JPEG, PNG, WebP or GIF picture."));
    } else if (file.size > LARGEST) {
      toast(gettext("This picture is larger than 20 MB. Choose a smaller one."));
    } else {
      const url = URL.createObjectURL(file);
      try {
        chosen.push({ file, url, ...(await sizeOf(url)) });
      } catch {
        URL.revokeObjectURL(url);
        toast(gettext("This file is damaged or not a picture. Choose another."));
      }
    }
  }
  return chosen;
}

/** Pictures dragged over `root` may be dropped anywhere on it. */
export function takeDrops(root, take) {
  const veil = element("p", { class: "chat__drop", hidden: true }, icon("image-plus"), element("span", { textContent: gettext("Drop pictures here") }));
  root.append(veil);
  let depth = 0;
  const holds = (event) => [...(event.dataTransfer?.items ?? [])].some((item) => item.kind === "file");
  const show = (by) => {
    depth = Math.max(0, depth + by);
    veil.hidden = depth === 0;
  };
  root.addEventListener("dragenter", (event) => holds(event) && show(1));
  root.addEventListener("dragleave", (event) => holds(event) && show(-1));
  root.addEventListener("dragover", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  root.addEventListener("drop", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    show(-depth);
    take(event.dataTransfer.files);
  });
}

/** One picture over everything; Escape, a click or the button closes it. */
export function enlarge(button) {
  const box = element(
    "dialog",
    { class: "enlarged", "aria-label": gettext("Picture"), onclick: () => box.close(), onclose: () => { box.remove(); button.focus({ preventScroll: true }); } },
    element("img", { src: button.querySelector("img").src, alt: "" }),
    element("button", { type: "button", class: "glass", "aria-label": gettext("Close") }, icon("x")),
  );
  document.body.append(box);
  box.showModal();
}
