// How one message is drawn, and how messages form runs: the rules of messaging/templatetags/chat.py, in the page.

import { person } from "app/api";

const LINK = /(?:https?:\/\/|www\.)[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi;
const RUN_GAP_MS = 5 * 60_000;
const language = document.documentElement.lang || undefined;
const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(language, { dateStyle: "long" });

/** An id that no other message has, also where the page is not served over HTTPS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const part = (item, name) => item.querySelector(`[data-part="${name}"]`);
export const textOf = (item) => part(item, "text").textContent;

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

export function showReactions(item, reactions = []) {
  const line = part(item, "reactions");
  line.replaceChildren(
    ...reactions.map(({ emoji, username }) => Object.assign(document.createElement("span"), { textContent: emoji, title: username ?? "" })),
  );
  line.hidden = !reactions.length;
}

/** A message as a list item: a new one, or `item` (one that was being sent) made real. */
export function drawMessage(message, item = document.getElementById("message-template").content.querySelector(".message").cloneNode(true)) {
  const mine = message.sender === person.username;
  item.classList.toggle("message--mine", mine);
  item.classList.toggle("message--removed", Boolean(message.removed));
  Object.assign(item.dataset, { id: message.id, seq: message.seq, sender: message.sender ?? "", at: message.created_at });
  const text = part(item, "text");
  text.replaceChildren(...linked(message.text ?? ""));
  text.hidden = !message.text;
  const quote = part(item, "quote");
  quote.hidden = !message.quoted;
  if (message.quoted) {
    const who = Object.assign(document.createElement("strong"), { textContent: message.quoted.sender ?? "" });
    quote.replaceChildren(who, ` ${message.quoted.text}`);
  }
  const gone = part(item, "gone");
  gone.hidden = !message.removed && !(message.has_video && !message.video);
  gone.textContent = message.taken_down ? gettext("A moderator removed this message") : message.removed ? gettext("Message taken back") : gettext("This clip is not available to you.");
  if (message.video && !part(item, "clip")) text.before(drawClip(message.video));
  item.querySelector('[data-act="message-menu"]').hidden = Boolean(message.removed) || !message.id;
  const time = part(item, "time");
  time.dateTime = message.created_at;
  time.textContent = clock.format(new Date(message.created_at));
  if (message.id) {
    part(item, "state").textContent = "";
    item.classList.remove("message--failed");
    item.querySelector('[data-act="retry"]').hidden = true;
  }
  showReactions(item, message.reactions);
  return item;
}

function drawClip(video) {
  const clip = document.getElementById("clip-template").content.firstElementChild.cloneNode(true);
  const stage = clip.querySelector('[data-act="play"]');
  const files = [...(video.playback?.mp4 ?? [])].sort((one, other) => one.bitrate - other.bitrate);
  stage.dataset.src = files[0]?.url ?? "";
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

/** Runs (one person, within five minutes), their first and last, and a line where a new day begins. */
export function groupInRuns(list) {
  for (const line of list.querySelectorAll("[data-day]")) line.remove();
  let before = null;
  for (const item of list.querySelectorAll(".message")) {
    const at = new Date(item.dataset.at);
    const day = !before || before.at.toDateString() !== at.toDateString();
    const divided = item.previousElementSibling?.hasAttribute("data-unread");
    const together = before && !day && before.item.dataset.sender === item.dataset.sender && at - before.at <= RUN_GAP_MS;
    item.classList.toggle("message--first", !together || Boolean(divided));
    item.classList.add("message--last");
    if (together) before.item.classList.remove("message--last");
    if (day) {
      const line = document.createElement("li");
      line.className = "chat__day";
      line.dataset.day = "";
      const time = document.createElement("time");
      time.dateTime = item.dataset.at;
      time.textContent = calendar.format(at);
      line.append(time);
      (divided ? item.previousElementSibling : item).before(line);
    }
    const time = item.querySelector('[data-part="time"]');
    if (item.dataset.at) time.textContent = clock.format(at);
    before = { item, at };
  }
}
