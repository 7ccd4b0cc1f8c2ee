// What can be done with one message and with the conversation: menus, the bar of faces, who reacted.

import { api, person } from "app/api";
import { confirmDialog, element, icon, openDialog } from "app/dialog";
import { face } from "app/faces";
import { drawMessage, personOf, reactionsOf, showReactions, textOf } from "app/messages";
import { openReport } from "app/report";
import { complain, toast } from "app/toast";

const LONG_MS = 450; // a press that is held this long asks for the menu

const ownReaction = (item) => reactionsOf(item).find((one) => one.username === person.username)?.emoji;

/** A row of a menu that closes `box()` and acts. */
function row(box, label, run, danger = false) {
  return element("button", { type: "button", class: danger ? "button button--danger" : "button", textContent: label, onclick: () => { box().close(); run(); } });
}

// --- Reactions ------------------------------------------------------------------------------------------------

async function react(chat, item, emoji) {
  const before = reactionsOf(item);
  const others = before.filter((one) => one.username !== person.username);
  showReactions(item, emoji ? [...others, { emoji, username: person.username }] : others); // at once; the answer has the last word
  try {
    const path = `messages/${item.dataset.id}/reaction/`;
    if (emoji) chat.timeline.receive(await api.put(path, { emoji }));
    else await api.delete(path);
  } catch (error) {
    showReactions(item, before);
    complain(error);
  }
}

function faces(chat, item, done) {
  const own = ownReaction(item);
  const one = (emoji) =>
    element("button", {
      type: "button", class: "emoji", textContent: emoji, "aria-label": interpolate(gettext("React with %(emoji)s"), { emoji }, true),
      "aria-pressed": String(emoji === own), onclick: () => { done(); react(chat, item, emoji === own ? null : emoji); },
    });
  const more = element("button", { type: "button", class: "emoji emoji--more", "aria-label": gettext("Choose another emoji"), onclick: () => { done(); anyFace(chat, item); } }, icon("plus"));
  const row = element("div", { class: "faces" }, ...chat.emoji.map(one), more);
  if (own && !chat.emoji.includes(own)) more.before(one(own));
  return row;
}

async function anyFace(chat, item) {
  const { pickerDialog } = await import("app/chat/emoji");
  pickerDialog(gettext("React"), (emoji) => react(chat, item, emoji));
}

/** The bar of faces over a message; it leaves with the next click elsewhere, or Escape. */
export function openFaces(chat, item) {
  if (!item.dataset.id || item.classList.contains("message--removed")) return;
  document.querySelector(".facebar")?.remove();
  const close = () => {
    bar.remove();
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event) => bar.contains(event.target) || close();
  const bar = element("div", {
    class: "facebar", role: "toolbar", "aria-label": gettext("React"),
    onkeydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); item.focus(); } },
  }, faces(chat, item, close));
  item.querySelector(".message__row").prepend(bar);
  bar.querySelector("button").focus({ preventScroll: true });
  document.addEventListener("pointerdown", outside, true);
}

/** Who reacted with what; one's own is taken back here. */
export function whoReacted(chat, item) {
  const rows = reactionsOf(item).map(({ emoji, username }) => {
    const who = personOf(username);
    const mine = username === person.username;
    const name = element("span", { class: "who__name" }, element("strong", { textContent: mine ? gettext("You") : who.display_name }));
    if (mine) name.append(element("button", { type: "button", class: "who__undo small", textContent: gettext("Take back"), onclick: () => { box.close(); react(chat, item, null); } }));
    return element("li", { class: "who" }, face(who, 32), name, element("span", { class: "who__emoji", textContent: emoji }));
  });
  const box = openDialog(gettext("Reactions"), element("ul", { class: "who-list" }, ...rows), { sheet: true });
}

// --- One message ----------------------------------------------------------------------------------------------

export function quoteOf(item) {
  return { id: item.dataset.id, sender: item.dataset.sender, text: textOf(item).slice(0, 140) };
}

export function openMessageMenu(chat, item) {
  const { id, sender } = item.dataset;
  if (!id || item.classList.contains("message--removed") || item.dataset.kind === "event") return;
  const add = (label, run, danger) => choices.push(row(() => box, label, run, danger));
  const choices = [];
  if (chat.composer && chat.state === "active") add(gettext("Reply"), () => chat.composer.answer(quoteOf(item)));
  if (textOf(item)) add(gettext("Copy text"), () => navigator.clipboard?.writeText(textOf(item)).then(() => toast(gettext("Copied."))));
  add(gettext("Delete for me"), () => hide(chat, item));
  if (sender === person.username) add(gettext("Take back for everyone"), () => takeBack(chat, item), true);
  else add(gettext("Report"), () => openReport({ type: "message", id }), true);
  const content = [element("div", { class: "menu" }, ...choices)];
  if (chat.state === "active") content.unshift(faces(chat, item, () => box.close()));
  const box = openDialog(gettext("Message"), content, { sheet: true });
}

