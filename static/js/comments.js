// The comments of the clip on screen: list, write, reply, edit, delete, like. Optimistic: what is written appears at
// once and says so when the server refuses. A modal sheet on a phone, a column that moves the stage on a desktop.

import { api, person } from "app/api";
import { allowed } from "app/gate";
import { element } from "app/dialog";
import { face } from "app/faces";
import { wide } from "app/prefs";
import { move } from "app/reactions";
import { complain, toast } from "app/toast";

let panel;
let article;
let replyTo = null;
let editing = null;
let opener = null;

const find = (selector) => panel.querySelector(selector);
const field = (item, name) => item.querySelector(`[data-field="${name}"]`);

/** Opens (or, with `follow`, changes) the panel for a clip. Resolves to a function the feed calls when the clip changes. */
export async function openComments(page, clip) {
  panel ??= setUp(page);
  if (panel.open && article === clip) {
    panel.close();
    return null;
  }
  opener = clip.querySelector("[data-act=comments]");
  article = clip;
  if (!panel.open) {
    page.dataset.comments = "open";
    if (wide.matches) panel.show();
    else panel.showModal();
    clip.scrollIntoView({ behavior: "instant" });
  }
  await load(true);
  return async (next) => {
    if (!panel.open || article === next) return;
    article = next;
    opener = next.querySelector("[data-act=comments]");
    await load(false);
  };
}

function setUp(page) {
  const box = page.querySelector("#comments");
  box.addEventListener("click", pressed);
  box.addEventListener("submit", submit);
  box.addEventListener("input", typed);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("textarea")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape" && !box.matches(":modal")) box.close();
  });
  box.addEventListener("close", () => {
    page.dataset.comments = "closed";
    article?.scrollIntoView({ behavior: "instant" });
    opener?.focus({ preventScroll: true });
  });
  wide.addEventListener("change", () => {
    if (!box.open) return;
    box.close();
    page.dataset.comments = "open";
    if (wide.matches) box.show();
    else box.showModal();
  });
  return box;
}

function skeleton() {
  const rows = Array.from({ length: 6 }, () => element("div", {}, ...["", "", ""].map(() => element("i", { class: "skeleton" }))));
  return element("div", { class: "comments__skeleton", "aria-hidden": "true" }, ...rows);
}

async function load(focus) {
  const body = find("[data-body]");
  const asked = article;
  body.replaceChildren(skeleton());
  [replyTo, editing] = [null, null];
  if (focus) find("#comments-title").focus({ preventScroll: true });
  try {
    const piece = await api.fragment(`${article.dataset.url}comments/`);
    if (asked === article) body.replaceChildren(piece);
  } catch (error) {
    if (asked !== article) return;
    const again = element("button", { type: "button", class: "button", textContent: gettext("Try again"), onclick: () => load(false) });
    body.replaceChildren(element("div", { class: "empty" }, element("p", { textContent: error.message }), again));
  }
}

async function more(button) {
  button.disabled = true;
  try {
    const piece = await api.fragment(`${article.dataset.url}comments/?cursor=${encodeURIComponent(button.dataset.more)}`);
    const first = piece.querySelector(".comment");
    find("[data-list]").append(...piece.querySelectorAll("[data-list] > .comment"));
    const next = piece.querySelector("[data-more]");
    if (next) button.replaceWith(next);
    else button.remove();
    first?.querySelector("a, button")?.focus({ preventScroll: true });
  } catch (error) {
    button.disabled = false;
    complain(error);
  }
}

/** A comment of the API as an element, from the pattern the server drew. */
function draw(comment) {
  const item = find("[data-pattern]").content.firstElementChild.cloneNode(true);
  item.dataset.comment = comment.id ?? "";
  if (comment.reply_to) item.dataset.replyTo = comment.reply_to;
  const { author } = comment;
  for (const link of item.querySelectorAll("a")) link.href = `/@${author.username}/`;
  field(item, "face").replaceChildren(face(author, 32));
  field(item, "name").textContent = author.display_name || author.username;
  field(item, "creator").hidden = !author.is_creator;
  field(item, "text").textContent = comment.text;
  field(item, "edited").hidden = !comment.edited;
  field(item, "likes").textContent = comment.counts?.likes ?? 0;
  field(item, "likes").dataset.exact = comment.counts?.likes ?? 0;
  item.querySelector("[data-do=like]").setAttribute("aria-pressed", String(Boolean(comment.viewer?.liked)));
  if (comment.viewer && !comment.viewer.own) item.querySelector("[data-do=edit]")?.remove();
  if (comment.viewer && !comment.viewer.may_delete) item.querySelector("[data-do=delete]")?.remove();
  return item;
}

function typed(event) {
  if (event.target.name !== "text") return;
  find(".comments__send").disabled = !event.target.value.trim();
  showError("");
}

function showError(text) {
  const line = find("[data-error]");
  if (!line) return;
  line.textContent = text;
  line.hidden = !text;
}

