// The share sheet of a clip: send it to conversations and people, several at once, with a line of text; copy its link; the
// system's own sheet. Counts a share when one happened. What was sent can be taken back for a few seconds.

import { api, signedIn } from "app/api";
import { element, icon, openDialog } from "app/dialog";
import { allowed } from "app/gate";
import { move } from "app/reactions";
import { face, faces, titleOf } from "app/chat_list/row";
import { complain, toast } from "app/toast";

const PAUSE = 160; // ms of quiet typing before the server is asked
const MOST = 20; // conversations that one clip goes to at once
const newId = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const say = (text, values) => interpolate(text, values, true);

async function count(article, channel) {
  const { url } = (await api.post(`videos/${article.dataset.clip}/share/`, { channel })) ?? {};
  move(article, "shares", 1);
  return url || article.dataset.shareUrl;
}

/** Copying needs the click's own moment, so the address is written first and counted after. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", { value: text, class: "visually-hidden" });
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

const way = (name, text, act) => element("button", { type: "button", class: "share-way", onclick: act }, element("span", { class: "share-way__icon" }, icon(name)), element("span", { textContent: text }));

function ways(article, close) {
  const { shareUrl } = article.dataset;
  const found = [];
  if (navigator.share) {
    found.push(way("share-2", gettext("Share with another app"), async () => {
      try {
        await navigator.share({ url: shareUrl, title: document.title.replace(/^\(\d+\+?\) /, "") });
        close();
        if (signedIn) count(article, "system").catch(() => {});
      } catch (error) {
        if (error.name !== "AbortError") complain(error);
      }
    }));
  }
  if (!signedIn) found.push(way("send", gettext("Send in a message"), () => (close(), allowed("message", article.dataset.url))));
  return found.length ? element("div", { class: "share-ways" }, ...found) : null;
}

function link(article, close) {
  const { shareUrl } = article.dataset;
  const take = async () => {
    await copy(shareUrl);
    close();
    toast(gettext("Link copied."));
    if (signedIn) count(article, "link").catch(() => {});
  };
  return element("div", { class: "share-link" },
    element("input", { type: "text", readOnly: true, value: shareUrl, "aria-label": gettext("Link to this clip"), onfocus: (event) => event.target.select() }),
    element("button", { type: "button", class: "button", onclick: take }, icon("link"), element("span", { textContent: gettext("Copy the link") })));
}

/** Growth from outside: a link for one person, made for one contact. */
function outside(article, close) {
  if (!(article.dataset.may ?? "").split(" ").includes("invite")) return null;
  const open = () => (close(), import("app/invite_sheet").then(({ openInvite }) => openInvite(article)).catch(complain));
  return element("button", { type: "button", class: "share-invite", onclick: open }, icon("user-plus"),
    element("span", {}, element("strong", { textContent: gettext("Invite someone to watch and follow") }), element("span", { class: "quiet small", textContent: gettext("A link for one person. They need no account to watch.") })));
}

export function openShare(article) {
  const box = openDialog(gettext("Share"), [], { sheet: true });
  box.classList.add("share");
  const close = () => box.close();
  const below = element("div", { class: "share__below" }, ways(article, close), link(article, close), outside(article, close));
  if (signedIn) box.append(new Sending(article, box, below).root);
  box.append(below);
}

