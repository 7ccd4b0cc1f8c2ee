// The studio's list: live progress of clips in the making, publish, schedule, retry, delete with time to change one's mind.

import { api } from "app/api";
import { confirmDialog, element, openDialog } from "app/dialog";
import { localTimes } from "app/local_times";
import { follow, stageText } from "app/progress";
import { local } from "app/publish_settings";
import { complain, toast } from "app/toast";

const list = document.querySelector("[data-studio]");

function watch(row) {
  localTimes(row);
  const meter = row.querySelector("[data-field=meter]");
  if (!meter) return;
  const paint = (stage, percent) => {
    meter.firstElementChild.style.setProperty("--value", percent);
    meter.setAttribute("aria-valuenow", Math.round(percent));
    row.querySelector("[data-field=stage]").textContent = `${stageText(stage)} · ${Math.round(percent)} %`;
  };
  paint(row.dataset.stage, Number(meter.dataset.percent));
  const stop = follow(row.dataset.row, ({ state, stage, percent }) => {
    const over = state === "ready" || state === "failed" || (stage === "done" && percent >= 100);
    if (!over) return paint(stage, percent ?? 0);
    stop();
    refresh(row);
  });
}

/** The row as the server draws it now; the list keeps its place. */
async function refresh(row) {
  try {
    const piece = await api.fragment(`/studio/?fragment=1&only=${row.dataset.row}`);
    const fresh = piece.querySelector(`[data-row="${row.dataset.row}"]`);
    if (!fresh) return row.remove();
    row.replaceWith(fresh);
    watch(fresh);
  } catch (error) {
    complain(error);
  }
}

async function change(row, body, said) {
  try {
    await api.patch(`videos/${row.dataset.row}/`, body);
    toast(said);
    await refresh(row);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

const publish = (row) => change(row, { draft: false }, gettext("Published."));

function schedule(row) {
  const when = element("input", { type: "datetime-local", name: "when", required: true, min: local(Date.now() + 5 * 60_000), value: row.dataset.moment ? local(row.dataset.moment) : "", "aria-label": gettext("Publish at") });
  const act = async (value, said) => (await change(row, { publish_at: value }, said)) && box.close();
  const form = element("form", {
    onsubmit: (event) => {
      event.preventDefault();
      act(new Date(when.value).toISOString(), gettext("Scheduled."));
    },
  }, when, element("div", { class: "dialog__actions" },
    row.dataset.moment ? element("button", { type: "button", class: "button", textContent: gettext("Keep as a draft"), onclick: () => act(null, gettext("It stays a draft.")) }) : null,
    element("button", { class: "button button--primary", textContent: gettext("Schedule") })));
  const box = openDialog(gettext("Publish at"), form);
}

async function retry(row, button) {
  button.disabled = true;
  try {
    await api.post(`videos/${row.dataset.row}/retry/`);
    await refresh(row);
  } catch (error) {
    button.disabled = false;
    complain(error);
  }
}

async function remove(row) {
  const sure = await confirmDialog(gettext("Delete this clip?"), gettext("It goes away for everyone, with its likes and comments."), gettext("Delete"));
  if (!sure) return;
  row.hidden = true;
  let undone = false;
  toast(gettext("Clip deleted."), { seconds: 6, action: () => {
    undone = true;
    row.hidden = false;
  } });
  const finish = async () => {
    clearTimeout(timer);
    removeEventListener("pagehide", finish);
    if (undone) return;
    try {
      await api.delete(`videos/${row.dataset.row}/`, { keepalive: true });
      row.remove();
    } catch (error) {
      row.hidden = false;
      complain(error);
    }
  };
  const timer = setTimeout(finish, 6200);
  addEventListener("pagehide", finish);
}

list?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  const row = button?.closest("[data-row]");
  if (!row) return;
  if (button.dataset.do === "retry") retry(row, button);
  if (button.dataset.do === "publish") publish(row);
  if (button.dataset.do === "schedule") schedule(row);
  if (button.dataset.do === "delete") remove(row);
});

for (const row of list?.querySelectorAll("[data-row]") ?? []) watch(row);

const sight = new IntersectionObserver(async ([entry]) => {
  const mark = entry.target;
  if (!entry.isIntersecting) return;
  sight.unobserve(mark);
  try {
    const piece = await api.fragment(`/studio/?fragment=1&state=${list.dataset.kind}&cursor=${encodeURIComponent(mark.dataset.next)}`);
    const rows = [...piece.querySelectorAll("[data-row]")];
    mark.remove();
    list.append(piece);
    rows.forEach(watch);
    more();
  } catch (error) {
    complain(error);
  }
}, { rootMargin: "600px" });

function more() {
  const mark = list?.querySelector("[data-next]");
  if (!mark?.dataset.next) return;
  mark.hidden = false;
  sight.observe(mark);
}
more();
