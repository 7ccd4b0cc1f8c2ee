// The left pane: cases, appeals or decisions as lines. One is current; moving and choosing is the desk's business.

import { element, icon } from "app/dialog";
import { KINDS, reportsText, severityText, when } from "app/desk/parts";

/** Draws all lines; `choose(index)` is called on a click. */
export function drawList(list, tab, rows, current, choose) {
  const lines = rows.map((row, index) => {
    const button = element("button", { type: "button", class: "desk__line", onclick: () => choose(index) }, ...DRAW[tab](row));
    if (index === current) button.setAttribute("aria-current", "true");
    return element("li", { "data-id": row.id }, button);
  });
  list.replaceChildren(...lines);
  reveal(list, current);
}

/** Another line becomes the current one, without drawing them all again. */
export function mark(list, current) {
  list.querySelector("[aria-current]")?.removeAttribute("aria-current");
  list.children[current]?.querySelector("button").setAttribute("aria-current", "true");
  reveal(list, current);
}

function reveal(list, current) {
  const line = list.children[current];
  if (!line || list.scrollHeight <= list.clientHeight) return;
  const top = line.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + line.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 3;
}

const handle = (person) => (person ? `@${person.username}` : gettext("nobody"));

const DRAW = {
  queue: (row) => [
    element("span", { class: "desk__kind", "data-severity": row.severity, title: severityText(row.severity) }, icon(KINDS[row.target_type] ?? "flag")),
    element("span", { class: "desk__what" }, element("b", { textContent: row.reason_text || row.target_text }), element("span", { dir: "auto", textContent: `${row.target_text} · ${handle(row.person)}` })),
    element(
      "span",
      { class: "desk__facts" },
      row.reports_count ? element("b", { class: "desk__number", title: reportsText(row.reports_count), textContent: row.reports_count }) : element("b", { class: "desk__number", title: gettext("Held by a rule"), textContent: "⚙" }),
      row.looked_at_by ? element("i", { title: interpolate(gettext("@%(name)s has it open"), { name: row.looked_at_by }, true) }, icon("eye")) : when(row.created_at),
    ),
  ],
  appeals: (row) => [
    element("span", { class: "desk__kind", "data-severity": 1 }, icon(KINDS[row.decision.target_type] ?? "flag")),
    element("span", { class: "desk__what" }, element("b", { textContent: `${row.decision.act_text} · ${row.decision.reason_text}` }), element("span", { dir: "auto", textContent: handle(row.decision.person) })),
    element("span", { class: "desk__facts" }, when(row.created_at)),
  ],
  decisions: (row) => [
    element("span", { class: "desk__kind", "data-undone": row.undone_at ? "" : undefined }, icon(row.undone_at ? "undo-2" : (KINDS[row.target_type] ?? "flag"))),
    element("span", { class: "desk__what" }, element("b", { textContent: row.undone_at ? interpolate(gettext("%(act)s, taken back"), { act: row.act_text }, true) : row.act_text }), element("span", { dir: "auto", textContent: `${row.target_text} · ${handle(row.person)}` })),
    element("span", { class: "desk__facts" }, when(row.created_at)),
  ],
};
