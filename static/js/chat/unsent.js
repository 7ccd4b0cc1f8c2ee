// Messages that are shown before anybody else has them: drawn at once, with what becomes of them.

import { person } from "app/api";
import { element } from "app/dialog";
import { drawMessage, drawPicture } from "app/messages";
import { Outbox } from "app/chat/outbox";

export class Unsent {
  #items = new Map(); // client_id → item

  /** `on`: append(item), atEnd(), toEnd(), sent(card). */
  constructor(conversation, on) {
    this.on = on;
    this.outbox = new Outbox(conversation, {
      waiting: (entry) => this.#draw(entry),
      sending: (entry) => this.#say(entry, gettext("Sending")),
      progress: (entry, share) => this.#items.get(entry.client_id)?.querySelector("progress")?.setAttribute("value", share),
      stuck: (entry, error) => this.#say(entry, error.status ? error.message : gettext("Not sent. No connection."), true),
      refused: (entry, error) => this.#say(entry, error.message, true),
      sent: (card) => on.sent(card),
    });
  }

  add(entry) {
    this.outbox.add(entry);
  }

  restore() {
    return this.outbox.restore();
  }

  retry(client) {
    this.outbox.retry(client);
  }

  /** It is in the conversation: its item, if it was drawn here, to be made the real one. */
  confirm(client) {
    const item = this.#items.get(client) ?? null;
    this.#items.delete(client);
    if (item) this.outbox.drop(client);
    return item;
  }

  discard(item) {
    const { client } = item.dataset;
    this.outbox.drop(client);
    this.#items.delete(client);
    item.remove();
  }

  #draw(entry) {
    const item = drawMessage({
      id: "", seq: "", sender: person.username, text: entry.text, reactions: [], reply_to: entry.reply_to, quoted: entry.quoted,
      created_at: new Date(entry.at).toISOString(),
    });
    item.dataset.client = entry.client_id;
    item.classList.add("message--sending");
    if (entry.file) item.querySelector('[data-part="gone"]').before(this.#picture(entry));
    this.#items.set(entry.client_id, item);
    this.on.append(item);
    this.on.toEnd();
  }

  /** From the file itself; the address is made anew, because that of an earlier page is dead. */
  #picture({ file, width, height }) {
    const picture = drawPicture({ id: "", url: URL.createObjectURL(file), width, height });
    picture.append(element("progress", { class: "picture__progress", max: 1, value: 0, "aria-label": gettext("Uploading") }));
    return picture;
  }

  #say(entry, text, failed = false) {
    const item = this.#items.get(entry.client_id);
    if (!item) return;
    const atEnd = this.on.atEnd();
    item.classList.toggle("message--failed", failed);
    item.classList.toggle("message--sending", !failed);
    item.querySelector('[data-part="state"]').textContent = text;
    item.querySelector('[data-act="retry"]').hidden = item.querySelector('[data-act="discard"]').hidden = !failed;
    if (atEnd) this.on.toEnd();
  }
}
