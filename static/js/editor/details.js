// What is said when a clip is published: caption, settings, captions file; with plain sentences of what follows from them.

import "app/autocomplete";
import { blame, dress, fill, read } from "app/publish_settings";

const when = (moment) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" }).format(moment);
const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone?.replaceAll("_", " ") ?? "";

export class Details {
  /** `changed()` is called when anything was edited. */
  constructor(form, changed) {
    Object.assign(this, { form, vtt: null });
    this.buttons = { publish: form.querySelector("[type=submit]"), draft: form.querySelector("[data-do=draft]") };
    dress(form);
    form.addEventListener("input", () => {
      this.write();
      changed();
    });
    form.querySelector("[data-captions=file]").addEventListener("change", (event) => this.takeCaptions(event));
    this.write();
  }

  field(name) {
    return this.form.querySelector(`[data-field="${name}"]`);
  }

  get values() {
    return { caption: this.form.elements.caption.value, ...read(this.form) };
  }

  set values(values) {
    if (values.caption !== undefined) this.form.elements.caption.value = values.caption;
    fill(this.form, values);
    this.write();
  }

  get moment() {
    const { value } = this.form.elements.publish_at ?? {};
    return value ? new Date(value) : null;
  }

  /** `ways`: {published: it was before, waiting: its bytes still travel}. */
  write(ways = this.ways ?? {}) {
    this.ways = ways;
    const { audience, caption } = this.form.elements;
    this.field("count").textContent = caption.value.length;
    const who = {
      public: gettext("Everybody can watch it, also people without an account."),
      followers: gettext("Only people who follow you can watch it."),
      friends: gettext("Only friends, who follow you and whom you follow, can watch it."),
      only_me: gettext("Nobody but you can watch it."),
    }[audience.value];
    const { moment } = this;
    const start = moment ? interpolate(gettext("It appears on %(moment)s, your time (%(zone)s)."), { moment: when(moment), zone: zone() }, true) : "";
    this.field("consequence").textContent = [who, start].filter(Boolean).join(" ");
    if (!this.busy) this.buttons.publish.textContent = ways.published ? gettext("Save changes") : moment ? gettext("Schedule") : gettext("Publish");
    this.buttons.draft.hidden = Boolean(ways.published);
    const past = moment && moment <= new Date();
    this.form.elements.publish_at?.setCustomValidity(past ? gettext("Choose a time that is still to come.") : "");
  }

  takeCaptions(event) {
    const [file] = event.target.files;
    if (!file) return;
    this.vtt = file;
    this.field("vtt").textContent = file.name;
  }

  /** {language, vtt} of the chosen file, or null; throws a sentence when it is not WebVTT. */
  async captions() {
    if (!this.vtt) return null;
    const vtt = await this.vtt.text();
    if (!/^\uFEFF?WEBVTT/.test(vtt)) throw new Error(gettext("This captions file is not WebVTT: its first word must be WEBVTT. Choose another one."));
    return { language: this.form.querySelector("[data-captions=language]").value, vtt };
  }

  /** Shows why the server refused. */
  refuse(error) {
    const line = this.field("refusal");
    blame(this.form, error.fields);
    line.textContent = error.message;
    line.hidden = false;
    line.scrollIntoView({ block: "nearest" });
  }

  clear() {
    this.field("refusal").hidden = true;
  }

  work(text) {
    this.busy = Boolean(text);
    this.buttons.publish.disabled = this.busy;
    this.buttons.draft.disabled = this.busy;
    if (text) this.buttons.publish.textContent = text;
    else this.write();
  }
}
