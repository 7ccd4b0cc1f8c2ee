// Pushes to this browser: turned on and off on the settings page ([data-push], messaging/_push.html), and kept alive on
// every other page. Whether the server pushes here is known by the server alone; the browser knows its own part.

import { api, csrfToken, person, signedIn } from "app/api";
import { complain, toast } from "app/toast";

const OWNER = "push"; // localStorage: the id of who let this browser be pushed to
const KEPT = "push-kept"; // sessionStorage: the log-in for which that was looked at, and when
const SUBSCRIPTIONS = "push/subscriptions/";

// A new password ends what was let under the old one, and gives no sign of it here: so it is looked at now and then.
const thisWhile = () => `${csrfToken()} ${Math.floor(Date.now() / 600_000)}`;
const able = () => isSecureContext && "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const same = (one, other) => one?.length === other.length && one.every((byte, place) => byte === other[place]);

/** This browser's own subscription with the site's key of today; made when there is none. Asks the person nothing. */
async function subscribed() {
  const { pushManager } = await navigator.serviceWorker.ready;
  const key = bytes((await api.get("push/")).public_key);
  let found = await pushManager.getSubscription();
  const made = found?.options.applicationServerKey;
  if (found && !same(made && new Uint8Array(made), key)) {
    await found.unsubscribe();
    found = null;
  }
  return found ?? pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function enable() {
  const card = await api.post(SUBSCRIPTIONS, (await subscribed()).toJSON());
  localStorage.setItem(OWNER, person.id);
  return card;
}

async function disable(list) {
  localStorage.removeItem(OWNER);
  for (const one of list.filter((each) => each.this)) await api.delete(`${SUBSCRIPTIONS}${one.id}/`);
  const registration = await navigator.serviceWorker.ready;
  await (await registration.pushManager.getSubscription())?.unsubscribe();
}

/**
 * Every ten minutes: who let this browser be pushed to and logs in again, or got a new key or address, is pushed to again;
 * whoever comes after them is not. What was shown to somebody who logged out is taken off the screen.
 */
export async function keep() {
  if (!able()) return;
  if (!signedIn) {
    const registration = await navigator.serviceWorker.ready;
    for (const shown of await registration.getNotifications()) shown.close();
    navigator.clearAppBadge?.().catch(() => {});
    return;
  }
  if (localStorage.getItem(OWNER) !== person.id || Notification.permission !== "granted") return;
  if (sessionStorage.getItem(KEPT) === thisWhile()) return;
  try {
    await enable();
    sessionStorage.setItem(KEPT, thisWhile());
  } catch {
    // The next page tries again.
  }
}

// --- The settings page --------------------------------------------------------------------------------------------

const apple = /iPhone|iPad/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);

function words(list) {
  if (!able()) {
    if (apple) return gettext("Add this site to your Home Screen first: tap Share, then Add to Home Screen. Open it there and come back to this page.");
    if (!isSecureContext) return gettext("Browsers allow notifications on secure addresses only, which begin with https.");
    return gettext("This browser cannot show notifications.");
  }
  if (Notification.permission === "denied") {
    return gettext("This browser was told to block our notifications. Open the site's permissions beside the address, allow notifications, then reload this page.");
  }
  if (list.some((one) => one.this)) return gettext("On. This browser tells you also while the site is closed.");
  return gettext("Off. Turn it on to be told also while the site is closed.");
}

class Panel {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-push-${name}]`);
    this.list = [];
    this.part("toggle").addEventListener("click", () => this.busy(() => this.toggle()));
    this.part("try").addEventListener("click", () => this.busy(() => this.test()));
    this.part("others").addEventListener("click", (event) => {
      const id = event.target.closest("[data-push-remove]")?.dataset.pushRemove;
      if (id) this.busy(() => api.delete(`${SUBSCRIPTIONS}${id}/`));
    });
    this.busy(() => {});
  }

  get on() {
    return this.list.some((one) => one.this);
  }

  /** Do something while the buttons wait, then draw how things stand. */
  async busy(work) {
    const buttons = [...this.root.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      await work();
    } catch (error) {
      complain(error);
    }
    this.list = await api.get(SUBSCRIPTIONS).then((answer) => answer.results, () => this.list);
    this.draw();
    for (const button of this.root.querySelectorAll("button")) button.disabled = false;
  }

  async toggle() {
    if (this.on) return disable(this.list);
    if ((await Notification.requestPermission()) !== "granted") return null;
    return enable().catch((error) => {
      if (error.status !== undefined) throw error;
      throw new Error(gettext("This browser could not reach its push service. Check the connection and try again."));
    });
  }

  async test() {
    await api.post("push/test/", {});
    toast(gettext("Sent. It should appear in a moment."));
  }

  draw() {
    const usable = able() && Notification.permission !== "denied";
    this.part("state").textContent = words(this.list);
    this.root.toggleAttribute("data-on", this.on && usable);
    this.part("toggle").hidden = !usable;
    this.part("toggle").textContent = this.on ? gettext("Turn off") : gettext("Turn on");
    this.part("toggle").classList.toggle("button--primary", !this.on);
    this.part("try").hidden = !usable || !this.on;
    const others = this.list.filter((one) => !one.this);
    this.part("others").hidden = !others.length;
    this.part("others").querySelector("ul").replaceChildren(...others.map((one) => this.row(one)));
  }

  row({ id, browser, created_at: since }) {
    const row = this.part("row").content.cloneNode(true);
    row.querySelector("[data-name]").textContent = browser;
    const time = row.querySelector("time");
    time.dateTime = since;
    time.textContent = new Date(since).toLocaleDateString(document.documentElement.lang || undefined, { dateStyle: "medium" });
    const button = row.querySelector("button");
    button.dataset.pushRemove = id;
    button.setAttribute("aria-label", interpolate(gettext("Stop telling %(browser)s"), { browser }, true));
    return row;
  }
}

for (const root of document.querySelectorAll("[data-push]")) new Panel(root);
