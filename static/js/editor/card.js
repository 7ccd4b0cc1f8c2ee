// One clip of the upload page from file to published: checks, sends, edits, publishes, follows what the server does with it.

import { api } from "app/api";
import { confirmDialog, element } from "app/dialog";
import { Details } from "app/editor/details";
import { clock } from "app/editor/clock";
import { Model } from "app/editor/model";
import { fileOf, firstSeconds } from "app/editor/remix";
import { rules } from "app/editor/rules";
import { Saver } from "app/editor/saving";
import { Source } from "app/editor/sources";
import { makeOwn, Workspace } from "app/editor/workspace";
import { follow, stageText } from "app/progress";
import { complain, toast } from "app/toast";
import { Transfer, forget } from "app/tus";

const ENDINGS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|3gp|ts|mts|wmv|flv|ogv)$/i;
const STAGES = ["upload", "checking", "first", "cover", "ladder"];

export const megabytes = (bytes) => Math.max(0.1, bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });

/** A sentence when a file should not be sent at all. Its length is only known where the browser can read it. */
export function objection(file, source, mostMb) {
  if (!file.type.startsWith("video/") && !ENDINGS.test(file.name)) return gettext("This is not a video. Choose a video file.");
  if (!file.size) return gettext("This file is empty. Choose another one.");
  if (file.size > mostMb * 1024 * 1024) return interpolate(gettext("This file has %(size)s MB; %(most)s MB is the most. Choose a shorter or smaller one."), { size: megabytes(file.size), most: mostMb }, true);
  const longest = rules.limits.source_seconds;
  if (source?.duration > longest) return interpolate(gettext("This film is %(now)s long; %(most)s is the most that can be sent. Cut it on your device first."), { now: clock(source.duration, false), most: clock(longest, false) }, true);
  return "";
}

