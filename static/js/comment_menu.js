// What can be done with one comment besides liking and answering it: edit, pin, hide, delete, report.

import { api } from "app/api";
import { element, icon, openDialog } from "app/dialog";
import { allowed } from "app/gate";
import { complain, toast } from "app/toast";

const choice = (name, text, act) => element("button", { type: "button", class: "nav-item", onclick: act }, icon(name), element("span", { textContent: text }));

/** `acts` has edit, remove, pin, hide and show, as the list of comments does them. */
export function openMenu(item, acts) {
  const may = new Set(item.dataset.may.split(" "));
  const pinned = item.hasAttribute("data-pinned");
  const hidden = item.dataset.state === "hidden";
  const close = (act) => () => (box.close(), act(item));
  const rows = [];
  if (may.has("own")) rows.push(choice("pencil", gettext("Edit"), close(acts.edit)));
  if (may.has("pin") && item.dataset.state === "shown") rows.push(choice("pin", pinned ? gettext("Take the pin off") : gettext("Pin to the top"), close(() => acts.pin(item, !pinned))));
  if (may.has("hide") && !hidden) rows.push(choice("eye-off", gettext("Hide from everybody else"), close(acts.hide)));
  if (may.has("hide") && hidden) rows.push(choice("eye", gettext("Show again"), close(acts.show)));
  if (may.has("delete")) rows.push(choice("trash-2", gettext("Delete"), close(acts.remove)));
  if (!may.has("own")) rows.push(choice("flag", gettext("Report"), close(report)));
  const box = openDialog(gettext("Comment"), [element("div", { class: "choices" }, ...rows)], { sheet: true });
}

function report(item) {
  if (!allowed("", location.pathname)) return;
  import("app/report").then(({ openReport }) => openReport({ type: "comment", id: item.dataset.comment })).catch(complain);
}

/** Hides a comment from everybody but its author; the toast takes it back. Resolves to what the server says, or null. */
export async function hide(item, apply) {
  const path = `comments/${item.dataset.comment}/hide/`;
  try {
    apply(await api.post(path));
    toast(gettext("Hidden. Who wrote it sees it as before."), { action: () => api.delete(path).then(apply).catch(complain) });
  } catch (error) {
    complain(error);
  }
}
