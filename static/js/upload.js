// The upload page: one card a file. Checks before sending, sends while the details are written, publishes, then shows
// what the server does with it until the clip plays. Leaving is only guarded while bytes travel.

import { api } from "app/api";
import { element } from "app/dialog";
import { calm } from "app/prefs";
import { follow, stageText } from "app/progress";
import { complain, toast } from "app/toast";
import { Transfer, forget, unfinished } from "app/tus";

const page = document.querySelector("[data-uploads]");
const list = page.querySelector("[data-list]");
const pattern = document.querySelector("[data-pattern]");
const MOST_MB = Number(page.dataset.maxMb);
const MOST_SECONDS = Number(page.dataset.maxSeconds);
const ENDINGS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|3gp|ts|mts|wmv|flv|ogv)$/i;
const travelling = new Set();

const megabytes = (bytes) => Math.max(0.1, bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });

/** A sentence when a file should not be sent at all. Its length is only known where the browser can read it. */
function objection(file, seconds) {
  if (!file.type.startsWith("video/") && !ENDINGS.test(file.name)) return gettext("This is not a video. Choose a video file.");
  if (!file.size) return gettext("This file is empty. Choose another one.");
  if (file.size > MOST_MB * 1024 * 1024) return interpolate(gettext("This file has %(size)s MB; %(most)s MB is the most. Choose a shorter or smaller one."), { size: megabytes(file.size), most: MOST_MB }, true);
  if (seconds > MOST_SECONDS + 0.5) return interpolate(gettext("This clip is %(now)s seconds long; %(most)s is the most. Trim it and choose it again."), { now: Math.round(seconds), most: MOST_SECONDS }, true);
  return "";
}

class Card {
  constructor(file) {
    this.file = file;
    this.box = pattern.content.firstElementChild.cloneNode(true);
    this.form = this.box.querySelector("form");
    this.video = this.box.querySelector("video");
    this.field("name").textContent = file.name;
    this.field("size").textContent = `${megabytes(file.size)} MB`;
    this.box.addEventListener("click", (event) => this.click(event));
    this.form.addEventListener("submit", (event) => this.publish(event));
    this.form.addEventListener("input", () => this.edited());
    list.prepend(this.box);
    page.toggleAttribute("data-busy", true);
    this.begin();
  }

  field(name) {
    return this.box.querySelector(`[data-field="${name}"]`);
  }

  stage(name) {
    this.box.dataset.stage = name;
    if (name === "sending") travelling.add(this);
    else travelling.delete(this);
  }

  status(text, percent) {
    this.field("status").textContent = text;
    const meter = this.field("meter");
    meter.hidden = percent === undefined;
    if (percent === undefined) return;
    meter.setAttribute("aria-valuenow", Math.round(percent));
    meter.firstElementChild.style.setProperty("--value", percent);
  }

  async begin() {
    this.status(gettext("Checking the file"), 0);
    const seconds = await this.preview();
    const wrong = objection(this.file, seconds);
    if (wrong) return this.fail(wrong, { again: false });
    this.transfer = new Transfer(this.file, {
      progress: (sent, total) => this.sent(sent, total),
      retry: (wait) => this.status(interpolate(gettext("Connection lost at %(percent)s %. Trying again in %(wait)s s."), { percent: this.percent ?? 0, wait }, true), this.percent ?? 0),
      done: (id) => this.arrived(id),
      failed: (error) => this.fail(error.message),
    });
    const { details } = this.transfer.held;
    if (details && !this.form.caption.value) for (const [name, value] of Object.entries(details)) if (this.form[name]) this.form[name].value = value;
    const tag = new URLSearchParams(location.search).get("tag");
    if (tag && !this.form.caption.value) this.form.caption.value = `#${tag} `;
    this.edited();
    this.stage("sending");
    this.transfer.start();
  }

  /** Shows the local file; resolves to its length, or 0 when this browser cannot read it. */
  preview() {
    return new Promise((resolve) => {
      const { video } = this;
      setTimeout(() => resolve(0), 4000);
      video.addEventListener("loadedmetadata", () => resolve(Number.isFinite(video.duration) ? video.duration : 0), { once: true });
      video.addEventListener("error", () => {
        video.hidden = true;
        this.box.querySelector(".up__play").hidden = true;
        resolve(0);
      }, { once: true });
      video.src = URL.createObjectURL(this.file);
      if (!calm.matches) video.play().catch(() => {});
    });
  }

  sent(bytes, total) {
    this.percent = Math.floor((100 * bytes) / total);
    const now = performance.now();
    this.from ??= { bytes, now };
    const rate = (bytes - this.from.bytes) / (now - this.from.now || 1);
    const left = rate > 0 && now - this.from.now > 1500 ? Math.ceil((total - bytes) / rate / 1000) : 0;
    const text = left > 3
      ? interpolate(gettext("Uploading %(percent)s % · about %(left)s s left"), { percent: this.percent, left }, true)
      : interpolate(gettext("Uploading %(percent)s %"), { percent: this.percent }, true);
    this.status(text, this.percent);
  }

  edited() {
    this.field("count").textContent = this.form.caption.value.length;
    this.transfer?.keep({ details: { caption: this.form.caption.value, audience: this.form.audience.value, comments: this.form.comments.value } });
  }

  arrived(id) {
    this.upload = id;
    this.stage("uploaded");
    this.status(gettext("Uploaded. Publish when you are ready."), 100);
    if (this.wanted) this.publish();
  }

