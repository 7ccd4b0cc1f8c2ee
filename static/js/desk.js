// The moderators' desk: which tab, which case, what was done. Every key works without the pointer; what the server refuses
// comes back into the list with its sentence.

import { api } from "app/api";
import { element, openDialog } from "app/dialog";
import { toast } from "app/toast";
import { drawCase, nothing, uncover } from "app/desk/evidence";
import { drawList, mark } from "app/desk/list";
import { ACTS, drawActs, finished, openAnswer, openPanel } from "app/desk/panel";
import { drawAppeal, drawDecision, drawSide } from "app/desk/side";

const root = document.querySelector("[data-desk]");
const boot = JSON.parse(document.getElementById("desk-data").textContent);
const part = (name) => root.querySelector(`[data-${name}]`);
const list = part("list");
const [pane, side, bar] = [root.querySelector("section[data-case]"), part("side"), part("acts")];

const desk = { tab: boot.tab, rows: [], at: 0, next: null, counts: { cases: 0, appeals: 0 }, cards: new Map(), done: [], loading: false };
const current = () => desk.rows[desk.at];
const PATHS = { queue: "moderation/queue/", appeals: "moderation/appeals/", decisions: "moderation/decisions/" };

// --- Loading --------------------------------------------------------------------------------------------------

async function load(wanted = "") {
  root.setAttribute("aria-busy", "true");
  const kind = part("filter").value;
  const answer = await api.get(PATHS[desk.tab] + (desk.tab === "queue" && kind ? `?type=${kind}` : "")).catch(complainHere);
  root.removeAttribute("aria-busy");
  if (!answer) return;
  Object.assign(desk, { rows: answer.results, next: answer.next, cards: new Map() });
  if (answer.counts) count(answer.counts);
  desk.at = Math.max(0, desk.rows.findIndex((row) => row.id === wanted));
  draw();
}

/** Fetches the following page before the list runs out. */
async function more() {
  if (!desk.next || desk.loading || desk.rows.length - desk.at > 15) return;
  desk.loading = true;
  const answer = await api.get(desk.next).catch(() => null);
  desk.loading = false;
  if (!answer) return;
  const known = new Set([...desk.rows.map(({ id }) => id), ...desk.done.map(({ row }) => row.id)]);
  desk.next = answer.next;
  desk.rows.push(...answer.results.filter(({ id }) => !known.has(id)));
  drawList(list, desk.tab, desk.rows, desk.at, go);
}

/** What was reported meanwhile joins the list at its place; nothing moves under the fingers of whoever decides. */
async function refresh() {
  if (document.hidden || desk.tab !== "queue" || desk.loading || bar.querySelector("form")) return;
  const kind = part("filter").value;
  const answer = await api.get(PATHS.queue + (kind ? `?type=${kind}` : ""), { quiet: true }).catch(() => null);
  if (!answer || desk.tab !== "queue" || bar.querySelector("form")) return;
  const [now, busy] = [current(), new Map(desk.rows.map((row) => [row.id, row]))];
  const deciding = new Set(desk.done.filter((deed) => !deed.decision).map(({ row }) => row.id));
  const fresh = answer.results.filter((row) => !busy.has(row.id) && !deciding.has(row.id));
  for (const row of answer.results) if (busy.has(row.id)) busy.get(row.id).looked_at_by = row.looked_at_by;
  desk.rows = [...desk.rows, ...fresh].sort(worstFirst);
  desk.at = Math.max(0, desk.rows.indexOf(now));
  count({ cases: answer.counts.cases - deciding.size, appeals: answer.counts.appeals });
  drawList(list, desk.tab, desk.rows, desk.at, go);
  if (!now) show();
}

const worstFirst = (one, two) => two.severity - one.severity || two.reports_count - one.reports_count || (BigInt(one.id) < BigInt(two.id) ? -1 : 1);

