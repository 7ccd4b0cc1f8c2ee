// The list of conversations: previews, dots and order follow what arrives.

import { api, person } from "app/api";
import { socket } from "app/socket";

export class ConversationList {
  constructor(list) {
    this.list = list;
    this.requests = list.hasAttribute("data-requests");
    this.open = document.querySelector("[data-chat]")?.dataset.chat;
    this.template = document.getElementById("row-template");
    socket.on("message.new", (message) => this.touch(message));
    socket.on("conversation.updated", ({ conversation }) => this.refresh(conversation));
    socket.on("conversation.read", ({ conversation, username }) => {
      if (username === person.username) this.#dot(this.#row(conversation), false);
    });
    const all = () => this.refreshAll();
    socket.on("reset", all);
    socket.on("open", ({ again }) => again && all());
  }

  #row(id) {
    return this.list.querySelector(`[data-conversation="${CSS.escape(id)}"]`);
  }

  #dot(row, shown) {
    if (!row) return;
    row.classList.toggle("conversation--unread", shown);
    row.querySelector('[data-part="dot"]').hidden = !shown;
  }

  /** A message came or went: its conversation moves to the top. */
  async touch(message) {
    const row = this.#row(message.conversation);
    if (!row) {
      await this.refresh(message.conversation);
      return;
    }
    if (!message.request || message.sender === person.username) this.#preview(row, message);
    const theirs = message.sender !== person.username;
    this.#dot(row, theirs && !(message.conversation === this.open && document.visibilityState === "visible"));
    row.querySelector('[data-part="time"]').textContent = gettext("now");
    this.list.prepend(row);
  }

  #preview(row, message) {
    const own = message.sender === person.username && message.text ? `${gettext("You:")} ` : "";
    const words = message.taken_down ? gettext("A moderator removed this message") : message.removed ? gettext("Message taken back") : message.text || (message.has_video ? gettext("Sent a clip") : "");
    row.querySelector('[data-part="preview"]').textContent = own + words.slice(0, 80);
  }

  async refreshAll() {
    try {
      const { results } = await api.get(`conversations/${this.requests ? "?requests=1" : ""}`, { quiet: true });
      for (const conversation of results.reverse()) this.#draw(conversation);
    } catch {
      // The next reconnect asks again.
    }
  }

  async refresh(id) {
    try {
      this.#draw(await api.get(`conversations/${id}/`, { quiet: true }));
    } catch (error) {
      if (error.status === 404) this.#row(id)?.remove();
    }
  }

  #draw(conversation) {
    const belongs = (conversation.state === "request") === this.requests && (conversation.last_message || this.requests);
    let row = this.#row(conversation.id);
    if (!belongs) {
      row?.remove();
      return;
    }
    if (!row) {
      row = this.template.content.firstElementChild.cloneNode(true);
      row.dataset.conversation = conversation.id;
      row.querySelector("a").href = `/messages/${conversation.id}/`;
      const [who] = conversation.people;
      row.querySelector('[data-part="name"]').textContent = who.display_name;
      const face = row.querySelector(".avatar");
      if (who.avatar) {
        face.replaceWith(Object.assign(document.createElement("img"), { className: "avatar avatar--44", src: who.avatar, alt: "", width: 44, height: 44 }));
      } else face.textContent = who.display_name.slice(0, 1);
      document.querySelector(".panes__list .empty")?.remove();
    }
    row.querySelector('[data-part="time"]').textContent = gettext("now");
    if (conversation.last_message) this.#preview(row, conversation.last_message);
    else row.querySelector('[data-part="preview"]').textContent = gettext("Would like to write to you");
    this.#dot(row, conversation.unread > 0 && !conversation.muted && conversation.id !== this.open);
    this.list.prepend(row);
  }
}