/** The message as it is on the page, without what it said. */
const emptied = (item) => ({
  id: item.dataset.id, seq: item.dataset.seq, change: item.dataset.change, sender: item.dataset.sender, created_at: item.dataset.at, text: "", reactions: [],
});

async function takeBack(chat, item) {
  try {
    await api.delete(`messages/${item.dataset.id}/`);
    drawMessage({ ...emptied(item), removed: true }, item);
    chat.timeline.catchUp();
  } catch (error) {
    complain(error);
  }
}

async function hide(chat, item) {
  try {
    await api.post(`messages/${item.dataset.id}/hide/`);
    item.hidden = true;
    toast(gettext("Deleted for you. The others still have it."));
    chat.timeline.catchUp();
  } catch (error) {
    complain(error);
  }
}

/** A press that is held opens the menu where there is no pointer to hover with; a double click opens the faces. */
export function listenForPresses(chat, list) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest(".message");
    stop();
    if (event.pointerType !== "touch" || !item || event.target.closest("video, a")) return;
    timer = setTimeout(() => {
      navigator.vibrate?.(10);
      openMessageMenu(chat, item);
    }, LONG_MS);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) list.addEventListener(name, stop, { passive: true });
  list.addEventListener("contextmenu", (event) => event.pointerType === "touch" && event.preventDefault());
  list.addEventListener("dblclick", (event) => {
    const item = event.target.closest(".message");
    if (!item || chat.state !== "active" || event.target.closest("button, video, a")) return;
    getSelection()?.removeAllRanges();
    openFaces(chat, item);
  });
}

// --- The conversation -----------------------------------------------------------------------------------------

export function openConversationMenu(chat) {
  const { root, group } = chat;
  const muted = Boolean(root.dataset.muted);
  const add = (label, run, danger) => choices.push(row(() => box, label, run, danger));
  const choices = [];
  if (group) add(gettext("People and settings"), () => root.querySelector("[data-group-details]").click());
  add(gettext("Search"), () => chat.search());
  add(muted ? gettext("Unmute") : gettext("Mute"), () => mute(root, chat.id, !muted));
  if (!group) add(gettext("Announcements"), () => muteAnnouncements(chat));
  add(gettext("Report"), () => openReport({ type: "conversation", id: chat.id }), true);
  if (chat.other && !group) add(gettext("Block"), () => block(chat), true);
  add(group ? gettext("Leave the group") : gettext("Delete for me"), () => leave(chat), true);
  const box = openDialog(gettext("Conversation"), element("div", { class: "menu" }, ...choices), { sheet: true });
}

async function mute(root, id, muted) {
  try {
    await api.post(`conversations/${id}/mute/`, { muted });
    root.dataset.muted = muted ? "1" : "";
    toast(muted ? gettext("Muted. No badge for this conversation.") : gettext("No longer muted."));
  } catch (error) {
    complain(error);
  }
}

async function muteAnnouncements(chat) {
  try {
    const { announcements_muted: before } = await api.get(`conversations/${chat.id}/`);
    const set = async (muted) => {
      await api.post(`conversations/${chat.id}/announcements/`, { muted });
      toast(muted ? gettext("You get no announcements from here any more.") : gettext("You get announcements from here again."));
    };
    const ask = before ? gettext("Announcements are muted here. Let them through again?") : gettext("Announcements are clips that a creator sends to all their followers. Your conversation stays as it is.");
    const box = openDialog(gettext("Announcements"), element("p", { class: "quiet", textContent: ask }), {
      actions: [element("button", { type: "button", class: "button", textContent: before ? gettext("Let them through") : gettext("Mute announcements"), onclick: () => { box.close(); set(!before).catch(complain); } })],
    });
  } catch (error) {
    complain(error);
  }
}

export async function leave(chat) {
  const sure = chat.group && chat.state === "active"
    ? await confirmDialog(gettext("Leave this group?"), gettext("You get nothing from it any more. Coming back takes somebody who adds you."), gettext("Leave"))
    : await confirmDialog(gettext("Delete this conversation for you?"), gettext("The other person keeps what they have."), gettext("Delete"));
  if (!sure) return;
  try {
    await api.post(`conversations/${chat.id}/leave/`);
    location.assign("/messages/");
  } catch (error) {
    complain(error);
  }
}

export async function block(chat) {
  if (!(await confirmDialog(interpolate(gettext("Block @%(name)s?"), { name: chat.other }, true), gettext("You disappear for each other everywhere. They are not told."), gettext("Block")))) return;
  try {
    await api.post(`users/${chat.other}/block/`);
    location.assign("/messages/");
  } catch (error) {
    complain(error);
  }
}
