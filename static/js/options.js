// What else can be done with a clip: duet, stitch, its sound, a download; speed, quality, captions, data saver; what
// steers the feed; report, keys; for its author also edit and delete. Only what the server allows this viewer is offered.

import { api } from "app/api";
import { confirmDialog, element, icon, openDialog } from "app/dialog";
import { controls } from "app/feed_control";
import { allowed } from "app/gate";
import { session, setSpeed } from "app/player";
import { prefs, remember } from "app/prefs";
import { collect } from "app/reactions";
import { complain, toast } from "app/toast";

const choice = (name, text, act) => element("button", { type: "button", class: "nav-item", onclick: act }, icon(name), element("span", { textContent: text }));
const way = (name, text, href) => element("a", { class: "nav-item", href }, icon(name), element("span", { textContent: text }));
const option = (value, textContent, selected) => element("option", { value, textContent, selected });

function select(id, label, options, onchange) {
  return element("div", { class: "field" }, element("label", { htmlFor: id, textContent: label }), element("select", { id, onchange: (event) => onchange(event.target.value) }, ...options));
}

/** Captions: off, or one of this clip's languages. */
function captionsChoice(player) {
  const tracks = player?.playback.captions ?? [];
  if (!tracks.length) return null;
  const current = prefs.captions ? (tracks.find((track) => track.language === prefs.captionsLanguage) ?? null) : null;
  const name = (track) => (track.automatic ? interpolate(gettext("%(language)s (automatic)"), { language: track.label }, true) : track.label);
  return select("captions", gettext("Captions"), [
    option("", gettext("Off"), !prefs.captions),
    option("auto", gettext("On"), prefs.captions && !current),
    ...tracks.map((track) => option(track.language, name(track), current === track)),
  ], (value) => remember(value ? { captions: true, captionsLanguage: value === "auto" ? "" : value } : { captions: false }));
}

export function openOptions(feed, article) {
  const own = Boolean(article.dataset.own);
  const player = feed.players.get(article);
  const id = article.dataset.clip;
  const may = new Set((article.dataset.may ?? "").split(" "));
  const saver = element("input", { type: "checkbox", id: "saver", checked: prefs.saver, onchange: (event) => remember({ saver: event.target.checked }) });
  const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2].map((value) => option(value, value === 1 ? gettext("Normal") : `${value.toLocaleString(document.documentElement.lang)}×`, session.speed === value));
  const qualities = [["auto", gettext("Automatic")], ["high", gettext("Highest")], ["low", gettext("Lowest")]].map(([value, text]) => option(value, text, prefs.quality === value));
  const rows = [
    element("div", { class: "options__pair" },
      select("speed", gettext("Speed"), speeds, (value) => setSpeed(player, Number(value))),
      select("quality", gettext("Quality"), qualities, (quality) => remember({ quality })),
      captionsChoice(player)),
    element("div", { class: "field field--check" }, saver, element("label", { htmlFor: "saver", textContent: gettext("Data saver: smallest files, nothing loaded ahead") })),
  ];
  const reuse = [
    may.has("duet") && way("columns-2", gettext("Duet"), `/upload/?duet=${id}`),
    may.has("stitch") && way("scissors", gettext("Stitch"), `/upload/?stitch=${id}`),
    may.has("sound") && article.dataset.sound && way("music", gettext("Use this sound"), `/upload/?sound=${article.dataset.sound}`),
    may.has("download") && choice("download", gettext("Download"), () => (box.close(), import("app/download").then(({ download }) => download(id)).catch(complain))),
  ].filter(Boolean);
  const acts = [choice("bookmark", gettext("Add to a collection"), () => (box.close(), collect(article))), choice("keyboard", gettext("Keyboard shortcuts"), () => (box.close(), import("app/keys").then(({ help }) => help())))];
  if (!own) {
    acts.unshift(
      article.dataset.author && way("message-circle", interpolate(gettext("Message @%(name)s"), { name: article.dataset.author }, true), `/messages/new/?to=${encodeURIComponent(article.dataset.author)}`),
      choice("flag", gettext("Report"), () => (box.close(), allowed("", article.dataset.url) && import("app/report").then(({ openReport }) => openReport({ type: "video", id })))),
    );
  } else acts.unshift(way("pencil", gettext("Edit this clip"), `/studio/videos/${id}/edit/`), choice("trash-2", gettext("Delete this clip"), () => (box.close(), erase(feed, article))));
  const box = openDialog(gettext("Options"), [
    reuse.length ? element("div", { class: "choices choices--pairs" }, ...reuse) : null,
    element("div", { class: "choices options__feed" }, ...controls(feed, article, () => box.close())),
    ...rows,
    element("div", { class: "choices" }, ...acts),
  ].filter(Boolean), { sheet: true });
}

async function erase(feed, article) {
  if (!(await confirmDialog(gettext("Delete this clip?"), gettext("It goes away for everyone, with its likes and comments. This cannot be undone."), gettext("Delete")))) return;
  try {
    await api.delete(`videos/${article.dataset.clip}/`);
    toast(gettext("Clip deleted."));
    if (feed.clips.length > 1) {
      feed.step(feed.index + 1 < feed.clips.length ? 1 : -1);
      setTimeout(() => article.remove(), 400);
    } else location.assign("/studio/");
  } catch (error) {
    complain(error);
  }
}
