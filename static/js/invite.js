// The page that an invite opens. It is opened by this script and not by being fetched, so that machines that look at links for
// a preview open nothing; it says when the clip was watched, and plays it.

import { api } from "app/api";
import { paint } from "app/blurhash";
import { Player } from "app/player";
import * as views from "app/views";

const VIEW = 2; // seconds that make a view, or half of a shorter clip (analytics/definitions.py)
const page = document.querySelector("[data-invite]");
const { invite: token, state } = page.dataset;
const tell = (what) => api.post(`/i/${token}/${what}/`, undefined, { quiet: true, keepalive: true }).catch(() => {});

// A clip that is not everybody's shows once this browser's session holds the invite.
const sealed = page.querySelector("[data-unseal]");
if (sealed) {
  sealed.querySelector("[data-wait]").hidden = false;
  sealed.requestSubmit();
}

const article = page.querySelector(".clip");
if (article) watch(new Player(article));
if (article && state !== "own") tell("open");

function watch(player) {
  paint(article.querySelector("canvas"), article.dataset.hash);
  article.addEventListener("click", (event) => {
    if (event.target.closest("[data-act=mute]")) player.setMuted(!player.video.muted);
    else if (event.target.closest("[data-act=unveil]")) player.unveil();
    else if (event.target.closest(".clip__surface")) player.toggle();
  });
  let seen = 0;
  let told = state === "own";
  let last = 0;
  const follow = setInterval(() => {
    const now = player.video.currentTime;
    if (now > last && now - last < 1.5) seen += now - last;
    last = now;
    if (!told && seen >= Math.min(VIEW, (player.video.duration || Infinity) / 2)) {
      told = true;
      clearInterval(follow);
      tell("watched");
    }
  }, 250);
  const report = () => (views.note(player, "invite"), views.flush());
  setInterval(report, 10_000);
  addEventListener("pagehide", report);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return;
    report();
    player.video.pause();
    player.show("hand");
  });
  player.enter();
}