/** The whole case; asked for once, early for the ones that come next. What is being decided about its person comes first. */
function cardOf(id) {
  if (!desk.cards.has(id)) {
    const about = desk.rows.find((row) => row.id === id)?.person?.id;
    const pending = desk.done.filter((deed) => about && !deed.decision && deed.row.person?.id === about).map((deed) => deed.answer.catch(() => {}));
    const answer = pending.length ? Promise.all(pending).then(() => api.get(`moderation/cases/${id}/`)) : api.get(`moderation/cases/${id}/`);
    answer.catch(() => desk.cards.delete(id));
    desk.cards.set(id, answer);
  }
  return desk.cards.get(id);
}

function count(counts) {
  Object.assign(desk.counts, counts);
  for (const [name, value] of Object.entries(desk.counts)) {
    const place = root.querySelector(`[data-count="${name}"]`);
    place.textContent = value || "";
  }
  part("done").textContent = desk.done.length ? interpolate(ngettext("%(count)s decided", "%(count)s decided", desk.done.length), { count: desk.done.length }, true) : "";
}

const complainHere = (error) => {
  toast(error.message);
  return null;
};

// --- Showing --------------------------------------------------------------------------------------------------

function draw() {
  for (const tab of root.querySelectorAll("[data-tab]")) tab.toggleAttribute("aria-current", tab.dataset.tab === desk.tab);
  part("filter").closest("label").hidden = desk.tab !== "queue";
  drawList(list, desk.tab, desk.rows, desk.at, go);
  show();
}

function go(index) {
  if (!desk.rows.length) return;
  desk.at = Math.min(Math.max(index, 0), desk.rows.length - 1);
  mark(list, desk.at);
  show();
  more();
}

async function show() {
  const row = current();
  delete root.dataset.shown;
  root.toggleAttribute("data-empty", !row);
  if (!row) {
    pane.replaceChildren(nothing[desk.tab]());
    for (const other of [side, bar]) other.replaceChildren();
    return;
  }
  const id = desk.tab === "queue" ? row.id : row.decision ? row.decision.case : row.case;
  const card = await cardOf(id).catch(complainHere);
  if (!card || row !== current()) return;
  drawCase(pane, card);
  side.replaceChildren();
  if (desk.tab === "queue") {
    drawSide(side, card);
    drawActs(bar, card, act);
    look(row);
    for (const following of desk.rows.slice(desk.at + 1, desk.at + 3)) cardOf(following.id).catch(() => {});
  } else if (desk.tab === "appeals") {
    drawAppeal(side, row);
    drawDecision(side, row.decision);
    answers(row);
  } else {
    pane.querySelector("[data-decided]")?.remove();
    drawDecision(side, row);
    takeBack(row);
  }
  root.dataset.shown = row.id; // all of it is there, and the keys mean this one
}

/** Tells other moderators that the case is open here, and this one who else has it. */
async function look(row) {
  const answer = await api.post(`moderation/cases/${row.id}/look/`).catch(() => null);
  if (!answer?.looked_at_by || row !== current()) return;
  const text = interpolate(gettext("@%(name)s has this open, too."), { name: answer.looked_at_by }, true);
  pane.querySelector(".desk__title")?.after(element("p", { class: "desk__note desk__note--warm", "data-other": "", textContent: text }));
}

// --- Deciding -------------------------------------------------------------------------------------------------

async function act(name) {
  const row = current();
  const card = row && (await cardOf(row.id).catch(complainHere));
  if (!card || card.decided || row !== current() || !card.acts.some((offered) => offered.act === name)) return;
  closePanel();
  bar.querySelector(`[data-act="${name}"]`)?.setAttribute("aria-pressed", "true");
  if (name === "dismiss") return decide(row, name, {});
  openPanel(bar, card, name, boot.reasons, { done: (words) => decide(row, name, words), cancel: closePanel });
}

function closePanel() {
  bar.querySelector("form")?.remove();
  for (const button of bar.querySelectorAll("[aria-pressed]")) button.removeAttribute("aria-pressed");
}

