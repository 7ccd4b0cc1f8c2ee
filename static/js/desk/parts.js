// Small pieces that every pane of the moderators' desk draws with: names, times, severities, kinds of things.

import { element, icon } from "app/dialog";

export const KINDS = { video: "clapperboard", comment: "message-circle", message: "send", sound: "music", person: "user" };

/** 0 to 3, the worst last (privacy/cases.py). */
export const severityText = (severity) =>
  [gettext("A nuisance"), gettext("Somebody is wronged"), gettext("Somebody is hurt"), gettext("Somebody is in danger")][severity] ?? "";

const relative = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "medium", timeStyle: "short" });

export function when(moment) {
  const date = new Date(moment);
  const minutes = (date - Date.now()) / 60_000;
  const [value, unit] = Math.abs(minutes) < 60 ? [minutes, "minute"] : Math.abs(minutes) < 1440 ? [minutes / 60, "hour"] : [minutes / 1440, "day"];
  return element("time", { dateTime: moment, title: exact.format(date), textContent: relative.format(Math.round(value), unit) });
}

export const day = (moment) => exact.format(new Date(moment));

/** A person's page in the admin. */
export function name(person) {
  if (!person) return element("span", { class: "quiet", textContent: gettext("nobody") });
  return element("a", { href: `/admin/accounts/user/${person.id}/change/`, target: "_blank", rel: "noopener", dir: "auto", textContent: `@${person.username}` });
}

export const reportsText = (count) => interpolate(ngettext("%(count)s report", "%(count)s reports", count), { count }, true);

export function empty(title, text, drawing = "check") {
  return element("div", { class: "desk__empty" }, icon(drawing), element("h2", { textContent: title }), element("p", { textContent: text }));
}
