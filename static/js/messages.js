// How one message is drawn, and how messages form runs: the rules of messaging/templatetags/chat.py, in the page.

import { person } from "app/api";
import { average } from "app/blurhash";
import { element } from "app/dialog";
import { face } from "app/faces";

const LINK = /(?:https?:\/\/|www\.)[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi;
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\u{FE0F}|\u{200D}\p{Extended_Pictographic})*|\p{Regional_Indicator}{2}){1,3}$/u;
const RUN_GAP_MS = 5 * 60_000;
const PICTURE_BOX = [280, 360]; // px, as the template's `fitted`
const language = document.documentElement.lang || undefined;
const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const nearby = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** An id that no other message has, also where the page is not served over HTTPS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const part = (item, name) => item.querySelector(`[data-part="${name}"]`);
export const textOf = (item) => part(item, "text")?.textContent ?? "";

// --- People ---------------------------------------------------------------------------------------------------

const people = new Map(); // username → card

export function knowPeople(cards) {
  for (const card of cards) if (card.username) people.set(card.username, card);
}

export const nameOf = (username) => people.get(username)?.display_name ?? username ?? gettext("Deleted account");
export const personOf = (username) => people.get(username) ?? { username, display_name: nameOf(username), avatar: null };

// --- Text -----------------------------------------------------------------------------------------------------

/** Text with its links clickable, as nodes: what people wrote never becomes markup. */
export function linked(text) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(LINK)) {
    nodes.push(text.slice(position, match.index));
    const link = document.createElement("a");
    link.href = match[0].includes("://") ? match[0] : `https://${match[0]}`;
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow ugc";
    link.textContent = match[0];
    nodes.push(link);
    position = match.index + match[0].length;
  }
  nodes.push(text.slice(position));
  return nodes;
}

/** What happened to a group, as a sentence: templatetags/chat.py has the same ones. */
export function eventSentence(message) {
  const { what, subject, text } = message.event ?? {};
  const mine = message.sender === person.username;
  const toMe = subject === person.username;
  const sentences = {
    created: () => (mine ? gettext("You made the group") : gettext("%(who)s made the group")),
    added: () => (mine ? gettext("You added %(subject)s") : toMe ? gettext("%(who)s added you") : gettext("%(who)s added %(subject)s")),
    removed: () => (mine ? gettext("You removed %(subject)s") : gettext("%(who)s removed %(subject)s")),
    left: () => (mine ? gettext("You left") : gettext("%(who)s left")),
    renamed: () => (mine ? gettext("You named the group “%(text)s”") : gettext("%(who)s named the group “%(text)s”")),
    admin: () => {
      if (toMe) return gettext("You are an admin now");
      if (mine) return gettext("You made %(subject)s an admin");
      return message.sender ? gettext("%(who)s made %(subject)s an admin") : gettext("%(subject)s is an admin now");
    },
    not_admin: () => (toMe ? gettext("You are no longer an admin") : gettext("%(subject)s is no longer an admin")),
  };
  const values = {
    who: message.sender ? nameOf(message.sender) : gettext("Somebody"), subject: subject ? nameOf(subject) : gettext("somebody"), text: text ?? "",
  };
  return interpolate(sentences[what]?.() ?? "", values, true);
}

/** What stands in a quote of a message without words. */
export const quoteText = (quoted) => quoted.text || gettext("A picture or a clip");

// --- One message ----------------------------------------------------------------------------------------------

/** Reactions by emoji, with who chose them. */
export function showReactions(item, reactions = []) {
  const line = part(item, "reactions");
  if (!line) return;
  const byEmoji = new Map();
  for (const { emoji, username } of reactions) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), username]);
  line.replaceChildren(
    ...[...byEmoji].map(([emoji, names]) => {
      const one = element("span", { title: names.map(nameOf).join(", ") }, emoji);
      if (names.length > 1) one.append(element("b", { textContent: String(names.length) }));
      one.dataset.emoji = emoji;
      one.dataset.names = names.join(" ");
      return one;
    }),
  );
  line.hidden = !reactions.length;
}

/** The reactions drawn on an item, as the API gives them. */
export function reactionsOf(item) {
  return [...item.querySelectorAll('[data-part="reactions"] span')].flatMap((one) =>
    one.dataset.names.split(" ").map((username) => ({ emoji: one.dataset.emoji, username })));
}

function fresh() {
  return document.getElementById("message-template").content.querySelector(".message").cloneNode(true);
}

/** A message as a list item: a new one, or `item` (one that was being sent, or changed) made what the message says. */
export function drawMessage(message, item = fresh()) {
  const mine = message.sender === person.username;
  item.classList.toggle("message--mine", mine);
  item.classList.toggle("message--removed", Boolean(message.removed));
  item.classList.toggle("message--event", message.kind === "event");
  item.classList.toggle("message--held", Boolean(message.held));
  item.hidden = Boolean(message.hidden);
  Object.assign(item.dataset, {
    id: message.id, seq: message.seq, change: message.change ?? 0, sender: message.sender ?? "", at: message.created_at, kind: message.kind ?? "text",
  });
  item.tabIndex = -1;
  part(item, "event").textContent = message.kind === "event" ? eventSentence(message) : "";
  part(item, "event").hidden = message.kind !== "event";
  part(item, "from").textContent = nameOf(message.sender);
  if (!mine && message.sender) part(item, "face").replaceChildren(face(personOf(message.sender), 24));
  drawQuote(item, message);
  drawLabel(item, message);
  drawContent(item, message);
  const time = part(item, "time");
  time.dateTime = message.created_at;
  time.textContent = clock.format(new Date(message.created_at));
  if (message.id) {
    part(item, "state").textContent = message.held ? gettext("A moderator looks at it first") : "";
    item.classList.remove("message--failed", "message--sending");
    item.querySelector('[data-act="retry"]').hidden = true;
    item.querySelector('[data-act="discard"]').hidden = true;
  }
  item.querySelector(".message__acts").hidden = Boolean(message.removed) || !message.id || message.kind === "event";
  showReactions(item, message.reactions);
  return item;
}

