// Where a message is written: the field that grows, its draft, pictures beside it, what it answers, emoji, quick replies.

import { api, person } from "app/api";
import { element, icon, openDialog } from "app/dialog";
import { nameOf, newId } from "app/messages";
import { socket } from "app/socket";
import { complain, toast } from "app/toast";
import { chosenFiles } from "app/chat/pictures";

const TYPING_EVERY_MS = 3000;
const TALLEST_PX = 160;

export class Composer {
  /** `on`: send({client_id, text, reply_to, quoted, file, width, height, url}), up() when ↑ is pressed in an empty field. */
  constructor(form, conversation, on) {
    this.form = form;
    this.field = form.elements.text;
    this.on = on;
    this.conversation = conversation;
    this.draftKey = `draft:${person.id}:${conversation}`;
    this.pictures = []; // {file, url, width, height}
    this.answering = null;
    this.typedAt = 0;
    try {
      this.field.value = sessionStorage.getItem(this.draftKey) ?? "";
    } catch {
      // A browser without storage keeps no draft.
    }
    this.field.addEventListener("input", () => this.#written());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    form.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act === "emoji") this.#emoji(event.target.closest("[data-act]"));
      if (act === "quick") this.#quick();
    });
    form.elements.picture.addEventListener("change", () => {
      this.addPictures(form.elements.picture.files);
      form.elements.picture.value = "";
    });
    this.field.addEventListener("paste", (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      this.addPictures(event.clipboardData.files);
    });
    this.#fit();
  }

  focus() {
    this.field.focus();
  }

  /** What may be written here now: the server's `writing`. It changes with an answer, a setting, a friendship. */
  permit({ allowed, request, reason }) {
    const closed = this.form.parentElement.querySelector("[data-closed]");
    if (allowed) closed?.remove();
    else if (!closed) this.form.before(element("p", { class: "chat__closed note", "data-closed": "", textContent: reason }));
    this.form.classList.toggle("composer--closed", !allowed);
    this.form.querySelector("[data-hint]").hidden = !request;
    this.form.querySelector("[data-add-picture]").hidden = request;
  }

  /** A request carries words only. */
  get takesPictures() {
    return !this.form.querySelector("[data-add-picture]").hidden;
  }

  // --- Words --------------------------------------------------------------------------------------------------

  #fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, TALLEST_PX)}px`;
    this.form.querySelector(".composer__send").disabled = !this.field.value.trim() && !this.pictures.length;
  }

  #written() {
    this.#fit();
    try {
      if (this.field.value) sessionStorage.setItem(this.draftKey, this.field.value);
      else sessionStorage.removeItem(this.draftKey);
    } catch {
      // See above.
    }
    if (this.field.value && Date.now() - this.typedAt >= TYPING_EVERY_MS) {
      this.typedAt = Date.now();
      socket.send({ type: "typing", conversation: this.conversation });
    }
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.form.requestSubmit();
    }
    if (event.key === "Escape" && this.answering) {
      event.preventDefault();
      this.answer(null);
    }
    if (event.key === "ArrowUp" && !this.field.value && !event.isComposing) {
      event.preventDefault();
      this.on.up();
    }
  }

  insert(text) {
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    this.#written();
  }

  #send() {
    const text = this.field.value.trim();
    if (!text && !this.pictures.length) return;
    const quoted = this.answering;
    const more = quoted ? { reply_to: quoted.id, quoted: { sender: quoted.sender, text: quoted.text } } : {};
    const parts = this.pictures.map((picture) => ({ ...picture, text: "" }));
    if (!parts.length) parts.push({ text });
    else parts.at(-1).text = text; // words under the last of the pictures
    Object.assign(parts[0], more);
    this.pictures = [];
    this.#drawPictures();
    this.field.value = "";
    this.typedAt = 0;
    this.#written();
    this.answer(null);
    for (const part of parts) this.on.send({ client_id: newId(), ...part });
    this.focus();
  }

  // --- What it answers ----------------------------------------------------------------------------------------

  /** `quoted`: {id, sender, text}, or null for none. */
  answer(quoted) {
    this.answering = quoted;
    const box = this.form.querySelector("[data-quote]");
    box.hidden = !quoted;
    box.querySelector('[data-part="text"]').textContent = quoted ? `${nameOf(quoted.sender)}: ${quoted.text || gettext("A picture or a clip")}` : "";
    if (quoted) this.focus();
  }

  // --- Pictures -----------------------------------------------------------------------------------------------

  async addPictures(files) {
    if (!this.takesPictures) {
      toast(gettext("Pictures have to wait for an answer."));
      return;
    }
    this.pictures.push(...(await chosenFiles(files, this.pictures.length)));
    this.#drawPictures();
    this.#fit();
    this.focus();
  }

  #drawPictures() {
    const list = this.form.querySelector("[data-pictures]");
    list.hidden = !this.pictures.length;
    list.replaceChildren(
      ...this.pictures.map((picture) =>
        element("li", {}, element("img", { src: picture.url, alt: picture.file.name }),
          element("button", { type: "button", "aria-label": gettext("Remove the picture"), onclick: () => this.#remove(picture) }, icon("x")))),
    );
  }

  #remove(picture) {
    this.pictures = this.pictures.filter((one) => one !== picture);
    URL.revokeObjectURL(picture.url);
    this.#drawPictures();
    this.#fit();
    this.focus();
  }

  // --- Emoji and quick replies --------------------------------------------------------------------------------

  async #emoji(button) {
    const { togglePicker } = await import("app/chat/emoji");
    togglePicker(this.form, button, (emoji) => this.insert(emoji), () => this.focus());
  }

  async #quick() {
    try {
      const { results } = await api.get("quick-replies/");
      const list = results.map(({ text }) =>
        element("button", { type: "button", class: "nav-item", dir: "auto", textContent: text, onclick: () => { box.close(); this.insert(text); this.focus(); } }));
      const none = element("p", { class: "quiet", textContent: gettext("Keep answers that you give often, and send them from here.") });
      const more = element("a", { class: "button", href: "/settings/messages/", textContent: list.length ? gettext("Change them") : gettext("Write the first") });
      const box = openDialog(gettext("Quick replies"), element("div", { class: "choices" }, ...(list.length ? list : [none])), { sheet: true, actions: [more] });
    } catch (error) {
      complain(error);
    }
  }
}