/** The next case is there at once; the deed is told to the server meanwhile. */
function decide(row, name, words) {
  const index = desk.rows.indexOf(row);
  const deed = { row, index, name, answer: api.post(`moderation/cases/${row.id}/decide/`, { act: name, ...words }) };
  desk.done.push(deed);
  forget(row.person);
  leave(row, { cases: desk.counts.cases - 1 });
  deed.answer.then(
    (decision) => {
      deed.decision = decision;
      if (desk.done.at(-1) === deed) said(deed);
    },
    (error) => refused(deed, error),
  );
}

/** What was fetched early about this person is out of date: strikes, history, addresses of files. */
function forget(person) {
  if (person) for (const other of desk.rows) if (other.person?.id === person.id) desk.cards.delete(other.id);
}

function leave(row, counts) {
  const index = desk.rows.indexOf(row);
  desk.rows.splice(index, 1);
  desk.cards.delete(row.id);
  list.children[index]?.remove();
  count(counts);
  desk.at = Math.min(index, Math.max(0, desk.rows.length - 1));
  const free = desk.rows.findIndex((next, place) => place >= desk.at && !next.looked_at_by);
  if (free >= 0) desk.at = free;
  pane.focus({ preventScroll: true });
  if (desk.rows.length) go(desk.at);
  else if (desk.next) load();
  else show();
}

let lastSaid = () => {};

/** One sentence at a time: the button in it takes back what it speaks of. */
function said(deed) {
  const { decision } = deed;
  const told = decision.person && decision.act !== "dismiss";
  const text = told ? interpolate(gettext("%(act)s. @%(name)s is told why."), { act: finished(decision.act), name: decision.person.username }, true) : interpolate(gettext("%(act)s. Whoever reported it hears back."), { act: finished(decision.act) }, true);
  lastSaid();
  lastSaid = toast(text, { action: () => takeBackDeed(deed), label: gettext("Undo (U)") });
}

async function refused(deed, error) {
  desk.done.splice(desk.done.indexOf(deed), 1);
  const other = error.status === 409 ? await api.get(`moderation/cases/${deed.row.id}/`).catch(() => null) : null;
  if (other?.decided) {
    const by = interpolate(gettext("%(act)s, decided by @%(name)s."), { act: finished(other.decided.act), name: other.decided.moderator?.username ?? "?" }, true);
    toast(`${error.message} ${by}`, { seconds: 8 });
    return count({});
  }
  toast(Object.values(error.fields)[0] ?? error.message, { seconds: 8 });
  back(deed.row, deed.index);
}

function back(row, index = 0) {
  count({ cases: desk.counts.cases + 1 });
  if (desk.tab !== "queue" || desk.rows.some(({ id }) => id === row.id)) return;
  desk.cards.delete(row.id);
  forget(row.person);
  desk.rows.splice(index, 0, row);
  desk.at = desk.rows.indexOf(row);
  draw();
}

/** Takes the last decision back, or the one that is open under Decisions. */
async function undo() {
  if (desk.tab === "decisions") return current() && undoRow(current());
  const deed = desk.done.at(-1);
  if (!deed) return toast(gettext("There is nothing to take back here. Older ones stand under Decisions."));
  return takeBackDeed(deed);
}

async function takeBackDeed(deed) {
  if (!desk.done.includes(deed)) return;
  desk.done.splice(desk.done.indexOf(deed), 1);
  lastSaid();
  try {
    const decision = await deed.answer;
    await api.post(`moderation/decisions/${decision.id}/undo/`);
  } catch (error) {
    desk.done.push(deed);
    return toast(error.message);
  }
  toast(gettext("Taken back. The case waits again."));
  back(deed.row, Math.min(deed.index, desk.rows.length));
}

// --- Decisions and appeals ------------------------------------------------------------------------------------

function takeBack(row) {
  if (row.undone_at) return bar.replaceChildren();
  const button = element("button", { type: "button", class: "desk__act", "data-act": "undo", onclick: undo }, element("kbd", { textContent: "U" }), element("span", { textContent: gettext("Take back") }));
  bar.replaceChildren(element("div", { class: "desk__buttons" }, button));
}

