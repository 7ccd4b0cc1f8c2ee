// Passkeys on pages: adding one, logging in with one, proving once more who is there. Each is a form with
// data-passkey="add|login|prove" and a hidden `credential`; the browser's dialog fills it and the form is sent.

import { api } from "app/api";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const described = (list = []) => list.map((item) => ({ ...item, id: toBytes(item.id) }));

/** What the browser answered, as JSON that the server reads (WebAuthn level 3, toJSON). */
function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function create(options) {
  const publicKey = {
    ...options.publicKey,
    challenge: toBytes(options.publicKey.challenge),
    user: { ...options.publicKey.user, id: toBytes(options.publicKey.user.id) },
    excludeCredentials: described(options.publicKey.excludeCredentials),
    // A passkey is kept by the device, and asks for finger, face or lock: that makes it enough to log in alone.
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  };
  return answered(await navigator.credentials.create({ publicKey }));
}

async function get(options) {
  const publicKey = {
    ...options.publicKey,
    challenge: toBytes(options.publicKey.challenge),
    allowCredentials: described(options.publicKey.allowCredentials),
  };
  return answered(await navigator.credentials.get({ publicKey }));
}

const given = () => JSON.parse(document.getElementById("passkey-options").textContent);
const deeds = {
  add: async () => create(given().creation_options),
  prove: async () => get(given().request_options),
  login: async (form) => get((await api.get(form.getAttribute("action"))).request_options),
};

/** A sentence for what went wrong; a dialog that was closed is no error and says nothing. */
function sentence(error) {
  if (error.name === "NotAllowedError" || error.name === "AbortError") return gettext("No passkey was used. Try again when you are ready.");
  if (error.name === "InvalidStateError") return gettext("This device has a passkey for your account already.");
  if (error.name === "SecurityError") return gettext("Passkeys need the site's own secure address.");
  return error.message;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const wrong = form.querySelector("[data-passkey-error]");
  if (!window.PublicKeyCredential) {
    form.querySelector("button").disabled = true;
    wrong.textContent = gettext("This browser has no passkeys.");
    continue;
  }
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    wrong.textContent = "";
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(await deeds[form.dataset.passkey](form));
      form.submit();
    } catch (error) {
      wrong.textContent = sentence(error);
      button.disabled = false;
    }
  });
}
