// The notifications page: asks the server for its list again whenever something happened, so that it shows what the gate
// lets through now; marks read what was seen for a moment; answers requests to follow in place.

import { api } from "app/api";
import { socket } from "app/socket";
import { complain } from "app/toast";

const SEEN_AFTER_MS = 1500;
const TOGETHER_MS = 250; // a burst is one question

const inbox = document.querySelector("[data-inbox]");
const said = document.querySelector("[data-said]");
const everything = document.querySelector("[data-read-all]");
const first = inbox.hasAttribute("data-first");
const fresh = new Set(); // unread when this visit began or came during it: they keep their mark until the page is left
const items = (root = inbox) => [...root.querySelectorAll(".notice[data-id]")];

function remember() {
  for (const item of items()) {
    if (item.classList.contains("notice--unread")) fresh.add(item.dataset.id);
    else item.classList.toggle("notice--unread", fresh.has(item.dataset.id));
  }
  everything.disabled = fresh.size === 0;
}

// --- Reading ---

const unread = new Set();
let timer = 0;

function read() {
  clearTimeout(timer);
  for (const item of items()) if (item.querySelector("[data-unread]")) unread.add(item.dataset.id);
  if (document.visibilityState !== "visible" || !unread.size) return;
  timer = setTimeout(async () => {
    const ids = [...unread].slice(0, 200);
    try {
      await api.post("notifications/read/", { ids }, { quiet: true });
      for (const id of ids) unread.delete(id);
      for (const item of items()) if (ids.includes(item.dataset.id)) item.querySelector("[data-unread]")?.remove();
      if (unread.size) read();
    } catch {
      // Seen again when the page is.
    }
  }, SEEN_AFTER_MS);
}

everything.addEventListener("click", async () => {
  everything.disabled = true;
  try {
    await api.post("notifications/read/", {});
    fresh.clear();
    unread.clear();
    for (const item of items()) {
      item.classList.remove("notice--unread");
      item.querySelector("[data-unread]")?.remove();
    }
    said.textContent = gettext("All read.");
  } catch (error) {
    everything.disabled = false;
    complain(error);
  }
});

// --- Older ones: joined to the section they belong to ---

function join(fragment) {
  inbox.querySelector(".button[data-older]")?.remove();
  const known = new Set(items().map((item) => item.dataset.id));
  for (const section of fragment.querySelectorAll("[data-section]")) {
    const there = inbox.querySelector(`[data-section="${section.dataset.section}"]`);
    for (const item of items(section)) if (known.has(item.dataset.id)) item.remove();
    if (there) there.querySelector(".notices").append(...items(section));
    else if (items(section).length) inbox.append(section);
  }
  const older = fragment.querySelector(".button[data-older]");
  if (older) inbox.append(older);
}

inbox.addEventListener("click", async (event) => {
  const link = event.target.closest(".button[data-older]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  const next = items().length;
  try {
    join(await api.fragment(`/inbox/${link.getAttribute("href")}&fragment=1`));
    remember();
    read();
    items()[next]?.querySelector("a").focus();
  } catch (error) {
    link.removeAttribute("aria-busy");
    complain(error);
  }
});

// --- Live ---

let asked = 0;
let asking = false;

function soon() {
  if (!first) return;
  clearTimeout(asked);
  asked = setTimeout(refresh, TOGETHER_MS);
}

async function refresh() {
  if (asking) return soon();
  asking = true;
  try {
    const group = inbox.dataset.group;
    draw(await api.fragment(`/inbox/?${group ? `group=${encodeURIComponent(group)}&` : ""}fragment=1`, { quiet: true }));
  } catch {
    // The next event, or the next connection, asks again.
  } finally {
    asking = false;
  }
}

/** Puts the newest page in place of what is here, keeps older ones that were loaded, and the focus where it was. */
function draw(fragment) {
  const focused = document.activeElement?.closest?.(".notice")?.dataset ?? {};
  const known = new Set(items().map((item) => item.dataset.id));
  const oldest = items(fragment).at(-1)?.dataset.at ?? "";
  const longer = items().length > items(fragment).length && fragment.querySelector(".button[data-older]");
  const before = document.createElement("div");
  before.append(...inbox.childNodes);
  inbox.replaceChildren(fragment);
  if (longer) {
    for (const item of items(before)) if (item.dataset.at >= oldest) item.remove();
    const kept = document.createElement("template").content;
    kept.append(...before.childNodes);
    join(kept);
  }
  const come = items().filter((item) => !known.has(item.dataset.id));
  for (const item of come) item.classList.add("notice--new");
  if (come.length) said.textContent = interpolate(ngettext("%(count)s new notification", "%(count)s new notifications", come.length), { count: come.length }, true);
  const name = focused.id ? `[data-id="${CSS.escape(focused.id)}"]` : focused.request ? `[data-request="${CSS.escape(focused.request)}"]` : "";
  if (name) inbox.querySelector(name)?.querySelector("a, button").focus({ preventScroll: true });
  remember();
  read();
}

socket.on("notification.new", soon);
socket.on("badge", soon);
socket.on("reset", soon);
socket.on("open", ({ again }) => again && soon());

// --- Requests to follow ---

inbox.addEventListener("submit", async (event) => {
  const row = event.target.closest("[data-request]");
  if (!row) return;
  event.preventDefault();
  const answer = event.submitter?.value === "accept" ? "accept" : "decline";
  row.setAttribute("aria-busy", "true");
  for (const button of row.querySelectorAll("button")) button.disabled = true;
  try {
    await api.post(`follow-requests/${row.dataset.request}/${answer}/`);
    said.textContent = answer === "accept" ? gettext("Accepted.") : gettext("Declined.");
    await refresh();
  } catch (error) {
    row.removeAttribute("aria-busy");
    for (const button of row.querySelectorAll("button")) button.disabled = false;
    if (error.status === 404) refresh(); // it was taken back meanwhile
    else complain(error);
  }
});

document.addEventListener("visibilitychange", read);
remember();
read();
