// The studio's contacts and invites: add, change, delete; copy a link again, take one back.

import { api } from "app/api";
import { contactForm } from "app/contacts";
import { confirmDialog, openDialog } from "app/dialog";
import { copy } from "app/share";
import { complain, toast } from "app/toast";

const contacts = document.querySelector("[data-contacts]");
const invites = document.querySelector("[data-invites]");

async function renew(list, fragment) {
  list.replaceChildren(await api.fragment(`/studio/invites/?fragment=${fragment}`));
}

function edit(contact) {
  const box = openDialog(contact ? gettext("Change the contact") : gettext("Add a contact"), [contactForm(async (fields) => {
    await (contact ? api.patch(`contacts/${contact.id}/`, fields) : api.post("contacts/", fields));
    box.close();
    await Promise.all([renew(contacts, "contacts"), renew(invites, "invites")]);
  }, contact)], { sheet: true });
}

async function remove(contact) {
  const text = gettext("Links that they did not use yet stop working. What came of the others is kept.");
  if (!(await confirmDialog(interpolate(gettext("Delete %(name)s?"), contact, true), text, gettext("Delete")))) return;
  await api.delete(`contacts/${contact.id}/`);
  await Promise.all([renew(contacts, "contacts"), renew(invites, "invites")]);
  toast(gettext("Deleted."));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const { dataset } = button.closest("[data-row]") ?? { dataset: {} };
  const contact = { id: dataset.row, name: dataset.name, channel: dataset.channel, address: dataset.address };
  try {
    switch (button.dataset.do) {
      case "add":
        return edit(null);
      case "change":
        return edit(contact);
      case "delete":
        return await remove(contact);
      case "copy":
        await copy(dataset.url);
        return toast(gettext("Link copied."));
      case "revoke":
        await api.delete(`invites/${dataset.row}/`);
        await renew(invites, "invites");
        return toast(gettext("Taken back. The link opens nothing any more."));
      case "more":
        button.disabled = true;
        button.closest("li").replaceWith(await api.fragment(`/studio/invites/?fragment=invites&cursor=${encodeURIComponent(button.dataset.cursor)}`));
        return undefined;
    }
  } catch (error) {
    complain(error);
  }
});
