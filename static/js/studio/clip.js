// One clip of one's own in the studio: its details are saved, it is published, tried again, deleted, and remixes of it
// detached. Cover and captions are elements of their own.

import "app/autocomplete";
import { api } from "app/api";
import { confirmDialog } from "app/dialog";
import { follow, stageText } from "app/progress";
import { blame, dress, read } from "app/publish_settings";
import "app/studio/captions";
import "app/studio/cover";
import { socket } from "app/socket";
import { complain, toast } from "app/toast";

const desk = document.querySelector("[data-desk]");
const form = desk.querySelector("[data-form]");
const field = (name) => form.querySelector(`[data-field="${name}"]`);
const path = `videos/${desk.dataset.desk}/`;
let saved = "";

const said = () => ({ caption: form.elements.caption.value, ...read(form) });

/** Only what changed travels: what another page changed meanwhile stays. */
function changes() {
  const [now, before] = [said(), JSON.parse(saved)];
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}

async function save(more = {}) {
  const body = { ...changes(), ...more };
  field("refusal").hidden = true;
  if (!Object.keys(body).length) return toast(gettext("Nothing has changed.")), true;
  for (const button of form.querySelectorAll(".desk__save button")) button.disabled = true;
  try {
    await api.patch(path, body);
    saved = JSON.stringify(said());
    field("status").textContent = gettext("Saved.");
    return true;
  } catch (error) {
    blame(form, error.fields);
    field("refusal").textContent = error.message;
    field("refusal").hidden = false;
    return false;
  } finally {
    for (const button of form.querySelectorAll(".desk__save button")) button.disabled = false;
  }
}

const acts = {
  async publish() {
    form.elements.publish_at && (form.elements.publish_at.value = "");
    const { publish_at: gone, ...body } = changes();
    if (await save({ ...body, draft: false })) location.assign(desk.dataset.url);
  },
  async retry(button) {
    button.disabled = true;
    try {
      await api.post(`${path}retry/`);
      location.reload();
    } catch (error) {
      button.disabled = false;
      complain(error);
    }
  },
  async delete() {
    if (!(await confirmDialog(gettext("Delete this clip?"), gettext("It goes away for everyone, with its likes and comments. This cannot be undone."), gettext("Delete")))) return;
    try {
      await api.delete(path);
      saved = JSON.stringify(said());
      location.assign("/studio/");
    } catch (error) {
      complain(error);
    }
  },
  async detach(button) {
    const row = button.closest("[data-remix]");
    if (!(await confirmDialog(gettext("Detach this remix?"), gettext("It stays with its author, without your name and without a link to your clip. This cannot be undone."), gettext("Detach")))) return;
    button.disabled = true;
    try {
      await api.post(`videos/${row.dataset.remix}/detach/`);
      row.remove();
      toast(gettext("Detached."));
    } catch (error) {
      button.disabled = false;
      complain(error);
    }
  },
  async more(button) {
    try {
      const piece = await api.fragment(`${location.pathname}?fragment=1&cursor=${encodeURIComponent(button.dataset.next)}`);
      button.closest("ul").append(piece);
      button.closest("li").remove();
    } catch (error) {
      complain(error);
    }
  },
};

dress(form);
saved = JSON.stringify(said());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
form.addEventListener("input", () => {
  field("count").textContent = form.elements.caption.value.length;
  field("status").textContent = "";
});
desk.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.closest("captions-editor")) acts[button.dataset.do]?.(button);
});
addEventListener("beforeunload", (event) => {
  if (JSON.stringify(said()) !== saved) event.preventDefault();
});

// A clip in the making becomes playable: the page then has more to offer.
if (!document.getElementById("clip") && desk.dataset.state !== "failed") {
  const stop = follow(desk.dataset.desk, ({ card }) => {
    if (!card?.playback?.mp4?.length || JSON.stringify(said()) !== saved) return;
    stop();
    location.reload();
  });
}

/** What the server makes anew (another cover, another edit) while the old one goes on playing. */
const making = desk.querySelector("[data-making]");
socket.on("video.progress", async ({ id, state, stage, percent }) => {
  if (String(id) !== desk.dataset.desk || !making) return;
  const done = stage === "done" || state === "failed";
  making.hidden = done;
  making.textContent = `${stageText(stage)} · ${Math.round(percent)} %`;
  if (!done) return;
  const card = await api.get(path, { quiet: true }).catch(() => null);
  const clip = document.getElementById("clip");
  if (!card || !clip) return;
  if (card.error) complain(card.error);
  clip.poster = card.cover ?? "";
  const file = card.playback.mp4.at(-1);
  if (clip.paused && file) clip.src = file.url;
});