/** Whom a clip goes to: faces to choose from, then a line of text and one button. */
class Sending {
  constructor(article, box, below) {
    Object.assign(this, { article, box, below });
    this.chosen = new Map(); // key → {key, name, conversation or username, client}
    this.sent = new Map(); // key → the id of the message
    this.held = new Map(); // search → what it found
    this.field = element("input", { type: "search", maxLength: 60, autocomplete: "off", placeholder: gettext("Send to…"), "aria-label": gettext("Search whom to send it to"), oninput: () => this.#typed() });
    this.list = element("div", { class: "share-faces", role: "group", "aria-label": gettext("Send to") }, ...Array.from({ length: 4 }, () => element("span", { class: "share-face share-face--wait", "aria-hidden": "true" }, element("span", { class: "skeleton" }))));
    this.text = element("input", { type: "text", maxLength: 2000, dir: "auto", placeholder: gettext("Say something with it"), "aria-label": gettext("Say something with it") });
    this.button = element("button", { type: "submit", class: "button button--primary" });
    this.wrong = element("p", { class: "field__error", role: "alert" });
    this.form = element("form", { class: "share-send", hidden: true, onsubmit: (event) => (event.preventDefault(), this.#send()) }, this.text, this.button);
    this.root = element("div", { class: "share-to" }, element("div", { class: "share-search" }, icon("search"), this.field), this.list, this.wrong, this.form);
    this.#find("");
  }

  #typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#find(this.field.value.trim()), PAUSE);
  }

  async #find(text) {
    try {
      if (!this.talks) this.talks = api.get("conversations/");
      if (!this.held.has(text)) this.held.set(text, api.get(`recipients/?q=${encodeURIComponent(text)}`));
      const [talks, people] = await Promise.all([this.talks, this.held.get(text)]);
      if (this.field.value.trim() === text) this.#draw(talks.results, people.results, text.toLowerCase());
    } catch (error) {
      this.talks = null;
      this.held.delete(text);
      this.wrong.textContent = error.message;
    }
  }

  #draw(talks, people, text) {
    const fits = (card) => [titleOf(card), ...card.people.map((one) => one.username ?? "")].some((name) => name.toLowerCase().includes(text));
    const rooms = talks.filter((card) => !text || fits(card)).slice(0, 12);
    const met = new Set(rooms.filter((card) => !card.is_group).map((card) => card.people[0]?.username));
    const tiles = rooms.map((card) => this.#tile({ key: `c${card.id}`, conversation: card.id, name: titleOf(card) }, faces(card, 56)));
    for (const one of people) {
      if (met.has(one.username)) continue;
      tiles.push(this.#tile({ key: `u${one.username}`, username: one.username, name: one.display_name, closed: one.first_contact }, element("span", { class: "pair pair--one" }, face(one, 56))));
    }
    const kept = [...this.chosen.values()].filter((one) => !tiles.some((tile) => tile.dataset.key === one.key)).map((one) => this.#tile(one, one.face));
    this.list.replaceChildren(...kept, ...tiles);
    if (!this.list.children.length) this.list.append(element("p", { class: "quiet small", textContent: text ? gettext("Nobody by that name takes your clips.") : gettext("Nobody to send it to yet. Search for somebody.") }));
  }

  #tile(one, picture) {
    const sent = this.sent.has(one.key);
    const known = this.chosen.get(one.key);
    const tile = element("button", { type: "button", class: "share-face", "aria-pressed": String(Boolean(known)), disabled: sent || Boolean(one.closed), title: one.closed ? gettext("Clips have to wait until they answer you.") : one.name },
      element("span", { class: "share-face__picture" }, picture, icon("check")), element("span", { class: "share-face__name", dir: "auto", textContent: sent ? gettext("Sent") : one.name }));
    tile.dataset.key = one.key;
    tile.addEventListener("click", () => {
      const on = !this.chosen.has(one.key);
      if (on && this.chosen.size >= MOST) return (this.wrong.textContent = say(gettext("At most %(count)s at once."), { count: MOST }));
      // One id for each, made once: sending again after a failure never makes it two.
      if (on) this.chosen.set(one.key, { ...one, face: picture, client: known?.client ?? newId() });
      else this.chosen.delete(one.key);
      tile.setAttribute("aria-pressed", String(on));
      this.#count();
    });
    return tile;
  }

  #count() {
    const { size } = this.chosen;
    this.form.hidden = !size;
    this.below.hidden = Boolean(size);
    this.wrong.textContent = "";
    this.button.textContent = size > 1 ? say(gettext("Send to %(count)s"), { count: size }) : gettext("Send");
  }

  async #send() {
    this.button.disabled = true;
    this.wrong.textContent = "";
    const names = [];
    let error = null;
    for (const one of [...this.chosen.values()]) {
      try {
        one.conversation ??= (await api.post("conversations/", { usernames: [one.username] })).id;
        const message = await api.post(`conversations/${one.conversation}/messages/`, { client_id: one.client, text: this.text.value.trim(), video: this.article.dataset.clip });
        this.sent.set(one.key, message.id);
        this.chosen.delete(one.key);
        names.push(one);
        move(this.article, "shares", 1); // the message itself counted it
        const tile = this.list.querySelector(`[data-key="${CSS.escape(one.key)}"]`);
        if (tile) {
          tile.disabled = true;
          tile.setAttribute("aria-pressed", "false");
          tile.classList.add("share-face--sent");
          tile.querySelector(".share-face__name").textContent = gettext("Sent");
        }
      } catch (problem) {
        error = problem;
        this.failed = one;
      }
    }
    this.button.disabled = false;
    this.#count();
    if (error) this.wrong.textContent = say(gettext("Not sent to %(name)s: %(why)s"), { name: this.failed.name, why: error.message });
    if (!names.length) return;
    if (!error) this.box.close();
    this.#told(names);
  }

  #told(names) {
    const ids = names.map((one) => this.sent.get(one.key));
    const text = names.length === 1 ? say(gettext("Sent to %(name)s."), { name: names[0].name }) : say(gettext("Sent to %(count)s."), { count: names.length });
    toast(text, {
      action: async () => {
        const results = await Promise.allSettled(ids.map((id) => api.delete(`messages/${id}/`)));
        const failed = results.find((one) => one.status === "rejected");
        move(this.article, "shares", -results.filter((one) => one.status === "fulfilled").length);
        if (failed) complain(failed.reason);
        else toast(gettext("Taken back."));
      },
    });
  }
}
