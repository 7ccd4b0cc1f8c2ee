// The studio's comments: approve, show again or delete, one by one or many at once. Deleting waits until the time for undo
// is over; the rest happens at once.

import { api } from "app/api";
import { complain, toast } from "app/toast";

const list = document.querySelector("[data-review]");
const bar = document.querySelector("[data-bar]");
const none = document.querySelector("[data-none]");
const all = bar?.querySelector("[data-all]");
const UNDO = 5; // seconds
const MOST = 100; // comments of one request

const rows = () => [...(list?.querySelectorAll("[data-row]:not([hidden])") ?? [])];
const chosen = () => rows().filter((row) => row.querySelector("input").checked);
const count = (by) => {
  const figure = document.querySelector(`[data-count="${list.dataset.review}"]`);
  if (!figure.textContent.endsWith("+")) figure.textContent = Math.max(0, Number(figure.textContent) + by);
};

function tell() {
  const number = chosen().length;
  for (const button of bar.querySelectorAll("[data-bulk]")) button.disabled = !number;
  bar.querySelector("[data-chosen]").textContent = number ? interpolate(ngettext("%(number)s chosen", "%(number)s chosen", number), { number }, true) : "";
  all.checked = number > 0 && number === rows().length;
  all.indeterminate = number > 0 && !all.checked;
  const empty = !rows().length && !list.querySelector("[data-next]")?.dataset.next;
  bar.hidden = list.hidden = empty;
  none.hidden = !empty;
}

/** Takes rows out of the list; `back` brings them again. */
function takeOut(out) {
  const next = rows().find((row) => !out.includes(row) && out[0].compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING);
  for (const row of out) {
    row.hidden = true;
    row.querySelector("input").checked = false;
  }
  count(-out.length);
  tell();
  (next?.querySelector("input") ?? document.querySelector("h1"))?.focus({ preventScroll: true });
  return () => {
    for (const row of out) row.hidden = false;
    count(out.length);
    tell();
  };
}

async function send(deed, out) {
  const ids = out.map((row) => row.dataset.row);
  for (let start = 0; start < ids.length; start += MOST) {
    await api.post("comments/review/", { do: deed, comments: ids.slice(start, start + MOST) }, { keepalive: true });
  }
}

async function judge(deed, out) {
  if (!out.length) return;
  const back = takeOut(out);
  if (deed === "decline") return later(out, back);
  try {
    await send(deed, out);
    for (const row of out) row.remove();
    toast(interpolate(ngettext("%(number)s comment is there for everybody.", "%(number)s comments are there for everybody.", out.length), { number: out.length }, true));
    tell();
  } catch (error) {
    back();
    complain(error);
  }
}

/** Gone at once on the page, on the server when nobody took it back. */
function later(out, back) {
  let undone = false;
  toast(interpolate(ngettext("%(number)s comment deleted.", "%(number)s comments deleted.", out.length), { number: out.length }, true), {
    seconds: UNDO,
    action: () => {
      undone = true;
      back();
    },
  });
  const finish = async () => {
    clearTimeout(timer);
    removeEventListener("pagehide", finish);
    if (undone) return;
    try {
      await send("decline", out);
      for (const row of out) row.remove();
    } catch (error) {
      back();
      complain(error);
    }
  };
  const timer = setTimeout(finish, UNDO * 1000 + 200);
  addEventListener("pagehide", finish);
}

list?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) judge(button.dataset.do, [button.closest("[data-row]")]);
});
list?.addEventListener("change", tell);
bar?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-bulk]");
  if (button) judge(button.dataset.bulk, chosen());
});
all?.addEventListener("change", () => {
  for (const row of rows()) row.querySelector("input").checked = all.checked;
  tell();
});

const sight = new IntersectionObserver(async ([entry]) => {
  const mark = entry.target;
  if (!entry.isIntersecting) return;
  sight.unobserve(mark);
  try {
    const piece = await api.fragment(`/studio/comments/?state=${list.dataset.review}&fragment=1&cursor=${encodeURIComponent(mark.dataset.next)}`);
    mark.remove();
    list.append(piece);
    more();
    tell();
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
