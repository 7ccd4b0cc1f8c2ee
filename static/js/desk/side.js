// The right pane: the person, their strikes, who reported what, and what was decided before.

import { element } from "app/dialog";
import { day, name, when } from "app/desk/parts";

export function drawSide(pane, card) {
  pane.replaceChildren(...[author(card), reports(card), history(card)].filter(Boolean));
  pane.scrollTop = 0;
}

function author(card) {
  if (!card.person) return element("section", {}, element("h3", { textContent: gettext("Person") }), element("p", { class: "quiet", textContent: gettext("Nobody is responsible for this.") }));
  const face = card.evidence.author?.avatar;
  const picture = face ? element("img", { class: "desk__face", src: face, alt: "" }) : element("span", { class: "desk__face", "aria-hidden": "true", textContent: card.person.display_name.slice(0, 1).toUpperCase() });
  return element(
    "section",
    { class: "desk__person" },
    picture,
    element("div", {}, element("b", { dir: "auto", textContent: card.person.display_name }), name(card.person)),
    element("p", { class: "desk__strikes", "data-strikes": card.strikes }, interpolate(ngettext("%(count)s strike", "%(count)s strikes", card.strikes), { count: card.strikes }, true)),
  );
}

function reports(card) {
  if (!card.reports.length) return null;
  const items = card.reports.map((report) =>
    element("li", {}, element("b", { textContent: report.reason_text }), element("span", { class: "quiet" }, name(report.reporter), " · ", when(report.created_at)), report.note ? element("q", { dir: "auto", textContent: report.note }) : null),
  );
  return element("section", {}, element("h3", { textContent: gettext("Reports") }), element("ul", { class: "desk__reports" }, ...items));
}

function history(card) {
  const before = card.decisions.filter((row) => row.case !== card.id);
  if (!before.length) return card.person ? element("section", {}, element("h3", { textContent: gettext("Decided before") }), element("p", { class: "quiet", textContent: gettext("Nothing yet.") })) : null;
  const items = before.map((row) =>
    element("li", { class: row.undone_at ? "desk__undone" : "" }, element("b", { textContent: `${row.act_text} · ${row.target_text}` }), element("span", { class: "quiet" }, row.reason_text, " · ", when(row.created_at)), row.excerpt ? element("q", { dir: "auto", textContent: row.excerpt }) : null),
  );
  return element("section", {}, element("h3", { textContent: gettext("Decided before") }), element("ul", { class: "desk__reports" }, ...items));
}

/** One decision in full, for the tabs of decisions and appeals. */
export function drawDecision(pane, row) {
  const facts = [
    [gettext("By"), name(row.moderator)],
    [gettext("About"), name(row.person)],
    row.reason_text && [gettext("Reason"), row.reason_text],
    row.until && [gettext("Until"), day(row.until)],
    [gettext("When"), when(row.created_at)],
    row.undone_at && [gettext("Taken back"), when(row.undone_at)],
  ].filter(Boolean);
  const list = element("dl", { class: "desk__saw" }, ...facts.flatMap(([label, value]) => [element("dt", { textContent: label }), element("dd", {}, value)]));
  pane.append(
    element("section", {}, element("h3", { textContent: `${row.act_text} · ${row.target_text}` }), list),
    ...(row.statement ? [element("section", {}, element("h3", { textContent: gettext("What the person was told") }), element("blockquote", { class: "desk__quote", dir: "auto", textContent: row.statement }))] : []),
  );
}

export function drawAppeal(pane, row) {
  pane.append(element("section", {}, element("h3", { textContent: gettext("The appeal") }), element("blockquote", { class: "desk__quote desk__quote--appeal", dir: "auto", textContent: row.text }), element("p", { class: "quiet" }, when(row.created_at))));
}
