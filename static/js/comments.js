// The comments of the clip on screen: list in an order, write, reply, edit, like; pin, hide and approve by the clip's
// author. Optimistic: what is written appears at once and says so when the server refuses. A modal sheet on a phone, a
// column that moves the stage on a desktop.

import { api, person } from "app/api";
import { allowed } from "app/gate";
import { element } from "app/dialog";
import "app/autocomplete";
import { face } from "app/faces";
import { wide } from "app/prefs";
import { move } from "app/reactions";
import { write } from "app/rich";
import { complain, toast } from "app/toast";

let panel;
let article;
let replyTo = null;
let editing = null;
let opener = null;
let sort = "top";

const find = (selector) => panel.querySelector(selector);
const field = (item, name) => item.querySelector(`[data-field="${name}"]`);
/** How many of the clip's comments this one stands for: nothing while it waits or is hidden, else itself and its replies. */
const weight = (item) => {
  const parent = item.parentElement?.closest(".comment");
  if (item.dataset.state !== "shown" || (parent && parent.dataset.state !== "shown")) return 0;
  return 1 + Number(item.dataset.replies ?? 0);
};

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
    if (event.key === "Enter" && !event.defaultPrevented && !event.shiftKey && !event.isComposing && event.target.matches("textarea")) {
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
    const piece = await api.fragment(`${article.dataset.url}comments/?sort=${sort}`);
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
    const piece = await api.fragment(`${article.dataset.url}comments/?sort=${sort}&cursor=${encodeURIComponent(button.dataset.more)}`);
    // Ranks move while one reads: what came before does not come again.
    const fresh = [...piece.querySelectorAll("[data-list] > .comment")].filter((item) => !find(`[data-comment="${item.dataset.comment}"]`));
    const [first] = fresh;
    find("[data-list]").append(...fresh);
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
  apply(item, comment);
  field(item, "likes").textContent = comment.counts?.likes ?? 0;
  field(item, "likes").dataset.exact = comment.counts?.likes ?? 0;
  item.querySelector("[data-do=like]").setAttribute("aria-pressed", String(Boolean(comment.viewer?.liked)));
  return item;
}

function standing({ state, held_label: why, viewer }) {
  if (state === "hidden") return gettext("Hidden. Only you and who wrote it see it.");
  if (state === "waiting") return gettext("Waits for a moderator. Only you see it.");
  if (state !== "held") return "";
  if (viewer?.may_approve) return `${gettext("Waits for you")}: ${why ?? ""}`;
  return gettext("Waits until the creator approves it. Only you two see it.");
}

/** Brings an element in line with what the server says of its comment: text, marks, standing, what may be done. */
function apply(item, comment) {
  const { viewer = {}, state = "shown" } = comment;
  write(field(item, "text"), comment.text);
  field(item, "edited").hidden = !comment.edited;
  item.dataset.state = state;
  item.dataset.replies = comment.counts?.replies ?? item.dataset.replies ?? 0;
  item.dataset.may = Object.entries({ own: viewer.own, delete: viewer.may_delete, pin: viewer.may_pin, hide: viewer.may_hide }).filter(([, may]) => may).map(([name]) => name).join(" ");
  const line = field(item, "standing");
  line.hidden = state === "shown";
  line.lastElementChild.textContent = standing(comment);
  marked(item, Boolean(comment.pinned));
  let button = item.querySelector("[data-do=approve]");
  if (!button && viewer.may_approve) {
    button = element("button", { type: "button", class: "comment__approve" });
    button.dataset.do = "approve";
    item.querySelector("[data-do=reply]").before(button);
  }
  if (!button) return;
  button.hidden = !viewer.may_approve;
  button.textContent = state === "hidden" ? gettext("Show again") : gettext("Approve");
}

function marked(item, on) {
  item.toggleAttribute("data-pinned", on);
  const tag = field(item, "pinned");
  if (tag) tag.hidden = !on;
  else if (on) {
    const made = element("span", { class: "comment__tag", textContent: gettext("Pinned") });
    made.dataset.field = "pinned";
    field(item, "name").parentElement.append(made);
  }
}

/** The server's answer about a comment: the element follows, and the clip's count with it. */
function settle(item, comment) {
  const before = weight(item);
  apply(item, comment);
  move(article, "comments", weight(item) - before);
}

const acts = {
  edit: (item) => begin(gettext("Edit your comment"), { edit: item }),
  remove: (item) => remove(item),
  hide: (item) => import("app/comment_menu").then(({ hide }) => hide(item, (comment) => settle(item, comment))),
  show: (item) => judge(item, () => api.delete(`comments/${item.dataset.comment}/hide/`)),
  approve: (item) => judge(item, () => api.post(`comments/${item.dataset.comment}/approve/`)),
  async pin(item, on) {
    const path = `comments/${item.dataset.comment}/pin/`;
    try {
      await (on ? api.post(path) : api.delete(path));
      for (const other of panel.querySelectorAll("[data-pinned]")) marked(other, false);
      marked(item, on);
      if (on) {
        find("[data-list]").prepend(item);
        item.scrollIntoView({ block: "nearest" });
      }
      toast(on ? gettext("Pinned to the top.") : gettext("The pin is off."));
    } catch (error) {
      complain(error);
    }
  },
};

async function judge(item, ask) {
  try {
    settle(item, await ask());
    toast(gettext("Everybody can see it now."));
  } catch (error) {
    complain(error);
  }
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
  area.value = edit ? field(edit, "text").dataset.text : "";
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
  find("[data-none]")?.remove();
  item.toggleAttribute("data-sending", true);
  if (target) field(target, "replies").append(item);
  else {
    find("[data-list]").prepend(item);
    find("[data-scroll]").scrollTop = 0;
  }
  const counted = target && target.dataset.state !== "shown" ? 0 : 1;
  move(article, "comments", counted);
  try {
    const body = target ? { text, reply_to: target.dataset.comment } : { text };
    const made = await api.post(`videos/${article.dataset.clip}/comments/`, body, { keepalive: true, headers: { "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()) } });
    item.replaceWith(draw(made));
    if (made.state !== "shown") move(article, "comments", -counted);
    else if (target && counted) target.dataset.replies = Number(target.dataset.replies) + 1;
  } catch (error) {
    item.remove();
    move(article, "comments", -counted);
    // What was written is not lost: it is back in the field with the reason under it.
    if (!area.value) area.value = text;
    find(".comments__send").disabled = false;
    showError(error.message);
  }
}

async function edit(item, text) {
  const before = field(item, "text").dataset.text;
  write(field(item, "text"), text);
  try {
    settle(item, await api.patch(`comments/${item.dataset.comment}/`, { text }));
  } catch (error) {
    write(field(item, "text"), before);
    complain(error);
  }
}

/** Gone from the list at once; the server is told when the time for undo is over. */
function remove(item) {
  const count = weight(item);
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

async function reorder(button) {
  if (button.dataset.sort === sort) return;
  sort = button.dataset.sort;
  await load(false);
  find(`[data-sort="${sort}"]`)?.focus({ preventScroll: true });
}

function pressed(event) {
  const button = event.target.closest("button");
  if (event.target === panel) return panel.close();
  if (!button) return;
  if (button.matches("[data-close]")) return panel.close();
  if (button.matches("[data-more]")) return more(button);
  if (button.matches("[data-cancel]")) return begin("");
  if (button.dataset.sort) return reorder(button);
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
    case "approve":
      return acts.approve(item);
    case "menu":
      return import("app/comment_menu").then(({ openMenu }) => openMenu(item, acts)).catch(complain);
    case "replies":
      return replies(item, button);
  }
}
