// The middle pane: what a case is about, played or shown in place. Pictures that may hurt stay covered until asked for.

import { api } from "app/api";
import { element, icon } from "app/dialog";
import { finished } from "app/desk/panel";
import { KINDS, empty, reportsText, severityText, when } from "app/desk/parts";

const GRAVE = new Set(["sexual", "violence", "minor", "self_harm"]);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function drawCase(pane, card) {
  const { evidence } = card;
  const head = element(
    "header",
    { class: "desk__title" },
    element("span", { class: "desk__kind", "data-severity": card.severity, title: severityText(card.severity) }, icon(KINDS[card.target_type] ?? "flag")),
    element("div", {}, element("h2", { dir: "auto", textContent: evidence.title || card.target_text }), summary(card)),
    evidence.url && evidence.exists ? element("a", { class: "desk__open", href: evidence.url, target: "_blank", rel: "noopener", "data-open": "" }, gettext("Open"), " ", element("kbd", { textContent: "O" })) : null,
  );
  const [kind, picture] = shown(card);
  const words = element("div", { class: "desk__words" }, ...said(card));
  pane.replaceChildren(head, decidedNote(card), element("div", { class: `desk__evidence desk__evidence--${kind}` }, picture, words));
  pane.scrollTop = 0;
}

/** A clip plays, a sound is heard; a comment is about its words, so the clip it stands under is a small still. */
function shown({ evidence, ...card }) {
  if (card.target_type === "sound" && evidence.video_url) return ["words", element("audio", { controls: true, preload: "metadata", src: evidence.video_url, class: "desk__sound" })];
  if (evidence.video_url) return ["picture", stage({ evidence, ...card })];
  if (evidence.cover_url) return ["still", still({ evidence, ...card })];
  return ["words", null];
}

function still(card) {
  const image = element("img", { src: card.evidence.cover_url, alt: "", class: "desk__still", "data-kind": card.target_type });
  image.addEventListener("error", async () => {
    const fresh = await api.get(`moderation/cases/${card.id}/`).catch(() => null); // the address may have died meanwhile
    if (fresh?.evidence.cover_url && fresh.evidence.cover_url !== image.getAttribute("src")) image.src = fresh.evidence.cover_url;
    else image.remove();
  });
  return image;
}

function summary(card) {
  const parts = [severityText(card.severity)];
  if (card.reports_count) parts.push(reportsText(card.reports_count));
  if (card.rule) parts.push(interpolate(gettext("held by a rule: %(rule)s"), { rule: card.reason_text }, true));
  return element("p", { class: "quiet" }, `${parts.join(" · ")} · `, when(card.created_at));
}

function decidedNote(card) {
  if (!card.decided) return "";
  const { act, moderator } = card.decided;
  const text = interpolate(gettext("%(act)s, decided by @%(name)s."), { act: finished(act), name: moderator?.username ?? "?" }, true);
  return element("p", { class: "desk__note", "data-decided": "" }, icon("check"), text);
}

function said(card) {
  const { evidence } = card;
  const gone = evidence.exists ? null : element("p", { class: "desk__note" }, icon("trash-2"), gettext("It was deleted since. What is known is shown."));
  const text = evidence.text ? element("blockquote", { class: "desk__quote", dir: "auto", textContent: evidence.text }) : null;
  const lines = evidence.context.flatMap(({ who, text: words }) => [element("dt", { dir: "auto", textContent: who }), element("dd", { dir: "auto", textContent: words })]);
  const context = lines.length ? [element("h3", { textContent: gettext("Around it") }), element("dl", { class: "desk__context" }, ...lines)] : [];
  const facts = card.facts.flatMap((fact) => [element("dt", { textContent: fact.text }), element("dd", { dir: "auto" }, ...value(fact))]);
  const saw = facts.length ? [element("h3", { textContent: gettext("What the rule saw") }), element("dl", { class: "desk__saw" }, ...facts)] : [];
  return [gone, text, ...context, ...saw].filter(Boolean);
}

/** Clips that are alike lead to themselves. */
function value({ name, values }) {
  if (name !== "clips") return [values.join(", ")];
  return values.map((id, index) => element("a", { href: `/admin/videos/video/${id}/change/`, target: "_blank", rel: "noopener", textContent: `${index + 1}` }));
}

function stage(card) {
  const { evidence } = card;
  const grave = GRAVE.has(card.reason) || card.reports.some((report) => GRAVE.has(report.reason));
  const box = element("figure", { class: "desk__stage" });
  if (grave) box.dataset.covered = "";
  box.append(player(card, box));
  const show = element("button", { type: "button", class: "desk__cover", "data-uncover": "", onclick: () => uncover(box) }, icon("eye-off"), element("span", { textContent: gettext("Covered: it may hurt to see") }), element("span", {}, gettext("Show"), " ", element("kbd", { textContent: "V" })));
  box.append(show);
  return box;
}

export function uncover(box) {
  box.toggleAttribute("data-covered");
  const video = box.querySelector("video");
  if (!video) return;
  if (box.hasAttribute("data-covered")) video.pause();
  else if (!calm.matches) video.play().catch(() => {});
}

function player(card, box) {
  const { evidence } = card;
  const video = element("video", { controls: true, playsInline: true, loop: true, muted: true, preload: "auto", poster: evidence.cover_url, class: "desk__video" });
  source(video, evidence);
  if (!calm.matches && !("covered" in box.dataset)) video.autoplay = true;
  let retries = 0;
  video.addEventListener("error", async () => {
    if ((retries += 1) > 3) return;
    const at = video.currentTime;
    try {
      const fresh = await api.get(`moderation/cases/${card.id}/`); // addresses live for a minute: ask for new ones
      if (!video.isConnected || !fresh.evidence.video_url) return;
      source(video, fresh.evidence);
      video.currentTime = at;
      if (!("covered" in box.dataset)) video.play().catch(() => {});
    } catch {
      // the next error tries again
    }
  });
  return video;
}

function source(video, evidence) {
  const { captions } = evidence;
  if (captions.some(({ url }) => new URL(url, location.href).origin !== location.origin)) video.crossOrigin = "anonymous";
  const tracks = captions.map(({ language, name, url }, index) => element("track", { kind: "captions", srclang: language, label: name || language, src: url, default: index === 0 }));
  video.replaceChildren(...tracks);
  video.src = evidence.video_url;
}

export const nothing = {
  queue: () => empty(gettext("The queue is empty"), gettext("Nothing waits for a decision. New reports show up here.")),
  appeals: () => empty(gettext("No appeals wait"), gettext("Nobody asks for a second look right now.")),
  decisions: () => empty(gettext("Nothing was decided yet"), gettext("Decisions stand here, and can be taken back."), "inbox"),
};
