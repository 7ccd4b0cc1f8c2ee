// Requests decided where they stand: accept, delete, report, block; or all deleted. Nothing tells their senders.

import { api } from "app/api";
import { confirmDialog } from "app/dialog";
import { complain, toast } from "app/toast";
import { part } from "app/chat_list/row";

export function tendRequests(list) {
  const name = (row) => part(row, "name").textContent;
  const say = (text, values) => interpolate(text, values, true);

  /** The row fades and goes; focus moves to the next one, so that a keyboard goes on where it was. */
  const gone = (row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const focused = row.contains(document.activeElement);
    list.drop(row);
    if (focused) (next?.querySelector("button:not([hidden])") ?? list.pane.querySelector(".panes__head a")).focus();
  };

  const acts = {
    accept: async (row) => {
      const { conversation } = row.dataset;
      await api.post(`conversations/${conversation}/accept/`);
      gone(row);
      toast(say(gettext("%(name)s is in your messages now."), { name: name(row) }), { label: gettext("Open"), action: () => location.assign(`/messages/${conversation}/`) });
    },
    decline: async (row) => {
      await api.post(`conversations/${row.dataset.conversation}/leave/`);
      gone(row);
      toast(gettext("Deleted. They are not told."));
    },
    report: async (row) => {
      const { openReport } = await import("app/report");
      openReport({ type: "conversation", id: row.dataset.conversation });
    },
    block: async (row) => {
      const { username } = row.dataset;
      const sure = await confirmDialog(say(gettext("Block @%(name)s?"), { name: username }), gettext("You disappear for each other everywhere. They are not told."), gettext("Block"));
      if (!sure) return;
      await api.post(`users/${username}/block/`);
      gone(row);
      toast(say(gettext("@%(name)s is blocked."), { name: username }), { action: () => api.delete(`users/${username}/block/`).then(() => list.refreshAll()).catch(complain) });
    },
  };

  list.list.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-act]");
    const row = button?.closest("li");
    if (!row || button.disabled) return;
    button.disabled = true;
    try {
      await acts[button.dataset.act]?.(row);
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = false;
    }
  });

  list.pane.querySelector('[data-act="delete-all"]')?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    if (!(await confirmDialog(gettext("Delete all requests?"), gettext("They are deleted for you only. Nobody is told."), gettext("Delete all")))) return;
    try {
      const { deleted } = await api.delete("conversations/requests/");
      for (const row of list.rows) if (!("restricted" in row.dataset)) list.drop(row);
      button.hidden = true;
      toast(say(ngettext("%(count)s request deleted.", "%(count)s requests deleted.", deleted), { count: deleted }));
      list.refreshAll();
    } catch (error) {
      complain(error);
    }
  });
}
