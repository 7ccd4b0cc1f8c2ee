// Clips inside a conversation play where they are, one at a time, and stop when they are scrolled away.

import { api } from "app/api";
import { element } from "app/dialog";
import { lightest } from "app/messages";
import { measure } from "app/meter";
import { complain } from "app/toast";
import { note } from "app/views";

let playing = null;
const meters = new Map();

/** Counts what is watched here like what is watched in a feed. */
function count(id, video) {
  const meter = { id, video, watched: 0, loops: 0, last: 0, played: [] };
  meters.set(id, meter);
  video.addEventListener("timeupdate", () => measure(meter, video));
}

const report = () => meters.forEach((meter) => note(meter, "message"));
setInterval(report, 10_000);
document.addEventListener("visibilitychange", () => document.hidden && report());
addEventListener("pagehide", report);

const away = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (!isIntersecting) target.pause();
});

async function renew(video, id) {
  try {
    video.src = lightest((await api.get(`videos/${id}/`)).playback);
    await video.play();
  } catch (error) {
    if (error.status) complain(error);
  }
}

/** Puts the film in the place of its cover, and plays it. */
export function playHere(button) {
  const { src } = button.dataset;
  const { clip } = button.closest("[data-clip]").dataset;
  if (!src) return;
  const poster = button.querySelector("img").getAttribute("src") ?? "";
  const video = element("video", { class: "shared__video", src, controls: true, loop: true, playsInline: true, poster, "aria-label": button.getAttribute("aria-label") });
  video.addEventListener("play", () => {
    if (playing !== video) playing?.pause();
    playing = video;
  });
  // Addresses of clips live for a while only; a page may be open for longer.
  video.addEventListener("error", () => renew(video, clip), { once: true });
  count(clip, video);
  button.replaceWith(video);
  away.observe(video);
  video.focus({ preventScroll: true });
  video.play().catch(() => {}); // a browser that wants another tap has its own button for it
}

document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && playing?.pause());
