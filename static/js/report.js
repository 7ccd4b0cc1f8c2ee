// Report something to the moderators: a reason, an optional note, an answer that says what happens next.

import { api } from "app/api";
import { element, openDialog } from "app/dialog";
import { toast } from "app/toast";

const reasons = () => [
  ["spam", gettext("Spam or a scam")],
  ["harassment", gettext("Bullying or harassment")],
  ["hate", gettext("Hate")],
  ["violence", gettext("Violence or danger")],
  ["sexual", gettext("Nudity or sexual content")],
  ["minor", gettext("A child is at risk")],
  ["rights", gettext("It uses my work")],
  ["other", gettext("Something else")],
];

/** `target` is {type, id}, as the API takes it. */
export function openReport(target) {
  const list = reasons().map(([value, text], i) =>
    element("label", { class: "nav-item" }, element("input", { type: "radio", name: "reason", value, checked: i === 0 }), element("span", { textContent: text })));
  const note = element("textarea", { name: "note", maxLength: 500, rows: 2, placeholder: gettext("What should we know? (optional)"), "aria-label": gettext("Note") });
  const wrong = element("p", { class: "field__error", role: "alert" });
  const form = element("form", {
    class: "choices",
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        await api.post("reports/", { target, reason: new FormData(form).get("reason"), note: note.value });
        box.close();
        toast(gettext("Thank you. A moderator will look at it, and you will hear back."));
      } catch (error) {
        wrong.textContent = error.message;
      }
    },
  }, ...list, note, wrong, element("div", { class: "dialog__actions" }, element("button", { class: "button button--primary", textContent: gettext("Send the report") })));
  const box = openDialog(gettext("Report"), form, { sheet: true });
}
