// The visit that this tab is in, signed by the server, and batches of events on their way: each is sent, under one name,
// until it is answered, by this page or by a later one of the tab. The server counts a name once.

import { api, person } from "app/api";

const HOUR = 3_600_000;
const OPENED = Date.now();
const RESEND = 5000; // ms without an answer after which a batch is sent again while its page is still there
const random = () => crypto.randomUUID?.() ?? Math.random().toString(36).slice(2);

function held(name, empty) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? empty;
  } catch {
    return empty;
  }
}

function keep(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // No storage: then only this page can send them, in a visit of its own.
  }
}

/** The signed visit: the tab's, as long as it is the same person's and fresh; else the one this page came with. */
function visit() {
  const now = Date.now();
  const one = held("visit", null);
  if (one?.person === person.id && now - one.at < 11 * HOUR) return one.token;
  const token = document.querySelector('meta[name="visit"]')?.content ?? "";
  if (now - OPENED < 11 * HOUR) keep("visit", { person: person.id, at: OPENED, token });
  else renew(); // a page that is open for so long: the next batch has a new one
  return token;
}

async function renew() {
  const { visit: token } = await api.get("events/visit/", { quiet: true }).catch(() => ({}));
  if (token) keep("visit", { person: person.id, at: Date.now(), token });
}

const busy = new Map(); // batches under way by their names, and since when
let unanswered = held("beacons", []).filter((one) => one.person === person.id && Date.now() - one.at < 0.9 * HOUR);

async function send(one) {
  if (Date.now() - (busy.get(one.batch) ?? 0) < RESEND) return;
  busy.set(one.batch, Date.now());
  let done = true;
  try {
    // keepalive survives the page, and unlike sendBeacon it carries the CSRF token.
    await api.post("events/", { v: 1, visit: one.visit, batch: one.batch, events: one.events }, { keepalive: true, quiet: true });
  } catch ({ status }) {
    // What the server refused will be refused again; what it could not take now is worth another try.
    done = status >= 400 && status < 500 && status !== 429;
  }
  if (!done) return;
  unanswered = unanswered.filter((other) => other !== one);
  keep("beacons", unanswered);
}

/** Sends what is still without an answer. */
export function resend() {
  for (const one of unanswered) send(one);
}

/** Sends events (a hundred at most) as a batch of its own. */
export function report(events) {
  const one = { batch: random(), person: person.id, at: Date.now(), visit: visit(), events };
  unanswered = [...unanswered, one].slice(-20);
  keep("beacons", unanswered);
  resend();
}