  async publish(event) {
    event?.preventDefault();
    const button = this.form.querySelector("[type=submit]");
    this.field("refusal").hidden = true;
    button.disabled = true;
    if (!this.upload) {
      this.wanted = true;
      button.textContent = gettext("Publishes when it has arrived");
      return;
    }
    const { caption, audience, comments } = this.form;
    try {
      const made = await api.post("videos/", { upload: this.upload, caption: caption.value, audience: audience.value, comments: comments.value }, { headers: { "Idempotency-Key": `publish-${this.upload}` } });
      forget(this.transfer.key);
      this.follow(made);
    } catch (error) {
      this.wanted = false;
      button.disabled = false;
      button.textContent = gettext("Publish");
      const line = this.field("refusal");
      line.textContent = error.message;
      line.hidden = false;
    }
  }

  follow({ id, url }) {
    [this.id, this.url] = [id, url];
    this.stage("processing");
    this.field("stages").hidden = false;
    this.unfollow = follow(id, (news) => this.news(news));
    this.news({ state: "processing", stage: "waiting", percent: 0 });
  }

  news({ state, stage, percent = 0, card }) {
    if (card?.url) this.url = card.url;
    if (state === "failed") return this.fail(card?.error?.message ?? gettext("This clip could not be processed."), { made: true, code: card?.error?.code });
    const order = ["upload", "checking", "first", "cover", "ladder"];
    const at = state === "ready" ? order.length : Math.max(1, order.indexOf(stage));
    for (const [i, item] of [...this.field("stages").children].entries()) {
      item.toggleAttribute("data-done", i < at);
      item.toggleAttribute("data-now", i === at);
    }
    if (state === "ready") {
      this.stage("ready");
      this.status(gettext("Your clip is live."));
      this.ways([element("a", { class: "button button--primary", href: this.url, textContent: gettext("Watch it") }), element("a", { class: "button button--quiet", href: "/studio/", textContent: gettext("Studio") })]);
    } else {
      this.status(`${stageText(stage)} · ${Math.round(percent)} %`, percent);
      if (card?.playback?.mp4?.length) this.ways([element("a", { class: "button button--primary", href: this.url, textContent: gettext("Watch it now") })]);
    }
  }

  ways(buttons) {
    const line = this.field("ways");
    if (line.textContent === buttons.map((one) => one.textContent).join("")) return;
    line.replaceChildren(...buttons);
    line.hidden = !buttons.length;
  }

  fail(text, { again = true, made = false } = {}) {
    this.unfollow?.();
    this.stage("failed");
    this.status(made ? gettext("This clip did not make it") : gettext("Not uploaded"));
    this.field("stages").hidden = true;
    const line = this.field("error");
    line.textContent = text;
    line.hidden = false;
    const other = element("button", { type: "button", class: "button", textContent: gettext("Choose another file"), onclick: () => (this.remove(), document.getElementById("files").click()) });
    const retry = element("button", { type: "button", class: "button button--primary", textContent: gettext("Try again"), onclick: () => (made ? this.redo() : this.restart()) });
    this.ways(again ? [retry, other] : [other]);
  }

  clear() {
    this.field("error").hidden = true;
    this.ways([]);
  }

  restart() {
    this.clear();
    this.from = undefined;
    this.wanted = false;
    this.form.querySelector("[type=submit]").disabled = false;
    this.begin();
  }

  async redo() {
    try {
      await api.post(`videos/${this.id}/retry/`);
      this.clear();
      this.follow({ id: this.id, url: this.url });
    } catch (error) {
      complain(error);
    }
  }

  click(event) {
    const act = event.target.closest("[data-do]")?.dataset.do;
    if (act === "play") {
      if (this.video.paused) this.video.play();
      else this.video.pause();
    }
    if (act === "remove") this.remove();
  }

  remove() {
    const { stage } = this.box.dataset;
    this.unfollow?.();
    travelling.delete(this);
    if (this.transfer && (stage === "sending" || stage === "uploaded")) {
      this.transfer.stop(true);
      toast(gettext("Upload removed."));
    }
    URL.revokeObjectURL(this.video.src);
    this.box.remove();
    page.toggleAttribute("data-busy", list.children.length > 0);
  }
}

function take(files) {
  for (const file of files) new Card(file);
  showUnfinished(new Set([...files].map((file) => file.name)));
}

/** After a reload the browser has no right to the file any more: the person shows it again and it goes on. */
function showUnfinished(taken = new Set()) {
  const rows = unfinished().filter((one) => one.url && !taken.has(one.name)).map((one) => {
    const row = element("div", { class: "note resumable" },
      element("p", { textContent: interpolate(gettext("%(name)s stopped at %(percent)s %. Choose the same file and it goes on from there."), { name: one.name, percent: one.percent ?? 0 }, true) }),
      element("label", { class: "button button--small", htmlFor: "files", textContent: gettext("Choose the file") }),
      element("button", { type: "button", class: "button button--small button--quiet", textContent: gettext("Forget it"), onclick: () => (forget(one.key), row.remove()) }));
    return row;
  });
  page.querySelector("[data-resumable]").replaceChildren(...rows);
}

for (const id of ["files", "camera"]) {
  const input = document.getElementById(id);
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
}

const drop = page.querySelector("[data-drop]");
let depth = 0;
addEventListener("dragenter", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  depth += 1;
  drop.toggleAttribute("data-over", true);
});
addEventListener("dragleave", () => {
  depth = Math.max(0, depth - 1);
  if (!depth) drop.toggleAttribute("data-over", false);
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  drop.toggleAttribute("data-over", false);
  take([...event.dataTransfer.files]);
});
addEventListener("beforeunload", (event) => {
  if (travelling.size) event.preventDefault();
});
showUnfinished();
