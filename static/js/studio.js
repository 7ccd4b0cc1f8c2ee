// The studio's list: live progress of clips in the making, retry, delete with time to change one's mind.

import { api } from "app/api";
import { confirmDialog } from "app/dialog";
import { follow, stageText } from "app/progress";
import { complain, toast } from "app/toast";

const list = document.querySelector("[data-studio]");

function watch(row) {
  const meter = row.querySelector("[data-field=meter]");
  if (row.dataset.state !== "processing" || !meter) return;
  const paint = (stage, percent) => {
    meter.firstElementChild.style.setProperty("--value", percent);
    meter.setAttribute("aria-valuenow", Math.round(percent));
    row.querySelector("[data-field=stage]").textContent = `${stageText(stage)} · ${Math.round(percent)} %`;
  };
  paint(row.querySelector("[data-field=stage]").dataset.stage, Number(meter.dataset.percent));
  follow(row.dataset.row, ({ state, stage, percent }) => {
    if (state === "processing") paint(stage, percent ?? 0);
    else location.reload();
  });
}

async function retry(row, button) {
  button.disabled = true;
  try {
    await api.post(`videos/${row.dataset.row}/retry/`);
    location.reload();
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
  if (button.dataset.do === "delete") remove(row);
});

for (const row of list?.querySelectorAll("[data-row]") ?? []) watch(row);

const sight = new IntersectionObserver(async ([entry]) => {
  const mark = entry.target;
  if (!entry.isIntersecting) return;
  sight.unobserve(mark);
  try {
    const piece = await api.fragment(`/studio/?fragment=1&cursor=${encodeURIComponent(mark.dataset.next)}`);
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
