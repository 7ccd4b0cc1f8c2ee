// Watch before sign-up: an act that needs a person opens a dialog with log-in and sign-up, which come back here
// with `?do=<act>` so that the act can be resumed.

import { signedIn } from "app/api";
import { element, openDialog } from "app/dialog";

const reasons = () => ({
  like: gettext("Log in to like this clip"),
  save: gettext("Log in to keep this clip"),
  follow: gettext("Log in to follow"),
  comment: gettext("Log in to comment"),
  message: gettext("Log in to send this to someone"),
});

/** True when the person may go on; otherwise opens the dialog. */
export function allowed(act, address = location.pathname + location.search) {
  if (signedIn) return true;
  const back = new URL(address, location.origin);
  if (act) back.searchParams.set("do", act);
  const next = encodeURIComponent(back.pathname + back.search);
  openDialog(reasons()[act] ?? gettext("Log in to do this"), [
    element("p", { class: "quiet", textContent: gettext("Watching needs no account. Taking part does; it takes a minute, and you return right here.") }),
  ], {
    actions: [
      element("a", { class: "button", href: `/accounts/login/?next=${next}`, textContent: gettext("Log in") }),
      element("a", { class: "button button--primary", href: `/accounts/signup/?next=${next}`, textContent: gettext("Sign up") }),
    ],
  });
  return false;
}

/** What was asked before log-in, once; the address is cleaned so that a reload does not repeat it. */
export function resumed() {
  const here = new URL(location.href);
  const act = here.searchParams.get("do");
  if (!act || !signedIn) return null;
  here.searchParams.delete("do");
  history.replaceState(history.state, "", here.pathname + here.search);
  return act;
}
