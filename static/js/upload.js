// The upload page: takes files, shows a card each (editor/card.js), goes on with what was not finished, and guards the page
// while bytes travel. What the address asks for (a duet, a stitch, a sound, a tag, a clip to edit again) is fetched first.

import { api } from "app/api";
import { confirmDialog, element } from "app/dialog";
import { Card } from "app/editor/card";
import { canRecord, record } from "app/editor/recorder";
import { fileOf, loadRemix } from "app/editor/remix";
import { reopen } from "app/editor/reopen";
import { toast } from "app/toast";
import { forget, unfinished } from "app/tus";

const root = document.querySelector("[data-uploads]");
const asked = new URLSearchParams(location.search);
const cards = new Set();
const waiting = { known: [], quota: null };
let given = {};

const page = {
  pattern: document.querySelector("[data-pattern]"),
  list: root.querySelector("[data-list]"),
  most: Number(root.dataset.maxSeconds),
  mostMb: Number(root.dataset.maxMb),
  choose(card) {
    for (const one of cards) one.open(one === card);
    card.box.scrollIntoView({ block: "nearest" });
  },
  /** Unfolds a card unless somebody is at work on another one. */
  offer(card) {
    if ([...cards].some((one) => one.box.hasAttribute("data-open"))) card.open(false);
    else page.choose(card);
  },
  changed: () => overall(),
  again: () => document.getElementById("files").click(),
  removed(card) {
    cards.delete(card);
    overall();
    [...cards].at(-1)?.open(true);
    showUnfinished();
  },
};

// --- All of it ---

/** The line above several cards: how far they are together. */
function overall() {
  root.toggleAttribute("data-busy", cards.size > 0);
  root.toggleAttribute("data-many", cards.size > 1);
  const sending = [...cards].filter((card) => card.state === "sending");
  const line = root.querySelector("[data-overall]");
  line.hidden = cards.size < 2 || !sending.length;
  if (line.hidden) return;
  const sum = [...cards].map((card) => card.bytes).reduce((all, one) => ({ sent: all.sent + one.sent, total: all.total + one.total }), { sent: 0, total: 0 });
  const percent = sum.total ? Math.floor((100 * sum.sent) / sum.total) : 0;
  line.querySelector("p").textContent = interpolate(ngettext("%(count)s clip is being sent: %(percent)s % of all", "%(count)s clips are being sent: %(percent)s % of all", sending.length), { count: sending.length, percent }, true);
  const meter = line.querySelector("[role=progressbar]");
  meter.setAttribute("aria-valuenow", percent);
  meter.firstElementChild.style.setProperty("--value", percent);
}

async function take(files) {
  await prepared;
  for (const file of files) {
    const known = waiting.known.find((one) => one.filename === file.name && one.length === file.size);
    waiting.known = waiting.known.filter((one) => one !== known);
    if (known?.video && (await goOn(file, known))) continue;
    const card = new Card(page, { file, url: known?.url ?? "", ...given });
    cards.add(card);
    card.begin();
    // What the address asked for belongs to the first file.
    given = { tag: given.tag };
  }
  showUnfinished();
}

/** A file of a draft was chosen again: the draft opens as it was saved and the file goes on. False when the draft is gone. */
async function goOn(file, known) {
  const place = known.part === 0 ? "voice" : String(known.part ?? 0);
  const open = [...cards].find((card) => String(card.saver.video?.id) === String(known.video));
  if (open) {
    await open.supply(file, place, known.url);
    return true;
  }
  try {
    const found = await reopen(known.video, new Map([[place, file]]));
    const card = new Card(page, { ...found, resume: new Map([[place, known.url]]) });
    cards.add(card);
    await card.reopen();
    return true;
  } catch (error) {
    if (error.status !== 404) toast(error.message);
    return false;
  }
}

// --- What was not finished ---

async function ask() {
  try {
    const answer = await api.get("uploads/", { quiet: true });
    waiting.known = answer.results;
    waiting.quota = answer.quota;
  } catch {
    // Then only this browser's own memory helps.
    waiting.known = unfinished().filter((one) => one.url).map((one) => ({ filename: one.name, length: one.size, offset: ((one.percent ?? 0) * one.size) / 100, url: one.url, key: one.key, video: one.video }));
  }
  showUnfinished();
}

