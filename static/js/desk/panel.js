// The bar of acts below a case, and what opens from it: the reason, the length, the words the person gets, and one key to
// do it. The words come from the server in the person's language and can be changed.

import { api } from "app/api";
import { element } from "app/dialog";

/** In the order of the keys 1 to 7, mildest first (privacy.models.Decision.Act). */
export const ACTS = ["dismiss", "label", "restrict", "remove", "warn", "suspend", "ban"];

const NAMES = () => ({
  dismiss: gettext("Dismiss"),
  label: gettext("Label"),
  restrict: gettext("Restrict"),
  remove: gettext("Remove"),
  warn: gettext("Warn"),
  suspend: gettext("Suspend"),
  ban: gettext("Ban"),
});

/** What was done, as one word. */
export const finished = (act) =>
  ({
    dismiss: gettext("Dismissed"),
    label: gettext("Labelled"),
    restrict: gettext("Restricted"),
    remove: gettext("Removed"),
    warn: gettext("Warned"),
    suspend: gettext("Suspended"),
    ban: gettext("Banned"),
  })[act] ?? act;

export function drawActs(bar, card, choose) {
  const offered = new Set(card.acts.map(({ act }) => act));
  const names = NAMES();
  const buttons = ACTS.map((act, index) =>
    element("button", { type: "button", class: "desk__act", "data-act": act, disabled: !offered.has(act) || Boolean(card.decided), onclick: () => choose(act) }, element("kbd", { textContent: index + 1 }), element("span", { textContent: names[act] })),
  );
  bar.replaceChildren(element("div", { class: "desk__buttons" }, ...buttons));
}

/** Asks for what an act needs. `done({reason, statement, days})` when it is to be done, `cancel()` when not. */
export function openPanel(bar, card, act, reasons, { done, cancel }) {
  const name = NAMES()[act];
  const reason = element("select", { id: "desk-reason", "data-reason": "" }, ...reasons.map(({ value, text }) => element("option", { value, textContent: text, selected: value === card.reason })));
  const days = act === "suspend" ? element("input", { id: "desk-days", type: "number", min: 1, max: 365, value: card.days, required: true }) : null;
  const statement = element("textarea", { id: "desk-statement", rows: 4, maxLength: 2000, dir: "auto", "data-statement": "", placeholder: gettext("One moment …") });
  const confirm = element("button", { type: "submit", class: "desk__confirm", "data-confirm": "" }, element("span", { textContent: name }), " ", element("kbd", { textContent: "↵" }));
  const form = element(
    "form",
    { class: "desk__panel", "data-panel": act },
    field(gettext("Reason"), reason, "R"),
    days && field(gettext("Days"), days),
    field(card.person ? interpolate(gettext("What @%(name)s is told"), { name: card.person.username }, true) : gettext("Note"), statement, "E"),
    element("div", { class: "desk__answer" }, confirm, element("button", { type: "button", class: "desk__cancel", onclick: cancel }, gettext("Cancel"), " ", element("kbd", { textContent: "Esc" }))),
  );
  let own = false;
  let asked = 0;
  const fill = async () => {
    if (own) return;
    const query = new URLSearchParams({ act, reason: reason.value, ...(days?.value ? { days: days.value } : {}) });
    const number = ++asked;
    const answer = await api.get(`moderation/cases/${card.id}/statement/?${query}`).catch(() => null);
    if (own || !answer || number !== asked) return;
    // Whoever is already in the box, with all of it selected, writes instead of these words, not behind them.
    const all = document.activeElement === statement && statement.selectionStart === 0 && statement.selectionEnd === statement.value.length;
    statement.value = answer.statement;
    if (all) statement.select();
  };
  statement.addEventListener("input", () => (own = statement.value.trim() !== ""));
  reason.addEventListener("change", fill);
  days?.addEventListener("change", fill);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done({ reason: reason.value, statement: own ? statement.value : "", ...(days ? { days: Number(days.value) } : {}) });
  });
  submitByKey(form, statement);
  bar.append(form);
  confirm.focus({ preventScroll: true });
  fill();
}

/** The same for an appeal: `done({grant, answer})`. A refusal needs words. */
export function openAnswer(bar, grant, { done, cancel }) {
  const answer = element("textarea", { id: "desk-answer", rows: 3, maxLength: 2000, dir: "auto", required: !grant, "data-statement": "", placeholder: grant ? gettext("A word to the person, if you like") : gettext("Why the decision stands") });
  const confirm = element("button", { type: "submit", class: "desk__confirm", "data-confirm": "" }, grant ? gettext("Take the decision back") : gettext("Let it stand"), " ", element("kbd", { textContent: grant ? "↵" : "Ctrl ↵" }));
  const form = element("form", { class: "desk__panel", "data-panel": grant ? "grant" : "refuse" }, field(gettext("Answer"), answer, "E"), element("div", { class: "desk__answer" }, confirm, element("button", { type: "button", class: "desk__cancel", onclick: cancel }, gettext("Cancel"), " ", element("kbd", { textContent: "Esc" }))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done({ grant, answer: answer.value });
  });
  submitByKey(form, answer);
  bar.querySelector("form")?.remove();
  bar.append(form);
  (grant ? confirm : answer).focus({ preventScroll: true });
}

function submitByKey(form, area) {
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

const field = (label, control, key) => element("div", { class: "desk__field" }, element("label", { htmlFor: control.id }, label, key ? element("kbd", { textContent: key }) : ""), control);
