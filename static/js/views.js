// Tells analytics what was seen: viewings with the parts that were played, clips that came into sight, looks at profiles,
// follows. Batched: every 10 s, when there are twenty, and as the page hides or goes. How it is sent is visits.js's.

import { report, resend } from "app/visits";

const LEAST = 250; // ms: a clip that was only scrolled past is not a viewing
const SEEN = 1000; // ms that half of a clip must be in sight
const BATCH = 20;

const viewings = new Map();
let others = [];

/** What a page's path says about where its clips are met. */
function placeOf(path) {
  if (/^\/@[^/]+\/video\//.test(path)) return "";
  const places = { "/": "for_you", "/following": "following", "/friends": "friends", "/@": "profile", "/explore": "explore", "/challenges": "explore", "/search": "search", "/tags": "tag", "/sounds": "sound", "/collections": "profile", "/messages": "message", "/i": "invite" };
  return places[path.startsWith("/@") ? "/@" : `/${path.split("/")[1]}`] ?? "other";
}

/** Where somebody who opened a clip's own page came from. */
function cameFrom() {
  if (!document.referrer) return "other";
  const from = new URL(document.referrer);
  if (from.origin !== location.origin) return "external";
  return placeOf(from.pathname) || "other";
}

const opened = placeOf(location.pathname) || cameFrom();

/** `said` is what the feed calls itself; a clip that was paid for is met by that. */
function met(article, said) {
  const promotion = article?.dataset.promotion;
  if (promotion) return { source: "promoted", promotion };
  return { source: said && said !== "video" ? said : opened };
}

const duration = (player) => Math.round((player.video.duration || Number(player.seek?.max) || 0) * 1000);

/** Takes what `player` played since last asked. A clip watched on is one event that grows until it is sent. `left`: for another clip. */
export function note(player, said, left = false) {
  const watched = Math.round(player.watched);
  player.seen = (player.seen ?? 0) + watched;
  const length = duration(player);
  const skipped = left && player.seen >= LEAST && player.seen < Math.min(2000, length / 2);
  if (left) player.seen = 0;
  if (watched < LEAST && !player.loops && !(skipped && watched)) return;
  const event = viewings.get(player.id) ?? { kind: "view", video: player.id, watched_ms: 0, loops: 0, played: [], ...met(player.article, said) };
  event.watched_ms += watched;
  event.loops += player.loops;
  event.duration_ms = length;
  event.played = [...event.played, ...player.played].slice(0, 100);
  if (skipped) event.skipped = true;
  viewings.set(player.id, event);
  Object.assign(player, { watched: 0, loops: 0, played: [] });
  if (viewings.size + others.length >= BATCH) flush();
}

function add(event) {
  others.push(event);
  if (viewings.size + others.length >= BATCH) flush();
}

/** A look at a person's page. */
export function look(username) {
  add({ kind: "profile", profile: username, source: cameFrom() });
}

/** Somebody was followed here: by the clip around the button, or the one whose page led to this. */
export function followed(username, button) {
  const article = button.closest(".clip");
  const before = document.referrer.match(/\/@([^/]+)\/video\/(\d+)/);
  const video = article?.dataset.clip ?? (before?.[1] === username ? before[2] : undefined);
  add({ kind: "follow", follow: username, video, ...met(article, article?.closest(".feed")?.dataset.source) });
  flush();
}

const timers = new WeakMap();
const shown = new Set();
const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => impress(target), SEEN));
    }
  },
  { threshold: 0.5 },
);

function impress(target) {
  sight.unobserve(target);
  const video = target.dataset.clip && !target.dataset.tile ? target.dataset.clip : target.dataset.tile;
  if (document.hidden || shown.has(video)) return;
  shown.add(video);
  add({ kind: "impression", video, ...met(target, target.closest(".feed")?.dataset.source) });
}

/** Clips (of a feed) or tiles (of a grid) that count as seen once half of them was in sight for a second. */
export function watchFor(elements) {
  for (const element of elements) sight.observe(element);
}

export function flush() {
  resend();
  const events = [...viewings.values(), ...others];
  viewings.clear();
  others = [];
  for (let at = 0; at < events.length; at += 100) report(events.slice(at, at + 100));
}

addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", () => document.hidden && flush());
setInterval(flush, 10_000);