function begin(text, { reply = null, edit = null } = {}) {
  [replyTo, editing] = [reply, edit];
  const bar = find("[data-replying]");
  const area = find("textarea");
  if (!area) return allowed("comment", article.dataset.url);
  bar.hidden = !reply && !edit;
  bar.firstElementChild.textContent = text;
  area.value = edit ? field(edit, "text").textContent : "";
  find(".comments__send").disabled = !area.value.trim();
  area.focus();
}

async function submit(event) {
  event.preventDefault();
  const area = find("textarea");
  const text = area.value.trim();
  if (!text) return;
  const [target, changed] = [replyTo, editing];
  begin("");
  if (changed) return edit(changed, text);
  const own = { username: person.username, display_name: "", avatar: null };
  const item = draw({ author: own, text, counts: {}, viewer: { own: true, may_delete: true } });
  item.toggleAttribute("data-sending", true);
  find("[data-none]")?.remove();
  if (target) field(target, "replies").append(item);
  else {
    find("[data-list]").prepend(item);
    find("[data-scroll]").scrollTop = 0;
  }
  move(article, "comments", 1);
  try {
    const body = target ? { text, reply_to: target.dataset.comment } : { text };
    const made = await api.post(`videos/${article.dataset.clip}/comments/`, body, { headers: { "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()) } });
    item.replaceWith(draw(made));
  } catch (error) {
    item.remove();
    move(article, "comments", -1);
    // What was written is not lost: it is back in the field with the reason under it.
    if (!area.value) area.value = text;
    find(".comments__send").disabled = false;
    showError(error.message);
  }
}

async function edit(item, text) {
  const before = field(item, "text").textContent;
  field(item, "text").textContent = text;
  try {
    await api.patch(`comments/${item.dataset.comment}/`, { text });
    field(item, "edited").hidden = false;
  } catch (error) {
    field(item, "text").textContent = before;
    complain(error);
  }
}

/** Gone from the list at once; the server is told when the time for undo is over. */
function remove(item) {
  const count = 1 + item.querySelectorAll(".comment").length;
  const [id, of] = [item.dataset.comment, article];
  item.hidden = true;
  move(of, "comments", -count);
  let undone = false;
  toast(gettext("Comment deleted."), {
    seconds: 5,
    action: () => {
      undone = true;
      item.hidden = false;
      move(of, "comments", count);
    },
  });
  const finish = async () => {
    removeEventListener("pagehide", finish);
    clearTimeout(timer);
    if (undone) return;
    try {
      await api.delete(`comments/${id}/`, { keepalive: true });
      item.remove();
    } catch (error) {
      item.hidden = false;
      move(of, "comments", count);
      complain(error);
    }
  };
  const timer = setTimeout(finish, 5200);
  addEventListener("pagehide", finish);
}

async function like(item, button) {
  if (!allowed("comment", article.dataset.url)) return;
  const on = button.getAttribute("aria-pressed") !== "true";
  const figure = field(item, "likes");
  const show = (state) => {
    button.setAttribute("aria-pressed", String(state));
    figure.dataset.exact = Math.max(0, Number(figure.dataset.exact) + (state ? 1 : -1));
    figure.textContent = figure.dataset.exact;
  };
  show(on);
  try {
    const path = `comments/${item.dataset.comment}/like/`;
    await (on ? api.post(path) : api.delete(path));
  } catch (error) {
    show(!on);
    complain(error);
  }
}

async function replies(item, button) {
  const list = field(item, "replies");
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  list.hidden = open;
  if (open || list.children.length) return;
  try {
    const piece = await api.fragment(`${article.dataset.url}comments/?parent=${item.dataset.comment}`);
    list.append(...piece.querySelectorAll("[data-list] > .comment"));
  } catch (error) {
    button.setAttribute("aria-expanded", "false");
    complain(error);
  }
}

function pressed(event) {
  const button = event.target.closest("button");
  if (event.target === panel) return panel.close();
  if (!button) return;
  if (button.matches("[data-close]")) return panel.close();
  if (button.matches("[data-more]")) return more(button);
  if (button.matches("[data-cancel]")) return begin("");
  if (button.matches("[data-join]")) return allowed("comment", article.dataset.url);
  const item = button.closest(".comment");
  const name = item && field(item, "name").textContent;
  switch (button.dataset.do) {
    case "like":
      return like(item, button);
    case "reply": {
      // One level: a reply to a reply goes to the same comment and names whom it answers.
      const parent = item.parentElement.closest(".comment");
      begin(interpolate(gettext("Reply to %(name)s"), { name }, true), { reply: parent ?? item });
      const area = find("textarea");
      if (parent && area) area.value = `@${item.querySelector("a").pathname.slice(2, -1)} `;
      return;
    }
    case "edit":
      return begin(gettext("Edit your comment"), { edit: item });
    case "delete":
      return remove(item);
    case "replies":
      return replies(item, button);
  }
}
