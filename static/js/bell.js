// What rings on every page: the number in front of the title and, where this browser wants it, a soft sound. Never in quiet hours.

import { api, person } from "app/api";
import { prefs } from "app/prefs";
import { socket } from "app/socket";

const counts = { messages: 0, notifications: 0 };
const PAUSE_MS = 3000; // several at once are one sound

/** Shows how much is new in front of the page's title: "(3) Messages". What changes the title later keeps the number off. */
export function showInTitle(changes) {
  Object.assign(counts, changes);
  const sum = counts.messages + counts.notifications;
  const bare = document.title.replace(/^\(\d+\+?\) /, "");
  document.title = sum ? `(${sum > 99 ? "99+" : sum}) ${bare}` : bare;
}

let context = null;
let last = 0;

/** Two soft notes, made here: there is nothing to load. Silent until somebody touched the page, as browsers want it. */
export function chime() {
  if (Date.now() - last < PAUSE_MS) return;
  last = Date.now();
  context ??= new AudioContext();
  const volume = context.createGain();
  volume.connect(context.destination);
  volume.gain.setValueAtTime(0, context.currentTime);
  volume.gain.linearRampToValueAtTime(0.12, context.currentTime + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 0.5);
  for (const [tone, after] of [[784, 0], [1175, 0.09]]) {
    const note = context.createOscillator();
    note.frequency.value = tone;
    note.connect(volume);
    note.start(context.currentTime + after);
    note.stop(context.currentTime + 0.55);
  }
}

let quiet = null; // asked once a page, when something rings for the first time

/** Whether it is between `from` and `to` ("22:00") by the clock of `zone`. */
export function isQuiet({ quiet_from: from, quiet_to: to, time_zone: zone }, now = new Date()) {
  if (!from || !to) return false;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone || "UTC" }).format(now);
  return from < to ? from <= clock && clock < to : clock >= from || clock < to;
}

async function ring() {
  if (!prefs.chime) return;
  try {
    quiet ??= api.get("me/notifications/", { quiet: true });
    if (!isQuiet(await quiet)) chime();
  } catch {
    quiet = null;
  }
}

socket.on("notification.new", ring);
socket.on("message.new", (message) => message.sender !== person.username && document.hidden && ring());
