// What one may do with a conversation from the list: pin, archive, mute, mark read, delete, block. From a button beside it, a
// long press, or (archive and mark read) a swipe. Each can be undone, or asks first.

import { api } from "app/api";
import { confirmDialog } from "app/dialog";
import { openMenu } from "app/menu";
import { complain, toast } from "app/toast";
import { part, showUnread } from "app/chat_list/row";

const ARMED_PX = 84; // how far a row is pulled until letting go does something
const START_PX = 12;

export function tendRows(list) {
  const acts = actsOf(list);
  list.list.addEventListener("click", (event) => {
    const button = event.target.closest('[data-act="row-menu"]');
    if (button) menu(acts, button, button.closest("li"));
  });
  list.list.addEventListener("contextmenu", (event) => {
    const row = event.target.closest("li");
    if (!row || event.pointerType === "mouse") return; // the mouse has the button, and the browser's own menu for links
    event.preventDefault();
    menu(acts, row.querySelector('[data-act="row-menu"]'), row);
  });
  swipes(list, acts);
}

function menu(acts, button, row) {
  const on = (name) => name in row.dataset;
  openMenu(button, [
    Number(row.dataset.unread) > 0 && { icon: "mail-check", text: gettext("Mark as read"), run: () => acts.read(row) },
    !on("archived") && { icon: on("pinned") ? "pin-off" : "pin", text: on("pinned") ? gettext("Unpin") : gettext("Pin"), run: () => acts.pin(row, !on("pinned")) },
    { icon: on("muted") ? "bell" : "bell-off", text: on("muted") ? gettext("Unmute") : gettext("Mute"), run: () => acts.mute(row, !on("muted")) },
    { icon: on("archived") ? "archive-restore" : "archive", text: on("archived") ? gettext("Move back to messages") : gettext("Archive"), run: () => acts.archive(row, !on("archived")) },
    on("group") && { icon: "users", text: gettext("Group details"), run: () => import("app/chat_list/details").then(({ openDetails }) => openDetails(row.dataset.conversation)).catch(complain) },
    { icon: "trash-2", text: on("group") ? gettext("Leave the group") : gettext("Delete for me"), danger: true, run: () => acts.remove(row) },
    row.dataset.username && { icon: "ban", text: gettext("Block"), danger: true, run: () => acts.block(row) },
  ], part(row, "name").textContent);
}

function actsOf(list) {
  // Shown before it is done: it goes through even when the page is left meanwhile.
  const post = (row, deed, body) => api.post(`conversations/${row.dataset.conversation}/${deed}/`, body, { keepalive: true });
  const name = (row) => part(row, "name").textContent;
  const attempt = async (deed) => {
    try {
      await deed();
    } catch (error) {
      complain(error);
    }
  };
  const leave = (row) => {
    list.drop(row);
    if (row.dataset.conversation === list.open) location.assign("/messages/");
  };
  const acts = {
    read: (row) => attempt(async () => {
      const before = Number(row.dataset.unread);
      showUnread(row, 0);
      list.sift();
      await post(row, "read", {}).catch((error) => {
        showUnread(row, before);
        throw error;
      });
    }),
    pin: (row, pinned) => attempt(async () => {
      await post(row, "pin", { pinned });
      row.toggleAttribute("data-pinned", pinned);
      part(row, "pin").hidden = !pinned;
      list.place(row);
    }),
    mute: (row, muted) => attempt(async () => {
      await post(row, "mute", { muted });
      row.toggleAttribute("data-muted", muted);
      part(row, "mute").hidden = !muted;
      showUnread(row, Number(row.dataset.unread));
      toast(muted ? gettext("Muted. No badge for this conversation.") : gettext("No longer muted."), { action: () => acts.mute(row, !muted) });
    }),
    archive: (row, archived) => attempt(async () => {
      const focus = row.contains(document.activeElement) && (row.nextElementSibling ?? row.previousElementSibling);
      list.drop(row);
      try {
        await post(row, "archive", { archived });
      } catch (error) {
        list.refresh(row.dataset.conversation);
        throw error;
      }
      if (focus) focus.querySelector("a").focus();
      const words = archived ? gettext("%(name)s is in the archive.") : gettext("%(name)s is back in your messages.");
      toast(interpolate(words, { name: name(row) }, true), {
        action: () => attempt(async () => {
          await post(row, "archive", { archived: !archived });
          await list.refresh(row.dataset.conversation);
        }),
      });
    }),
    remove: (row) => attempt(async () => {
      const group = "group" in row.dataset;
      const sure = group
        ? [gettext("Leave this group?"), gettext("You get nothing more from it. Only somebody in it can bring you back."), gettext("Leave")]
        : [gettext("Delete this conversation for you?"), gettext("The other person keeps what they have."), gettext("Delete")];
      if (!(await confirmDialog(...sure))) return;
      await post(row, "leave");
      leave(row);
    }),
    block: (row) => attempt(async () => {
      const { username } = row.dataset;
      if (!(await confirmDialog(interpolate(gettext("Block @%(name)s?"), { name: username }, true), gettext("You disappear for each other everywhere. They are not told."), gettext("Block")))) return;
      await api.post(`users/${username}/block/`);
      leave(row);
    }),
  };
  return acts;
}

/** Pulled towards the start it is archived, towards the end it is marked read (in a right-to-left page the other way). */
function swipes(list, acts) {
  const ahead = document.dir === "rtl" ? -1 : 1;
  let pulled = null;
  let pulledAt = -Infinity;
  // The click that ends a pull opens nothing.
  list.list.addEventListener("click", (event) => performance.now() - pulledAt < 300 && event.target.closest("li > a") && event.preventDefault(), { capture: true });
  list.list.addEventListener("pointerdown", (event) => {
    const link = event.pointerType === "touch" && event.target.closest("li > a");
    pulled = link ? { link, row: link.parentElement, x: event.clientX, y: event.clientY, by: 0, on: false } : null;
  });
  list.list.addEventListener("pointermove", (event) => {
    if (!pulled) return;
    const by = event.clientX - pulled.x;
    if (!pulled.on) {
      if (Math.abs(event.clientY - pulled.y) > START_PX) return (pulled = null);
      if (Math.abs(by) < START_PX) return;
      pulled.on = true;
      pulled.link.setPointerCapture(event.pointerId);
      pulled.row.classList.add("conversation--swiping");
    }
    pulled.by = by * ahead > 0 && !Number(pulled.row.dataset.unread) ? by / 5 : by; // nothing to mark: it resists
    pulled.link.style.transform = `translateX(${pulled.by}px)`;
    pulled.row.classList.toggle("conversation--armed", Math.abs(pulled.by) > ARMED_PX);
  });
  const end = (event) => {
    if (!pulled?.on) return (pulled = null);
    const { link, row, by } = pulled;
    pulled = null;
    row.classList.add("conversation--settling");
    link.style.transform = "";
    setTimeout(() => row.classList.remove("conversation--swiping", "conversation--armed", "conversation--settling"), 200);
    pulledAt = performance.now();
    if (event.type !== "pointerup" || Math.abs(by) <= ARMED_PX) return;
    if (by * ahead < 0) acts.archive(row, !("archived" in row.dataset));
    else acts.read(row);
  };
  list.list.addEventListener("pointerup", end);
  list.list.addEventListener("pointercancel", end);
}
