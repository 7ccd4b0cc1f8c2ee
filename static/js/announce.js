// The studio's announcements: the form shows what its receivers will get, asks once, and what goes out is followed.

import { api } from "app/api";
import { confirmDialog } from "app/dialog";
import { complain } from "app/toast";

const PAUSE = 2000; // ms between two questions
const exact = (number) => new Intl.NumberFormat(document.documentElement.lang || undefined).format(number);

const form = document.querySelector("[data-announce]");
const part = (name) => form.querySelector(`[data-${name}]`);
const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`);

/** How the message will look, what the chosen clip is, how many it reaches. */
function show() {
  const clip = chosen("video");
  const draft = clip ? "draft" in clip.dataset : false;
  const text = form.elements.text;
  const picture = part("shown");
  if (clip?.dataset.cover) picture.src = clip.dataset.cover;
  picture.hidden = !clip?.dataset.cover;
  part("kind").textContent = draft ? gettext("Exclusive preview") : gettext("Announcement");
  part("said").textContent = text.value.trim();
  part("said").hidden = !text.value.trim();
  for (const about of form.querySelectorAll("[data-about]")) about.hidden = (about.dataset.about === "draft") !== draft;
  const left = Number(text.dataset.length) - text.value.length;
  part("left").textContent = left <= 100 ? interpolate(ngettext("%(left)s character left", "%(left)s characters left", left), { left }, true) : "";
  const followers = form.querySelector('[name="audience"][value="followers"]');
  followers.disabled = clip?.dataset.audience === "friends" && !draft;
  if (followers.disabled && followers.checked) form.querySelector('[name="audience"][value="friends"]').checked = true;
  const count = Number(chosen("audience")?.dataset.count ?? 0);
  part("send").textContent = interpolate(ngettext("Announce to %(count)s person", "Announce to %(count)s people", count), { count: exact(count) }, true);
}

/** A refusal is said at the head of the form, so that what was typed stays. */
function refuse(error) {
  const box = part("problem");
  box.textContent = error.message;
  box.hidden = false;
  box.scrollIntoView({ block: "center" });
}

async function send(event) {
  event.preventDefault();
  const clip = chosen("video");
  const button = event.submitter ?? form.querySelector('[type="submit"]');
  const sure = await confirmDialog(gettext("Announce it now?"), gettext("You can announce one clip a day. It goes out at once; you can take it back."), gettext("Announce"));
  if (!sure) return;
  button.disabled = true;
  try {
    const body = { video: clip.value, text: form.elements.text.value, audience: chosen("audience").value, preview: "draft" in clip.dataset };
    await api.post("announcements/", body, { headers: { "Idempotency-Key": crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` } });
    location.assign(location.pathname);
  } catch (error) {
    refuse(error);
    button.disabled = false;
  }
}

if (form) {
  form.addEventListener("input", show);
  form.addEventListener("submit", send);
  show();
}

class AnnouncementList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.sure(event));
    for (const row of this.running) this.draw(row, Number(this.sent(row).title.replace(/\D/g, "")), Number(this.sent(row).dataset.waiting));
    if (this.running.length) this.timer = setInterval(() => this.ask(), PAUSE);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  get running() {
    return [...this.querySelectorAll('[data-state="waiting"], [data-state="undoing"]')];
  }

  sent(row) {
    return row.querySelector('[data-field="sent"]');
  }

  draw(row, sent, waiting) {
    const percent = sent + waiting ? Math.round((100 * sent) / (sent + waiting)) : 0;
    const meter = row.querySelector('[data-field="meter"]');
    meter.style.setProperty("--value", percent);
    meter.setAttribute("aria-valuenow", percent);
    this.sent(row).textContent = exact(sent);
  }

  async ask() {
    if (document.hidden) return;
    for (const row of this.running) {
      try {
        const { state, sent, waiting } = await api.get(`announcements/${row.dataset.announcement}/`, { quiet: true });
        if (state !== row.dataset.state) return location.reload();
        this.draw(row, sent, waiting);
      } catch (error) {
        if (error.status) return clearInterval(this.timer); // gone, or logged out; without a network it goes on
      }
    }
  }

  /** Taking back is asked about: it cannot be sent again today. */
  async sure(event) {
    const button = event.target.closest("[data-sure]");
    if (!button || !event.isTrusted) return;
    event.preventDefault();
    const text = gettext("The message disappears for everybody who got it. Today's announcement counts as sent.");
    if (!(await confirmDialog(gettext("Take it back?"), text, gettext("Take back")))) return;
    try {
      await api.post(`announcements/${button.closest("[data-announcement]").dataset.announcement}/stop/`, { take_back: true });
      location.reload();
    } catch (error) {
      complain(error);
    }
  }
}

customElements.define("announcement-list", AnnouncementList);
