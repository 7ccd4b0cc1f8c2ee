// The form of a contact: a name, the way to reach them, and the number or address where the way takes one.

import { element } from "app/dialog";

// The ways of videos.models.Channel, and the kind of address that each takes.
const CHANNELS = () => [
  ["whatsapp", gettext("WhatsApp"), "tel"],
  ["telegram", gettext("Telegram"), ""],
  ["messenger", gettext("Messenger"), ""],
  ["sms", gettext("Text message"), "tel"],
  ["email", gettext("E-mail"), "email"],
  ["copy", gettext("Copied link"), ""],
];
let number = 0;

/** A form that hands {name, channel, address} to `save`, which may be refused with a sentence for each field. */
export function contactForm(save, contact = null) {
  const id = `contact-${++number}`;
  const errors = {};
  const field = (name, label, input, help = null) => {
    errors[name] = element("p", { class: "field__error", id: `${id}-${name}-error`, role: "alert" });
    input.id = `${id}-${name}`;
    input.setAttribute("aria-describedby", errors[name].id);
    return element("div", { class: "field" }, element("label", { htmlFor: input.id, textContent: label }), input, help, errors[name]);
  };
  const name = element("input", { type: "text", name: "name", maxLength: 60, required: true, autocomplete: "off", dir: "auto", value: contact?.name ?? "" });
  const channel = element("select", { name: "channel" }, ...CHANNELS().map(([value, textContent]) => element("option", { value, textContent, selected: value === contact?.channel })));
  const address = element("input", { name: "address", maxLength: 254, autocomplete: "off", value: contact?.address ?? "" });
  const row = field("address", "", address, element("span", { class: "field__help", textContent: gettext("Optional. Without it you choose whom it goes to in the app.") }));
  const general = element("p", { class: "field__error", role: "alert" });
  const button = element("button", { type: "submit", class: "button button--primary", textContent: contact ? gettext("Save") : gettext("Add") });

  function fit() {
    const takes = CHANNELS().find(([value]) => value === channel.value)[2];
    row.hidden = !takes;
    address.type = takes || "text";
    row.querySelector("label").textContent = takes === "tel" ? gettext("Number, with its country code") : gettext("E-mail address");
  }
  channel.addEventListener("change", () => {
    address.value = channel.value === contact?.channel ? contact.address : "";
    fit();
  });
  fit();

  const form = element("form", { class: "contact-form", noValidate: true, onsubmit: (event) => (event.preventDefault(), send()) },
    field("name", gettext("Name"), name), field("channel", gettext("How you reach them"), channel), row, general, button);

  async function send() {
    for (const said of [...Object.values(errors), general]) said.textContent = "";
    button.disabled = true;
    try {
      await save({ name: name.value, channel: channel.value, address: row.hidden ? "" : address.value });
      if (!contact) {
        name.value = address.value = "";
        fit();
      }
    } catch (error) {
      const known = Object.entries(error.fields ?? {}).filter(([key]) => errors[key]);
      for (const [key, text] of known) errors[key].textContent = text;
      if (!known.length) general.textContent = error.message;
      (known.length ? form.elements[known[0][0]] : button).focus();
    }
    button.disabled = false;
  }
  return form;
}
