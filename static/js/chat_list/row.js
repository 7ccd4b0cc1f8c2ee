// A conversation in the list: its title, faces and newest words, by the rules of messaging/templatetags/conversations.py.

import { person } from "app/api";

const NAMES = 3;
const LINE = 80;
const language = document.documentElement.lang || undefined;
const fill = (text, values) => interpolate(text, values, true);

export const part = (item, name) => item.querySelector(`[data-part="${name}"]`);

export function titleOf(card) {
  if (card.name) return card.name;
  const names = card.people.map((one) => one.display_name);
  if (!names.length) return gettext("Only you");
  if (names.length <= NAMES) return names.join(", ");
  return fill(gettext("%(names)s and %(count)s more"), { names: names.slice(0, NAMES).join(", "), count: names.length - NAMES });
}

export function eventWords({ sender, event }) {
  const said = {
    created: gettext("%(who)s made the group"),
    added: gettext("%(who)s added %(subject)s"),
    removed: gettext("%(who)s removed %(subject)s"),
    left: gettext("%(who)s left"),
    renamed: gettext("%(who)s named the group “%(text)s”"),
    admin: gettext("%(who)s made %(subject)s an admin"),
    not_admin: gettext("%(subject)s is no longer an admin"),
  }[event.what];
  return said ? fill(said, { who: sender || gettext("Somebody"), subject: event.subject || gettext("somebody"), text: event.text ?? "" }) : "";
}

function wordsOf(message, whole) {
  if (message.taken_down) return gettext("A moderator removed this message");
  if (message.removed) return gettext("Message taken back");
  if (message.event) return eventWords(message);
  if (message.text) return message.text.length > LINE && !whole ? `${message.text.slice(0, LINE - 1)}…` : message.text;
  if (message.image) return gettext("Sent a picture");
  if (message.has_video) return message.preview ? gettext("Sent an exclusive preview") : gettext("Sent a clip");
  return "";
}

/** The newest message in one line; of a request only that there is one. */
export function previewOf(message, { group = false, whole = false } = {}) {
  if (!message || message.hidden) return "";
  const words = wordsOf(message, whole);
  if (message.event || message.removed || !words) return words;
  if (message.sender === person.username) return fill(gettext("You: %(words)s"), { words });
  return group && message.sender ? fill(gettext("%(name)s: %(words)s"), { name: message.sender, words }) : words;
}

export function requestWords(card) {
  if (!card.is_group) return gettext("Would like to write to you");
  return card.added_by ? fill(gettext("@%(name)s would like to add you"), { name: card.added_by }) : gettext("Somebody would like to add you");
}

/** How long ago in a few letters, as the filter `ago` of the templates. */
export function ago(moment, now = Date.now()) {
  const seconds = (now - new Date(moment)) / 1000;
  if (seconds < 60) return gettext("now");
  if (seconds < 3600) return fill(gettext("%(count)s min"), { count: Math.floor(seconds / 60) });
  if (seconds < 86_400) return fill(gettext("%(count)s h"), { count: Math.floor(seconds / 3600) });
  if (seconds < 7 * 86_400) return fill(gettext("%(count)s d"), { count: Math.floor(seconds / 86_400) });
  return new Intl.DateTimeFormat(language, { dateStyle: "short" }).format(new Date(moment));
}

const CRC = Array.from({ length: 256 }, (_, byte) => Array.from({ length: 8 }).reduce((sum) => (sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1), byte));

/** One of six avatar colours, the same as the server's for a name (CRC-32 of it). */
function hue(name) {
  let sum = ~0;
  for (const byte of new TextEncoder().encode(name ?? "")) sum = CRC[(sum ^ byte) & 255] ^ (sum >>> 8);
  return ((sum ^ ~0) >>> 0) % 6;
}

/** A person's picture, or their initial on one of six colours: components/avatar.html in the page. */
export function face(who, size = 44) {
  if (who.avatar) return Object.assign(document.createElement("img"), { className: `avatar avatar--${size}`, src: who.avatar, alt: "", width: size, height: size, loading: "lazy" });
  const letter = Object.assign(document.createElement("span"), { className: `avatar avatar--${size}`, textContent: [...(who.display_name || who.username || "?")][0] });
  letter.dataset.hue = hue(who.username);
  letter.setAttribute("aria-hidden", "true");
  return letter;
}

/** One face, or two for a group, overlapping. */
export function faces(card, size = 44) {
  const box = document.createElement("span");
  const shown = card.people.length ? card.people.slice(0, card.is_group ? 2 : 1) : [{ display_name: "?" }];
  box.className = shown.length > 1 ? "pair" : "pair pair--one";
  box.append(...shown.map((one) => face(one, shown.length > 1 ? 32 : size)));
  return box;
}

/** Whether a row stands for unread words. Muted ones say so too, but quietly. */
export function showUnread(row, count) {
  const muted = "muted" in row.dataset;
  row.dataset.unread = String(count);
  row.classList.toggle("conversation--unread", count > 0 && !muted);
  const dot = part(row, "dot");
  if (!dot) return; // a request has none: all of it is new
  dot.hidden = count <= 0;
  dot.classList.toggle("badge--quiet", muted);
  part(row, "count").textContent = count > 99 ? "99+" : String(count);
}

export function showTime(row) {
  const time = part(row, "time");
  if (row.dataset.at) time.textContent = ago(row.dataset.at);
}

/** Draws `card` into a row of the list's template. `open` is the conversation beside it, which is being read. */
export function drawRow(row, card, { open = null } = {}) {
  const flag = (name, on) => (on ? (row.dataset[name] = "") : delete row.dataset[name]);
  const title = titleOf(card);
  row.dataset.conversation = card.id;
  row.dataset.at = card.updated_at ?? "";
  row.dataset.names = [title, ...card.people.map((one) => one.username ?? "")].join(" ").toLowerCase();
  row.dataset.username = card.is_group ? "" : (card.people[0]?.username ?? "");
  flag("group", card.is_group);
  flag("pinned", card.pinned);
  flag("archived", card.archived);
  flag("muted", card.muted);
  flag("restricted", card.restricted);
  row.querySelector("a").href = `/messages/${card.id}/`;
  part(row, "name").textContent = title;
  part(row, "face").querySelector(".pair").replaceWith(faces(card));
  if (card.presence) flag("online", card.presence.length > 0);
  const request = card.state === "request";
  const preview = part(row, "preview");
  preview.textContent = card.restricted ? gettext("You restrict them") : request ? requestWords(card) : previewOf(card.last_message, { group: card.is_group });
  part(row, "pin")?.toggleAttribute("hidden", !card.pinned);
  part(row, "mute")?.toggleAttribute("hidden", !card.muted);
  const yes = part(row, "yes");
  if (yes) yes.textContent = card.restricted ? gettext("Lift the restriction") : gettext("Accept");
  row.querySelector('[data-act="block"]')?.toggleAttribute("hidden", !row.dataset.username);
  const time = part(row, "time");
  time.dateTime = card.updated_at ?? "";
  showTime(row);
  showUnread(row, card.id === open && document.visibilityState === "visible" ? 0 : card.unread);
  return row;
}
