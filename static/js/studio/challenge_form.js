// <challenge-form slug phase studio>: writes a challenge. Times are the person's own and travel in UTC; the banner follows
// once the rest is kept, so that a refused picture loses nothing that was written.

import { api } from "app/api";
import { local } from "app/publish_settings";

const DAY = 86_400_000;

/** The id in the address of a clip, or what was written when it is none. */
const clipOf = (text) => text.match(/\/video\/(\d+)/)?.[1] ?? text.trim();

class ChallengeForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.wrong = this.querySelector("[data-wrong]");
    this.slug = this.getAttribute("slug");
    this.#times();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(event.submitter?.value === "publish");
    });
    this.form.addEventListener("input", (event) => event.target.removeAttribute("aria-invalid"));
    const banner = this.form.elements.banner;
    banner.addEventListener("change", () => banner.files[0] && this.#show(URL.createObjectURL(banner.files[0])));
    this.querySelector("[data-do=clear]").addEventListener("click", () => {
      banner.value = "";
      this.cleared = true;
      this.querySelector("[data-banner]").hidden = true;
    });
  }

  #times() {
    const { starts_at: start, ends_at: end } = this.form.elements;
    const next = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000);
    start.value = local(start.dataset.moment || next);
    end.value = local(end.dataset.moment || new Date(next.getTime() + 14 * DAY));
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone?.replaceAll("_", " ");
    if (zone) this.querySelector("[data-zone]").textContent = interpolate(gettext("Times are in your own zone, %(zone)s."), { zone }, true);
  }

  #show(source) {
    const frame = this.querySelector("[data-banner]");
    frame.querySelector("img").src = source;
    frame.hidden = false;
    this.cleared = false;
  }

  #said() {
    const fields = this.form.elements;
    const said = {};
    for (const name of ["title", "tag", "brief", "rules", "country", "sponsor", "sponsor_url"]) if (fields[name] && !fields[name].disabled) said[name] = fields[name].value.trim();
    if (said.tag) said.tag = said.tag.replace(/^#/, "");
    if (said.country) said.country = said.country.toUpperCase();
    for (const name of ["starts_at", "ends_at"]) {
      const field = fields[name];
      // Untouched ones are left out: the field knows minutes, the server more.
      const untouched = field.dataset.moment && field.value === local(field.dataset.moment);
      if (!field.disabled && field.value && !untouched) said[name] = new Date(field.value).toISOString();
    }
    said.example = clipOf(fields.example.value) || null;
    return said;
  }

  async #send(publish) {
    const buttons = this.form.querySelectorAll("button[type=submit]");
    for (const button of buttons) button.disabled = true;
    this.#clean();
    try {
      const said = this.#said();
      // A draft first: it can be published once its banner is there too.
      const kept = this.slug ? await api.patch(this.#path, said) : await api.post("challenges/", said);
      this.slug = kept.slug;
      this.setAttribute("slug", kept.slug);
      await this.#banner();
      if (publish) await api.patch(this.#path, { publish: true });
      location.assign(`${this.getAttribute("studio")}${kept.slug}/`);
    } catch (error) {
      this.#refused(error);
      for (const button of buttons) button.disabled = false;
    }
  }

  get #path() {
    return `challenges/${this.slug}/`;
  }

  async #banner() {
    const [file] = this.form.elements.banner.files;
    if (file) {
      const sent = new FormData();
      sent.append("banner", file);
      await api.post(`${this.#path}banner/`, sent);
      this.form.elements.banner.value = ""; // kept by now, whatever the next step says
    } else if (this.cleared) await api.delete(`${this.#path}banner/`);
  }

  #clean() {
    this.wrong.hidden = true;
    for (const line of this.form.querySelectorAll(".field__error")) line.remove();
    for (const field of this.form.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  }

  #refused(error) {
    let first = null;
    for (const [name, text] of Object.entries(error.fields ?? {})) {
      const field = this.form.elements[name];
      if (!field) continue;
      const line = Object.assign(document.createElement("p"), { className: "field__error", id: `wrong-${name}`, textContent: text });
      field.closest(".field").append(line);
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", line.id);
      first ??= field;
    }
    if (first) return first.focus();
    this.wrong.textContent = error.message;
    this.wrong.hidden = false;
    this.wrong.scrollIntoView({ block: "center" });
  }
}

customElements.define("challenge-form", ChallengeForm);