export class Card {
  /**
   * `page`: {pattern, list, mostMb, most, choose(card), changed(), again()}. `given`: {file} and what is known of it: `url` (of its
   * upload), `remix`, `sound`, `tag`; or `edited` (a clip that is there, see reopen.js), with `resume` (place → url of the upload
   * that goes on) when it is a draft whose files were chosen again.
   */
  constructor(page, given) {
    Object.assign(this, { page, given, file: given.file ?? null, transfers: new Map(), percent: 0 });
    this.box = page.pattern.content.firstElementChild.cloneNode(true);
    this.mark = makeOwn(this.box);
    this.work = this.box.querySelector("[data-work]");
    this.field("name").textContent = given.name ?? this.file?.name ?? "";
    this.model = new Model(page.most, given.remix ?? null);
    if (given.remix?.kind === "stitch") this.model.state.remix_trim = given.trim ?? firstSeconds(given.remix.source);
    this.details = new Details(this.box.querySelector("form"), () => this.edited());
    this.saver = new Saver(
      {
        upload: () => this.upload ?? "",
        whole: () => !this.travelling,
        say: () => this.say(),
        keep: (changes) => this.keep(changes),
        told: (text) => (this.field("saved").textContent = text),
      },
      given.saved,
    );
    this.box.addEventListener("click", (event) => this.click(event));
    this.details.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.publish();
    });
    page.list.append(this.box);
  }

  field(name) {
    return this.box.querySelector(`[data-field="${name}"]`);
  }

  stage(name) {
    this.box.dataset.stage = name;
    this.box.querySelector("[data-do=pause]").hidden = name !== "sending";
    this.page.changed();
  }

  get state() {
    return this.box.dataset.stage;
  }

  status(text, percent) {
    this.field("status").textContent = text;
    const meter = this.field("meter");
    meter.hidden = percent === undefined;
    if (percent === undefined) return;
    meter.setAttribute("aria-valuenow", Math.round(percent));
    meter.firstElementChild.style.setProperty("--value", percent);
  }

  // --- From the file to the editor ---

  async begin() {
    this.status(gettext("Reading the file"), 0);
    const source = await new Source({ file: this.file }).open();
    this.main = source;
    const wrong = objection(this.file, source, this.page.mostMb);
    if (wrong) return this.fail(wrong, { again: false });
    this.model.append(source, { quiet: true });
    this.restore();
    this.transfer(source, this.given.url);
    this.dress();
    this.page.offer(this);
    if (source.readable && source.duration > this.page.most) {
      this.notice(interpolate(gettext("This film is %(now)s long. The first %(most)s are used; move the handles to choose which part."), { now: clock(source.duration, false), most: clock(this.page.most, false) }, true));
    }
    if (!source.readable) this.convert();
    this.page.changed();
  }

  /** What was written about this file before a reload, else what the way here says (a tag, a sound). */
  restore() {
    const { details, edit } = new Transfer(this.file, {}).held;
    const { tag, sound } = this.given;
    if (details) this.details.values = details;
    if (edit && Object.keys(edit).length > 1) this.model.load({ ...edit, sound: undefined, parts: undefined, voice: undefined });
    if (!details && tag) this.details.values = { caption: `#${tag} ` };
    if (sound && !this.model.state.sound) this.model.setSound({ id: String(sound.id), title: sound.title, artist: sound.artist, duration: sound.duration, preview: sound.preview, peaks: sound.peaks });
    [this.model.past, this.model.future] = [[], []];
  }

  /** Opens a clip that the server has already (editor/reopen.js); files that were chosen again are sent on. */
  async reopen() {
    const { card, edit, main, parts, voice, sound } = this.given.edited;
    this.main = main;
    this.model.append(main, { quiet: true });
    this.model.load(edit, { parts, voice, sound });
    this.details.values = card;
    this.dress();
    this.saver.sent = { details: this.details.values, edit: this.model.list() };
    this.page.choose(this);
    this.stage("uploaded");
    this.status(this.given.saved.manual ? gettext("Your changes show once you save them; until then the clip plays as it is.") : gettext("A draft. Only you see it."));
    for (const source of [main, ...parts, voice]) if (source?.file) this.transfer(source, this.given.resume.get(String(source.kept)));
    if (!main.readable) this.convert();
  }

  /** A further file of a draft that was chosen again: its bytes go on. */
  async supply(file, place, url) {
    const source = [...this.model.sources.values()].find((one) => String(one.kept) === String(place));
    if (!source || this.transfers.has(source)) return;
    source.file = file;
    await source.adopt({ file });
    this.model.known(source);
    this.transfer(source, url);
  }

  /** What this browser cannot read the server converts anyway: the first rendition of the draft is edited in its place. */
  async convert() {
    this.notice(gettext("This browser cannot show this file. It is converted once it has arrived; then it shows here. You can write the details meanwhile."));
    while (!this.published && this.box.isConnected && !this.main.readable) {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const { video } = this.saver;
      if (!video || this.travelling) continue;
      const card = await api.get(`videos/${video.id}/`, { quiet: true }).catch(() => null);
      if (card?.state === "failed") return this.notice(card.error?.message ?? "");
      // Only a plain rendition has the file's own times.
      if (!card?.playback?.mp4?.length || Object.keys(card.edit ?? {}).length) continue;
      const url = fileOf(card);
      const file = await api.raw(url, { quiet: true }).then((answer) => answer.blob()).catch(() => null);
      await this.main.adopt(file ? { file } : { url });
      if (!this.main.readable) return;
      this.model.known(this.main);
      this.notice("");
      this.thumb();
    }
  }

  dress() {
    this.work.hidden = false;
    this.workspace = new Workspace(this.work, this.model, this.mark, { add: (files) => this.join(files), send: (source) => this.transfer(source) });
    this.box.querySelector("[data-do=open]").hidden = false;
    this.model.addEventListener("change", () => this.edited());
    this.workspace.preview.addEventListener("time", () => this.thumb(), { once: true });
    if (this.given.remix) this.workspace.tools.choose("remix");
    else if (this.model.state.sound) this.workspace.tools.choose("sound");
    this.details.write({ published: this.given.saved?.manual });
    if (this.given.saved?.manual) this.details.form.elements.publish_at.closest(".field").hidden = true;
    setTimeout(() => this.thumb(), 600);
  }

  async thumb() {
    const canvas = this.field("thumb");
    const picture = await this.model.main?.frame(this.model.state.clips[0].start + 0.2, 128);
    if (!picture) return;
    const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
    canvas.getContext("2d").drawImage(picture, (canvas.width - picture.width * scale) / 2, (canvas.height - picture.height * scale) / 2, picture.width * scale, picture.height * scale);
    canvas.dataset.drawn = "";
  }

  /** Further files become parts of the clip, each with its own upload. */
  async join(files) {
    for (const file of files) {
      const source = await new Source({ file }).open();
      const wrong = objection(file, source, this.page.mostMb) || (source.readable ? "" : gettext("This browser cannot read this file, so it cannot be joined. Publish it by itself."));
      if (wrong) {
        toast(`${file.name}: ${wrong}`, { seconds: 8 });
        continue;
      }
      this.model.settle();
      this.model.append(source);
      this.transfer(source);
    }
  }

  // --- Sending ---

  /** Sends a file of the clip; its upload's id is known as `source.upload` soon, long before its last byte. */
  transfer(source, url = "") {
    const transfer = new Transfer(source.file, {
      located: (id) => {
        source.upload = id;
        if (source === this.main) this.upload = id;
        this.saver.touch();
        if (this.wanted) this.publish();
      },
      progress: () => this.sent(),
      queued: () => this.status(gettext("Waiting for another file to finish"), this.percent),
      retry: (wait) => this.status(interpolate(gettext("Connection lost at %(percent)s %. Trying again in %(wait)s s."), { percent: this.percent, wait }, true), this.percent),
      offline: () => this.status(interpolate(gettext("You are offline. It goes on at %(percent)s % when the network is back."), { percent: this.percent }, true), this.percent),
      done: () => this.arrived(),
      failed: (error) => this.fail(error.message, { code: error.code }),
    }, url);
    this.transfers.set(source, transfer);
    if (this.state !== "processing") this.stage("sending");
    transfer.start();
  }

  /** The transfers that the clip as it is now needs. */
  get needed() {
    const voice = this.model.source(this.model.state.voice?.source);
    return [...this.model.files, voice].map((source) => this.transfers.get(source)).filter(Boolean);
  }

  get travelling() {
    return this.needed.some((transfer) => !transfer.whole);
  }

  get bytes() {
    const list = this.needed;
    return { sent: list.reduce((sum, one) => sum + (one.whole ? one.file.size : one.sent), 0), total: list.reduce((sum, one) => sum + one.file.size, 0) };
  }

  sent() {
    const { sent, total } = this.bytes;
    this.percent = total ? Math.floor((100 * sent) / total) : 0;
    const now = performance.now();
    this.from ??= { sent, now };
    const rate = (sent - this.from.sent) / (now - this.from.now || 1);
    const left = rate > 0 && now - this.from.now > 1500 ? Math.ceil((total - sent) / rate / 1000) : 0;
    const values = { percent: this.percent, left, size: megabytes(total) };
    const line = left > 3 ? gettext("Uploading %(percent)s % of %(size)s MB · about %(left)s s left") : gettext("Uploading %(percent)s % of %(size)s MB");
    const after = this.published ? ` · ${gettext("It is published when the last byte has arrived")}` : "";
    this.status(interpolate(line, values, true) + after, this.percent);
    this.page.changed();
  }

  arrived() {
    if (this.travelling) return;
    this.from = undefined;
    if (this.published) return this.follow(this.published);
    this.stage("uploaded");
    this.status(gettext("Uploaded. Publish when you are ready."), 100);
    this.saver.touch();
    if (this.wanted) this.publish();
  }

  pause() {
    const held = this.needed.some((transfer) => transfer.paused);
    for (const transfer of this.needed) held ? transfer.resume() : transfer.pause();
    const button = this.box.querySelector("[data-do=pause]");
    button.setAttribute("aria-label", held ? gettext("Pause the upload") : gettext("Go on with the upload"));
    button.querySelector("use").setAttribute("href", held ? "#i-pause" : "#i-play");
    if (!held) this.status(interpolate(gettext("Paused at %(percent)s %."), { percent: this.percent }, true), this.percent);
    this.box.toggleAttribute("data-paused", !held);
    this.page.changed();
  }

  // --- Saying and publishing ---

  edited() {
    this.details.clear();
    this.saver.touch();
  }

  keep(changes) {
    this.transfers.get(this.main)?.keep(changes);
    if (this.saver.video && this.main && this.transfers.has(this.main)) this.transfers.get(this.main).keep({ video: this.saver.video.id });
  }

  /** What the server is told. `edit` is null while the id of one of its files is not known. */
  say() {
    const waits = [...this.model.state.clips.slice(1), this.model.state.voice].filter(Boolean).some(({ source }) => {
      const file = this.model.source(source);
      return !file || (!file.upload && file.kept === undefined);
    });
    const remix = {};
    const { remix: other } = this.model;
    if (other?.kind === "duet") remix.duet_of = other.id;
    if (other?.kind === "stitch") remix.stitch_of = { id: other.id, ...this.model.state.remix_trim };
    return { details: this.details.values, edit: waits ? null : this.model.list(), remix };
  }

  async publish(draft = false) {
    const { details, model } = this;
    details.clear();
    if (model.tooLong) return details.refuse({ message: interpolate(gettext("The clip is %(over)s too long. Trim it in the timeline."), { over: clock(model.tooLong) }, true), fields: {} });
    if (!details.form.reportValidity()) return;
    this.wanted = draft ? "draft" : "publish";
    const waiting = this.say().edit === null || (!this.upload && !this.saver.video);
    if (waiting) return details.work(gettext("A moment"));
    details.work(draft ? gettext("Saving") : gettext("Publishing"));
    try {
      const captions = await details.captions();
      const more = draft || details.moment || this.given.saved?.manual ? null : { draft: false };
      const made = (await this.saver.flush(more)) ?? this.saver.video;
      if (captions) await api.put(`videos/${made.id}/captions/${captions.language}/`, { vtt: captions.vtt });
      this.made(made, draft);
    } catch (error) {
      // A file that is added to a clip which plays already must have arrived first.
      if (error.code === "incomplete" && this.travelling) return details.work(gettext("Publishes when it has arrived"));
      details.refuse(error);
      details.work("");
    }
    this.wanted = null;
  }

  made(video, draft) {
    [this.id, this.url] = [video.id, video.url];
    this.details.work("");
    if (draft) {
      toast(gettext("Draft saved. You find it in the studio."));
      return;
    }
    this.workspace?.preview.pause();
    if (this.details.moment && !this.given.saved?.manual) {
      this.stage("scheduled");
      this.forgetAll();
      this.status(this.field("consequence").textContent);
      this.ways([element("a", { class: "button button--primary", href: "/studio/", textContent: gettext("Studio") })]);
      return;
    }
    this.published = video;
    this.saver.close();
    if (this.travelling) {
      this.work.hidden = true;
      this.box.querySelector("[data-do=open]").hidden = true;
      this.sent();
      return;
    }
    this.follow(video);
  }

  forgetAll() {
    for (const transfer of this.transfers.values()) if (transfer.whole) forget(transfer.key);
  }

  follow({ id, url }) {
    [this.id, this.url] = [id, url];
    this.forgetAll();
    this.stage("processing");
    this.work.hidden = true;
    this.workspace?.close();
    this.box.querySelector("[data-do=open]").hidden = true;
    this.notice("");
    this.field("stages").hidden = false;
    this.unfollow = follow(id, (news) => this.news(news));
    this.news({ state: "processing", stage: "waiting", percent: 0 });
  }

  news({ state, stage, percent = 0, card }) {
    if (card?.url) this.url = card.url;
    if (state === "failed") return this.fail(card?.error?.message ?? gettext("This clip could not be processed."), { made: true });
    if (state === "ready" && card?.error) return this.fail(`${card.error.message} ${gettext("The clip plays as it was before.")}`, { made: true });
    const at = state === "ready" ? STAGES.length : Math.max(1, STAGES.indexOf(stage));
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

  notice(text) {
    const line = this.field("notice");
    line.textContent = text;
    line.hidden = !text;
  }

  // --- When something goes wrong ---

  fail(text, { again = true, made = false, code = "" } = {}) {
    this.unfollow?.();
    this.stage("failed");
    this.status(made ? gettext("This clip did not make it") : gettext("Not uploaded"));
    this.field("stages").hidden = true;
    const line = this.field("error");
    line.textContent = text;
    line.hidden = false;
    const other = element("button", { type: "button", class: "button", textContent: gettext("Choose another file"), onclick: () => (this.remove(true), this.page.again()) });
    const retry = element("button", { type: "button", class: "button button--primary", textContent: gettext("Try again"), onclick: () => (made ? this.redo() : this.restart()) });
    const room = code === "quota" || code === "too_many_uploads" ? element("a", { class: "button", href: "/studio/", textContent: gettext("Make room in the studio") }) : null;
    this.ways([again ? retry : null, room, other].filter(Boolean));
  }

  clear() {
    this.field("error").hidden = true;
    this.ways([]);
  }

  /** Sends again what did not arrive; the editor and all that was written stay. */
  restart() {
    this.clear();
    this.from = undefined;
    this.details.work("");
    this.stage("sending");
    for (const [source, transfer] of this.transfers) {
      if (transfer.whole) continue;
      transfer.stop();
      this.transfer(source, transfer.url);
    }
    if (!this.transfers.size) this.begin();
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
    if (act === "remove") this.leave();
    if (act === "pause") this.pause();
    if (act === "open") this.page.choose(this);
    if (act === "draft") this.publish(true);
    const side = event.target.closest("[data-side-of]")?.dataset.sideOf;
    if (side) this.side(side);
  }

  side(name) {
    this.work.dataset.side = name;
    for (const button of this.work.querySelectorAll("[data-side-of]")) button.setAttribute("aria-pressed", String(button.dataset.sideOf === name));
  }

  /** Unfolds or folds the editor of this clip; only one is unfolded at a time. */
  open(on) {
    if (!this.workspace || ["processing", "ready", "scheduled"].includes(this.state) || this.published) return;
    this.work.hidden = !on;
    this.box.toggleAttribute("data-open", on);
    const button = this.box.querySelector("[data-do=open]");
    button.setAttribute("aria-expanded", String(on));
    button.hidden = on;
    if (!on) this.workspace.preview.pause();
  }

  /** Asks before work is thrown away. */
  async leave() {
    const worked = this.model.past.length || this.details.values.caption;
    const unpublished = ["sending", "uploaded"].includes(this.state) && !this.published && (!this.given.edited || Boolean(this.given.resume));
    if (unpublished && worked && !(await confirmDialog(gettext("Remove this clip"), gettext("The file and everything you edited are thrown away."), gettext("Remove")))) return;
    this.remove(unpublished);
  }

  remove(drop) {
    this.unfollow?.();
    this.saver.close();
    this.workspace?.close();
    if (this.given.edited && !this.given.resume) {
      location.assign("/studio/");
    } else if (drop) {
      if (this.saver.video) api.delete(`videos/${this.saver.video.id}/`, { quiet: true }).catch(() => {});
      // A draft takes its uploads with it; without one they are told to go.
      for (const transfer of this.transfers.values()) {
        transfer.stop(!this.saver.video);
        forget(transfer.key);
      }
      toast(gettext("Upload removed."));
    } else for (const transfer of this.transfers.values()) transfer.stop();
    for (const source of this.model.sources.values()) source.close();
    this.box.remove();
    this.page.removed(this);
  }
}