async function undoRow(row) {
  if (row.undone_at) return;
  const fresh = await api.post(`moderation/decisions/${row.id}/undo/`).catch(complainHere);
  if (!fresh) return;
  Object.assign(row, fresh);
  toast(gettext("Taken back. The case waits again."));
  draw();
}

function answers(row) {
  const choices = [[true, gettext("Take the decision back")], [false, gettext("Let it stand")]];
  const buttons = choices.map(([grant, text], index) => element("button", { type: "button", class: "desk__act", "data-act": grant ? "grant" : "refuse", onclick: () => answer(row, grant) }, element("kbd", { textContent: index + 1 }), element("span", { textContent: text })));
  bar.replaceChildren(element("div", { class: "desk__buttons" }, ...buttons));
}

function answer(row, grant) {
  openAnswer(bar, grant, {
    cancel: closePanel,
    done: async (body) => {
      const answered = await api.post(`moderation/appeals/${row.id}/answer/`, body).catch((error) => {
        toast(Object.values(error.fields)[0] ?? error.message);
        return error.status === 409 ? { gone: true } : null;
      });
      if (!answered) return;
      if (!answered.gone) toast(interpolate(gettext("Answered. @%(name)s is told."), { name: row.decision.person?.username ?? "?" }, true));
      leave(row, { appeals: desk.counts.appeals - 1 });
    },
  });
}

// --- Keys -----------------------------------------------------------------------------------------------------

const KEYS = {
  j: () => go(desk.at + 1),
  ArrowDown: () => go(desk.at + 1),
  k: () => go(desk.at - 1),
  ArrowUp: () => go(desk.at - 1),
  u: undo,
  o: () => pane.querySelector("[data-open]")?.click(),
  v: () => pane.querySelector(".desk__stage") && uncover(pane.querySelector(".desk__stage")),
  r: () => bar.querySelector("[data-reason]")?.focus(),
  e: () => bar.querySelector("[data-statement]")?.focus(),
  " ": () => {
    const video = pane.querySelector("video, audio");
    if (video) video.paused ? video.play().catch(() => {}) : video.pause();
  },
  "?": help,
};

function number(key) {
  if (desk.tab === "queue") return act(ACTS[Number(key) - 1]);
  if (desk.tab === "appeals" && current() && key <= "2") return answer(current(), key === "1");
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog:modal")) return;
  if (event.key === "Escape") return closePanel(), pane.focus({ preventScroll: true });
  if (event.target.closest?.("input, textarea, select")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === " " && event.target.closest?.("button, a, video, audio")) return;
  if (!KEYS[key] && !/^[1-7]$/.test(key)) return;
  event.preventDefault();
  (KEYS[key] ?? (() => number(key)))();
});

function help() {
  const rows = [
    ["J ↓", gettext("Next case")],
    ["K ↑", gettext("Case before")],
    ["1 – 7", gettext("Dismiss, label, restrict, remove, warn, suspend, ban")],
    ["↵", gettext("Do it")],
    ["R", gettext("Change the reason")],
    ["E", gettext("Change the words; Ctrl ↵ does it from there")],
    ["Esc", gettext("Do nothing")],
    ["U", gettext("Take the last decision back")],
    [gettext("Space"), gettext("Play or pause")],
    ["V", gettext("Cover or uncover the picture")],
    ["O", gettext("Open it on the site")],
    ["?", gettext("This list")],
  ];
  openDialog(gettext("Keys"), element("dl", { class: "keys" }, ...rows.flatMap(([key, text]) => [element("dt", {}, element("kbd", { textContent: key })), element("dd", { textContent: text })])));
}

// --- Start ----------------------------------------------------------------------------------------------------

part("help").addEventListener("click", help);
part("filter").addEventListener("change", () => load());
for (const tab of root.querySelectorAll("a[data-tab]")) {
  tab.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    desk.tab = tab.dataset.tab;
    history.replaceState(null, "", `?tab=${desk.tab}`);
    load();
  });
}
load(boot.case);
setInterval(refresh, 20_000);
if (boot.tab !== "queue") api.get(PATHS.queue).then(({ counts }) => count(counts), () => {});
