// Tells analytics what was watched: batched, when a clip is left, every 10 s while one plays, and as the page goes.

import { api } from "app/api";

const SESSION = (() => {
  try {
    const held = sessionStorage.getItem("session") ?? crypto.randomUUID?.() ?? Math.random().toString(36).slice(2);
    sessionStorage.setItem("session", held);
    return held;
  } catch {
    return Math.random().toString(36).slice(2);
  }
})();

const LEAST = 250; // ms: a clip that was only scrolled past is not a view
const waiting = new Map();

/** Takes what `player` played since last asked. A clip watched on is one event that grows until it is sent. */
export function note(player, source) {
  const watched = Math.round(player.watched);
  if (watched < LEAST && !player.loops) return;
  const event = waiting.get(player.id) ?? { video: player.id, session: SESSION, watched_ms: 0, duration_ms: 0, loops: 0, source };
  event.watched_ms += watched;
  event.loops += player.loops;
  event.duration_ms = Math.round((player.video.duration || Number(player.seek.max) || 0) * 1000);
  waiting.set(player.id, event);
  player.watched = 0;
  player.loops = 0;
  if (waiting.size >= 20) flush();
}

/** A look at a person's page. */
export function look(username) {
  api.post("events/", { events: [{ profile: username, session: SESSION }] }, { keepalive: true, quiet: true }).catch(() => {});
}

// A request that starts while the page goes is sometimes lost with it. What has no answer yet is kept for the next page of
// the tab, which sends it again; the server knows a piece that it had already.
const UNANSWERED = "views";

function unanswered() {
  try {
    return JSON.parse(sessionStorage.getItem(UNANSWERED) ?? "[]");
  } catch {
    return [];
  }
}

function keep(events) {
  try {
    sessionStorage.setItem(UNANSWERED, JSON.stringify(events));
  } catch {
    // No storage: then only this page can send them.
  }
}

async function send(events) {
  const keys = new Set(events.map((event) => JSON.stringify(event)));
  try {
    // keepalive survives the page, and unlike sendBeacon it carries the CSRF token.
    await api.post("events/", { events }, { keepalive: true, quiet: true });
  } catch ({ status }) {
    // What the server refused will be refused again; what it could not take now is worth another try.
    if (!(status >= 400 && status < 500 && status !== 429)) {
      for (const event of events) if (!waiting.has(event.video)) waiting.set(event.video, event);
    }
  }
  keep(unanswered().filter((event) => !keys.has(JSON.stringify(event))));
}

export function flush() {
  if (!waiting.size) return;
  const events = [...waiting.values()];
  waiting.clear();
  keep([...unanswered(), ...events].slice(-100));
  send(events);
}

if (unanswered().length) send(unanswered());
