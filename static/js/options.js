// What else can be done with a clip: quality, data saver, not interested, report, keys; for its author also delete.

import { api } from "app/api";
import { confirmDialog, element, icon, openDialog } from "app/dialog";
import { allowed } from "app/gate";
import { prefs, remember } from "app/prefs";
import { complain, toast } from "app/toast";

const choice = (name, text, act) => element("button", { type: "button", class: "nav-item", onclick: act }, icon(name), element("span", { textContent: text }));

export function openOptions(feed, article) {
  const own = Boolean(article.dataset.own);
  const quality = element("select", { id: "quality", onchange: (event) => remember({ quality: event.target.value }) },
    ...[["auto", gettext("Automatic")], ["high", gettext("Highest")], ["low", gettext("Lowest")]].map(([value, textContent]) => element("option", { value, textContent, selected: prefs.quality === value })));
  const saver = element("input", { type: "checkbox", id: "saver", checked: prefs.saver, onchange: (event) => remember({ saver: event.target.checked }) });
  const rows = [
    element("div", { class: "field" }, element("label", { htmlFor: "quality", textContent: gettext("Quality") }), quality),
    element("div", { class: "field field--check" }, saver, element("label", { htmlFor: "saver", textContent: gettext("Data saver: smallest files, nothing loaded ahead") })),
  ];
  const acts = [choice("keyboard", gettext("Keyboard shortcuts"), () => (box.close(), import("app/keys").then(({ help }) => help())))];
  if (!own) {
    acts.unshift(
      choice("thumbs-down", gettext("Not interested"), () => (box.close(), dismiss(feed, article))),
      choice("flag", gettext("Report"), () => (box.close(), allowed("", article.dataset.url) && import("app/report").then(({ openReport }) => openReport({ type: "video", id: article.dataset.clip })))),
    );
  } else acts.unshift(choice("trash-2", gettext("Delete this clip"), () => (box.close(), erase(feed, article))));
  const box = openDialog(gettext("Options"), [...rows, element("div", { class: "choices" }, ...acts)], { sheet: true });
}

async function dismiss(feed, article) {
  if (!allowed("", article.dataset.url)) return;
  const path = `videos/${article.dataset.clip}/not-interested/`;
  try {
    await api.post(path);
    feed.step(1);
    toast(gettext("You will see less like this."), { action: () => api.delete(path).then(() => feed.step(-1)).catch(complain) });
  } catch (error) {
    complain(error);
  }
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