/** After a reload the browser has no right to the file any more: the person shows it again and it goes on. */
function showUnfinished() {
  const rows = waiting.known.map((one) => {
    const percent = Math.floor((100 * one.offset) / (one.length || 1));
    const whole = one.offset >= one.length;
    const text = whole ? gettext("%(name)s has arrived but is not published.") : gettext("%(name)s stopped at %(percent)s %. Choose the same file and it goes on from there.");
    const on = whole && one.video
      ? element("a", { class: "button button--small", href: `/upload/?edit=${one.video}`, textContent: gettext("Go on") })
      : element("label", { class: "button button--small", htmlFor: "files", textContent: whole ? gettext("Choose the file") : interpolate(gettext("Choose the file to go on at %(percent)s %"), { percent }, true) });
    const row = element("div", { class: "note resumable" }, element("p", { textContent: interpolate(text, { name: one.filename || gettext("A file"), percent }, true) }), on, element("button", { type: "button", class: "button button--small button--quiet", textContent: gettext("Throw it away"), onclick: () => drop(one) }));
    return row;
  });
  root.querySelector("[data-resumable]").replaceChildren(...rows);
  const { quota } = waiting;
  const line = root.querySelector("[data-quota]");
  line.hidden = !(quota?.limit && quota.used > 0.8 * quota.limit);
  const gigabytes = (bytes) => (bytes / 1e9).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  if (!line.hidden) line.textContent = interpolate(gettext("Your clips use %(used)s of %(limit)s GB. Delete some in the studio when you need more room."), { used: gigabytes(quota.used), limit: gigabytes(quota.limit) }, true);
}

async function drop(one) {
  if (!(await confirmDialog(gettext("Throw it away"), gettext("What has arrived of this file, and its draft, are deleted."), gettext("Throw it away")))) return;
  try {
    if (one.video) await api.delete(`videos/${one.video}/`);
    else await api.raw(one.url, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } });
  } catch (error) {
    if (error.status !== 404) return toast(error.message);
  }
  for (const held of unfinished()) if (held.url === one.url) forget(held.key);
  waiting.known = waiting.known.filter((other) => other !== one);
  showUnfinished();
}

// --- What the address asks for ---

async function prepare() {
  const tag = asked.get("tag")?.replace(/^#/, "") ?? "";
  given = { tag };
  const say = (text) => {
    const line = root.querySelector("[data-answer]");
    line.textContent = text;
    line.hidden = false;
  };
  for (const kind of ["duet", "stitch"]) {
    if (!asked.get(kind)) continue;
    const remix = await loadRemix(kind, asked.get(kind));
    if (remix.refusal) say(remix.refusal);
    else {
      given.remix = remix;
      const words = kind === "duet" ? gettext("A duet with %(name)s. Choose your clip, or record it while theirs plays.") : gettext("A stitch of %(name)s. Choose the clip that follows theirs.");
      say(interpolate(words, { name: `@${remix.card.author.username}` }, true));
    }
  }
  if (asked.get("sound")) {
    try {
      given.sound = await api.get(`sounds/${encodeURIComponent(asked.get("sound"))}/`);
      say(interpolate(gettext("Your clip will have the sound “%(title)s”."), { title: given.sound.title }, true));
    } catch (error) {
      say(error.status === 404 ? gettext("This sound is no longer here. Choose another one in the editor.") : error.message);
    }
  }
  if (tag) say(interpolate(gettext("Your clip will carry #%(tag)s."), { tag }, true));
}

async function editAgain(id) {
  try {
    const found = await reopen(id);
    const card = new Card(page, found);
    cards.add(card);
    await card.reopen();
  } catch (error) {
    const line = root.querySelector("[data-answer]");
    line.textContent = error.status === 404 ? gettext("This clip is gone.") : error.message;
    line.hidden = false;
  }
}

// --- Hands ---

for (const id of ["files", "camera"]) {
  const input = document.getElementById(id);
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
}

const camera = root.querySelector("[data-record]");
camera.hidden = !canRecord();
camera.addEventListener("click", async () => {
  await prepared;
  const { remix } = given;
  const file = await record({ most: page.most, beside: remix?.kind === "duet" ? fileOf(remix.card) : "" });
  if (file) take([file]);
});

const place = root.querySelector("[data-drop]");
let depth = 0;
addEventListener("dragenter", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  depth += 1;
  place.toggleAttribute("data-over", true);
});
addEventListener("dragleave", () => {
  depth = Math.max(0, depth - 1);
  if (!depth) place.toggleAttribute("data-over", false);
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  place.toggleAttribute("data-over", false);
  take([...event.dataTransfer.files]);
});
addEventListener("beforeunload", (event) => {
  if ([...cards].some((card) => card.state === "sending" && card.travelling)) event.preventDefault();
});

const prepared = prepare();
if (asked.get("edit")) editAgain(asked.get("edit"));
else ask();
