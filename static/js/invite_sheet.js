// "Invite someone to watch and follow": one's contacts, a link for one of them at a time, and the app that takes it there.

import { api } from "app/api";
import { contactForm } from "app/contacts";
import { element, icon, openDialog } from "app/dialog";
import { copy } from "app/share";
import { complain, toast } from "app/toast";

const say = (text, values) => interpolate(text, values, true);

/** Every page of a list. */
async function all(path) {
  const found = [];
  for (let next = path; next; ) {
    const page = await api.get(next);
    found.push(...page.results);
    next = page.next;
  }
  return found;
}

export async function openInvite(article) {
  const video = article.dataset.clip;
  const list = element("ul", { class: "invitees", "aria-busy": "true" }, element("li", { class: "quiet small", textContent: gettext("One moment …") }));
  const left = element("p", { class: "quiet small", role: "status" });
  const wrong = element("p", { class: "field__error", role: "alert" });
  const more = element("details", { class: "invite-new" }, element("summary", {}, icon("plus"), element("span", { textContent: gettext("Add a contact") })));
  const box = openDialog(gettext("Invite someone to watch and follow"), [
    element("p", { class: "quiet small", textContent: gettext("One link for one person. The clip plays without an account; whoever accepts follows its creator at once, and then the link is used.") }),
    list, wrong, more, left,
    element("a", { class: "small", href: "/studio/invites/", textContent: gettext("Contacts and invites") }),
  ], { sheet: true });
  box.classList.add("invite-sheet");
  const tellLeft = (number, of) => (left.textContent = say(ngettext("%(number)s of %(of)s invites left today.", "%(number)s of %(of)s invites left today.", number), { number, of }));
  const held = { left: 0, of: 0 };

  function row(contact, made) {
    const note = element("span", { class: "quiet small", textContent: contact.channel_name });
    const button = element("button", { type: "button", class: "button button--small", textContent: gettext("Invite"), "aria-label": say(gettext("Invite %(name)s"), { name: contact.name }), onclick: () => invite() });
    const ways = element("div", { class: "invitee__ways", hidden: true });
    const item = element("li", { class: "invitee" },
      element("span", { class: "invitee__icon" }, icon(contact.icon)),
      element("span", { class: "invitee__who" }, element("strong", { textContent: contact.name, dir: "auto" }), note),
      button, ways);

    const take = async (text) => {
      await copy(text);
      toast(gettext("Link copied."));
    };

    /** The link, and the ways to hand it over: a real link, so that the app opens from the person's own touch. */
    function show(card, fresh) {
      note.textContent = `${contact.channel_name} · ${card.state_name}`;
      button.hidden = true;
      const open = card.share_url && element("a", { class: "button button--small button--primary", href: card.share_url, target: card.share_url.startsWith("http") ? "_blank" : "_self", rel: "noopener" }, icon(contact.icon), element("span", { textContent: say(gettext("Open %(channel)s"), { channel: contact.channel_name }) }));
      ways.replaceChildren(
        element("input", { type: "text", readOnly: true, value: card.url, "aria-label": say(gettext("Link for %(name)s"), { name: contact.name }), onfocus: (event) => event.target.select() }),
        ...[open].filter(Boolean),
        element("button", { type: "button", class: card.share_url ? "button button--small" : "button button--small button--primary", onclick: () => take(card.url) }, icon("copy"), element("span", { textContent: gettext("Copy the link") })));
      ways.hidden = false;
      if (fresh) ways.querySelector(".button").focus();
    }

    async function invite() {
      button.disabled = true;
      wrong.textContent = "";
      try {
        const card = await api.post("invites/", { video, contact: contact.id });
        tellLeft((held.left = Math.max(0, held.left - 1)), held.of);
        show(card, true);
      } catch (error) {
        wrong.textContent = error.message;
      }
      button.disabled = false;
    }

    if (made?.usable) show(made, false);
    else if (made) note.textContent = `${contact.channel_name} · ${made.state_name}`;
    return item;
  }

  const form = contactForm(async (fields) => {
    const contact = await api.post("contacts/", fields);
    list.querySelector("[data-none]")?.remove();
    const item = row(contact);
    list.prepend(item);
    more.open = false;
    item.querySelector("button").focus();
  });
  more.append(form);

  try {
    const [contacts, invites] = await Promise.all([all("contacts/"), api.get(`invites/?video=${video}`)]);
    Object.assign(held, { left: invites.left, of: invites.a_day });
    const latest = new Map();
    for (const card of invites.results) if (card.contact && !latest.has(card.contact.id)) latest.set(card.contact.id, card);
    list.replaceChildren(...contacts.map((contact) => row(contact, latest.get(contact.id))));
    if (!contacts.length) {
      const none = element("li", { class: "quiet", textContent: gettext("Nobody here yet. Add somebody you know: a name and how you reach them.") });
      none.dataset.none = "";
      list.append(none);
      more.open = true;
    }
    tellLeft(held.left, held.of);
  } catch (error) {
    list.replaceChildren();
    wrong.textContent = error.message;
    complain(error);
  }
  list.removeAttribute("aria-busy");
}
