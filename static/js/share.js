// The share sheet: link, the system's own sheet, a message to somebody here. Counts a share when one happened.

import { api, signedIn } from "app/api";
import { element, icon, openDialog } from "app/dialog";
import { allowed } from "app/gate";
import { move } from "app/reactions";
import { complain, toast } from "app/toast";

async function count(article, channel) {
  const { url } = (await api.post(`videos/${article.dataset.clip}/share/`, { channel })) ?? {};
  move(article, "shares", 1);
  return url || article.dataset.shareUrl;
}

/** Copying needs the click's own moment, so the address is written first and counted after. */
async function copy(text) {
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

function choice(name, text, act) {
  return element("button", { type: "button", class: "nav-item", onclick: act }, icon(name), element("span", { textContent: text }));
}

export function openShare(article) {
  const { shareUrl } = article.dataset;
  const choices = [
    choice("link", gettext("Copy the link"), async () => {
      await copy(shareUrl);
      box.close();
      toast(gettext("Link copied."));
      if (signedIn) count(article, "link").catch(() => {});
    }),
  ];
  if (navigator.share) {
    choices.push(
      choice("share-2", gettext("Share with another app"), async () => {
        try {
          await navigator.share({ url: shareUrl, title: document.title });
          box.close();
          if (signedIn) count(article, "system").catch(() => {});
        } catch (error) {
          if (error.name !== "AbortError") complain(error);
        }
      }),
    );
  }
  choices.push(
    choice("send", gettext("Send in a message"), async () => {
      box.close();
      if (allowed("message", article.dataset.url)) pick(article);
    }),
  );
  const link = element("input", { type: "text", readOnly: true, value: shareUrl, "aria-label": gettext("Link to this clip"), onfocus: (event) => event.target.select() });
  const box = openDialog(gettext("Share"), [link, element("div", { class: "choices" }, ...choices)], { sheet: true });
}

const peopleOf = (conversation) => conversation.people ?? conversation.members ?? conversation.participants ?? (conversation.person ? [conversation.person] : []);

/** Recent conversations first; a name not among them can be written. */
async function pick(article) {
  const list = element("div", { class: "choices" });
  const field = element("input", { type: "search", placeholder: gettext("User name"), "aria-label": gettext("Send to the user name"), autocomplete: "off" });
  const box = openDialog(gettext("Send to"), [
    element("form", {
      class: "send-to",
      onsubmit: (event) => {
        event.preventDefault();
        const username = field.value.trim().replace(/^@/, "");
        if (username) send(article, username, box);
      },
    }, field, element("button", { class: "button button--primary", textContent: gettext("Send") })),
    list,
  ], { sheet: true });
  try {
    const { results } = await api.get("conversations/");
    for (const conversation of results.slice(0, 12)) {
      const names = peopleOf(conversation).map((one) => one.display_name || one.username).join(", ") || conversation.title || conversation.name;
      if (names) list.append(choice("message-circle", names, () => post(article, conversation.id, names, box)));
    }
  } catch (error) {
    complain(error);
  }
}

async function send(article, username, box) {
  try {
    const conversation = await api.post("conversations/", { usernames: [username] });
    await post(article, conversation.id, `@${username}`, box);
  } catch (error) {
    complain(error);
  }
}

async function post(article, conversation, name, box) {
  try {
    await api.post(`conversations/${conversation}/messages/`, { client_id: crypto.randomUUID?.() ?? String(Math.random()).slice(2), video: article.dataset.clip });
    box.close();
    toast(interpolate(gettext("Sent to %(name)s."), { name }, true), { label: gettext("Open"), action: () => location.assign(`/messages/${conversation}/`) });
    move(article, "shares", 1); // the message itself counted it
  } catch (error) {
    complain(error);
  }
}
