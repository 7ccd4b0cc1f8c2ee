// What one's feed goes by: switches, likings, words said. Each press tells the server; what it believes then is drawn anew by it.

import { api } from "app/api";
import { confirmDialog } from "app/dialog";
import { complain, toast } from "app/toast";

const known = document.querySelector("[data-known]");

/** Draws what changed, and keeps the focus where it was as far as that is still there. */
async function refresh(focus) {
  const piece = await api.fragment(`${location.pathname}?fragment=1`);
  for (const open of known.querySelectorAll("details[open]")) piece.querySelector(`details[data-kind="${open.dataset.kind}"]`)?.setAttribute("open", "");
  known.replaceChildren(piece);
  (focus && known.querySelector(focus))?.focus({ preventScroll: true });
}

async function change(deed, words, focus) {
  known.setAttribute("aria-busy", "true");
  try {
    await deed();
    await refresh(focus);
    if (words) toast(words);
    return true;
  } catch (error) {
    complain(error);
    return false;
  } finally {
    known.removeAttribute("aria-busy");
  }
}

const WORDS = {
  more: gettext("More of it from the next clips on."),
  less: gettext("Less of it from the next clips on."),
  hide: gettext("It does not come again."),
};

known.addEventListener("click", (event) => {
  const say = event.target.closest("[data-say]");
  if (say) {
    const { of, subject, preference } = say.closest("[data-of]").dataset;
    const stance = say.dataset.say;
    const pressed = say.getAttribute("aria-pressed") === "true";
    const focus = `[data-of="${of}"][data-subject="${CSS.escape(subject)}"] [data-say="${stance}"]`;
    const deed = () => (pressed ? api.delete(`preferences/${preference}/`) : api.post("preferences/", { stance, of, subject }));
    change(deed, pressed ? gettext("Taken back.") : WORDS[stance], focus);
  }
  const forget = event.target.closest("[data-forget]");
  if (forget) change(() => api.delete(`preferences/${forget.dataset.forget}/`), gettext("Taken back."), "[data-forget]");
});

for (const box of document.querySelectorAll("[data-setting]")) {
  box.addEventListener("change", async () => {
    const done = await change(() => api.patch("me/feed/", { [box.dataset.setting]: box.checked }), gettext("Saved."));
    if (!done) box.checked = !box.checked;
  });
}

document.querySelector("[data-start-over]").addEventListener("click", async () => {
  const text = gettext("Your feed forgets what you watched, liked and asked for until now. This cannot be undone.");
  if (!(await confirmDialog(gettext("Start over?"), text, gettext("Start over")))) return;
  change(() => api.post("me/feed/start-over/"), gettext("Your feed starts over."));
});
