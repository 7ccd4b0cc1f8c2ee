// The notifications page: new ones appear by themselves, and all are read once they were seen for a moment.

import { api } from "app/api";
import { icon } from "app/dialog";
import { socket } from "app/socket";

const SEEN_AFTER_MS = 1500;
// What stands for a person where a notice comes from none.
const DRAWINGS = { moderation: "shield-alert", report_handled: "flag", export_ready: "download", clip_ready: "clapperboard", clip_failed: "clapperboard" };
const list = document.querySelector("[data-inbox]");
const template = document.getElementById("notice-template");
const part = (item, name) => item.querySelector(`[data-part="${name}"]`);

function draw(notice) {
  const known = list.querySelector(`[data-id="${CSS.escape(notice.id)}"]`);
  const item = known ?? template.content.firstElementChild.cloneNode(true);
  item.dataset.id = notice.id;
  item.classList.toggle("notice--unread", !notice.read);
  item.querySelector("a").href = notice.url;
  part(item, "text").textContent = notice.text;
  part(item, "quote").textContent = notice.comment?.text ?? "";
  part(item, "quote").hidden = !notice.comment;
  part(item, "time").textContent = gettext("now");
  part(item, "state").textContent = notice.read ? "" : gettext("unread");
  const [who] = notice.people;
  const drawing = DRAWINGS[notice.kind];
  const face = !who && drawing
    ? Object.assign(document.createElement("span"), { className: "avatar avatar--44" })
    : who?.avatar
    ? Object.assign(document.createElement("img"), { className: "avatar avatar--44", src: who.avatar, alt: "", width: 44, height: 44 })
    : Object.assign(document.createElement("span"), { className: "avatar avatar--44", textContent: (who?.display_name ?? "•").slice(0, 1) });
  if (!who && drawing) face.append(icon(drawing));
  part(item, "face").replaceChildren(face);
  const cover = part(item, "cover");
  cover.hidden = !notice.video?.cover;
  if (notice.video?.cover) cover.src = notice.video.cover;
  document.querySelector("[data-empty]").hidden = true;
  list.prepend(item);
}

let timer = 0;
function read() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible" || !list.querySelector(".notice--unread")) return;
  timer = setTimeout(() => api.post("notifications/read/", {}).catch(() => {}), SEEN_AFTER_MS);
}

async function refresh() {
  try {
    const { results } = await api.get("notifications/", { quiet: true });
    for (const notice of results.reverse()) draw(notice);
    read();
  } catch {
    // The next reconnect asks again.
  }
}

socket.on("notification.new", (notice) => {
  draw(notice);
  read();
});
socket.on("reset", refresh);
socket.on("open", ({ again }) => again && refresh());
document.addEventListener("visibilitychange", read);
read();