function drawQuote(item, message) {
  const quote = part(item, "quote");
  quote.hidden = !message.quoted;
  Object.assign(quote.dataset, { target: message.reply_to ?? "", seq: message.quoted?.seq ?? "" });
  if (!message.quoted) return;
  quote.replaceChildren(element("strong", { textContent: nameOf(message.quoted.sender) }), ` ${quoteText(message.quoted)}`);
}

function drawLabel(item, message) {
  const words = { announcement: message.preview ? gettext("Exclusive preview") : gettext("Announcement"), away: gettext("Away message") };
  const label = part(item, "label");
  label.querySelector("span").textContent = words[message.kind] ?? "";
  label.hidden = !(message.kind in words) || Boolean(message.removed);
}

function drawContent(item, message) {
  const text = part(item, "text");
  text.replaceChildren(...linked(message.text ?? ""));
  text.hidden = !message.text;
  text.classList.toggle("message__text--emoji", ONLY_EMOJI.test(message.text ?? ""));
  const gone = part(item, "gone");
  gone.hidden = !message.removed && !(message.has_video && !message.video);
  gone.textContent = message.taken_down ? gettext("A moderator removed this message") : message.removed ? gettext("Message taken back") : gettext("This clip is not available to you.");
  const clip = part(item, "clip");
  if (!message.video) clip?.remove();
  else if (clip?.dataset.clip !== message.video.id) {
    clip?.remove();
    gone.before(drawClip(message.video)); // one that plays is left alone
  }
  const picture = part(item, "image");
  if (!message.image) picture?.remove();
  else if (!picture) gone.before(drawPicture(message.image));
  else if (message.image.id) {
    picture.dataset.picture = message.image.id; // what was just sent keeps the file it was sent from
    picture.querySelector(".picture__progress")?.remove();
  }
}

/** The address of the smallest file of a clip, or "". */
export function lightest(playback) {
  const files = [...(playback?.mp4 ?? [])].sort((one, other) => one.bitrate - other.bitrate);
  return files[0]?.url ?? "";
}

function drawClip(video) {
  const clip = document.getElementById("clip-template").content.firstElementChild.cloneNode(true);
  clip.dataset.clip = video.id;
  const stage = clip.querySelector('[data-act="play"]');
  stage.dataset.src = lightest(video.playback);
  stage.setAttribute("aria-label", interpolate(gettext("Play the clip by %(name)s"), { name: video.author.display_name }, true));
  const cover = part(clip, "cover");
  const covered = video.labels?.includes("sensitive") && !video.viewer?.own; // as a feed does: shown to who asks
  if (video.cover && !covered) {
    cover.src = video.cover;
    cover.hidden = false;
  }
  part(clip, "link").href = video.url;
  part(clip, "author").textContent = `@${video.author.username}`;
  part(clip, "caption").textContent = video.caption.slice(0, 60);
  return clip;
}

/** Width and height that fit the bubble and keep the picture's shape. */
function fitted({ width, height }) {
  const scale = Math.min(1, PICTURE_BOX[0] / width, PICTURE_BOX[1] / height) || 1;
  return { width: Math.max(64, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}

/** A picture with its place kept before it is there; `image.url` may be a blob of this page. */
export function drawPicture(image) {
  const shown = element("img", { src: image.url, alt: "", loading: "lazy", decoding: "async", ...fitted(image) });
  const button = element("button", { type: "button", class: "picture", "data-act": "picture", "aria-label": gettext("Show the picture large") }, shown);
  Object.assign(button.dataset, { part: "image", picture: image.id ?? "" });
  const colour = average(image.blurhash);
  if (colour) button.style.backgroundColor = colour;
  return button;
}

// --- Runs -----------------------------------------------------------------------------------------------------

function dayWord(at) {
  const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
  const days = Math.round((midnight(at) - midnight(new Date())) / 86_400_000);
  if (days > 0 || days < -1) return calendar.format(at);
  const word = nearby.format(days, "day");
  return word[0].toLocaleUpperCase(language) + word.slice(1);
}

function dayLine(at, iso) {
  const line = element("li", { class: "chat__day" }, element("time", { dateTime: iso, textContent: dayWord(at) }));
  line.dataset.day = "";
  return line;
}

/** Runs (one person, within five minutes), their first and last, and a line where a new day begins. */
export function groupInRuns(list) {
  for (const line of list.querySelectorAll("[data-day]")) line.remove();
  let before = null;
  for (const item of list.querySelectorAll(".message:not([hidden])")) {
    const at = new Date(item.dataset.at);
    const day = !before || before.at.toDateString() !== at.toDateString();
    const divider = item.previousElementSibling?.hasAttribute("data-unread") ? item.previousElementSibling : null;
    const alike = before && before.item.dataset.sender === item.dataset.sender && before.item.dataset.kind === item.dataset.kind;
    const together = alike && !day && !divider && item.dataset.kind !== "event" && at - before.at <= RUN_GAP_MS;
    item.classList.toggle("message--first", !together);
    item.classList.add("message--last");
    if (together) before.item.classList.remove("message--last");
    if (day) (divider ?? item).before(dayLine(at, item.dataset.at));
    if (item.dataset.at) part(item, "time").textContent = clock.format(at);
    before = { item, at };
  }
}
