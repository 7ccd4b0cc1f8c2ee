// <profile-menu username person [muted] [restricted]>: message, mute, restrict, block and report a person from their page.

import { api } from "app/api";
import { confirmDialog, element, icon, openDialog } from "app/dialog";
import { allowed } from "app/gate";
import { complain, toast } from "app/toast";
import { look } from "app/views";

const choice = (name, text, act) => element("button", { type: "button", class: "nav-item", onclick: act }, icon(name), element("span", { textContent: text }));

class ProfileMenu extends HTMLElement {
  connectedCallback() {
    look(this.username);
    this.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act && allowed(act === "message" ? "message" : "", location.pathname)) this[act]();
    });
  }

  get username() {
    return this.getAttribute("username");
  }

  async message() {
    try {
      const conversation = await api.post("conversations/", { usernames: [this.username] });
      location.assign(`/messages/${conversation.id}/`);
    } catch (error) {
      complain(error);
    }
  }

  menu() {
    const muted = this.hasAttribute("muted");
    const restricted = this.hasAttribute("restricted");
    const close = (act) => () => (box.close(), act());
    const box = openDialog(`@${this.username}`, element("div", { class: "choices" },
      choice(muted ? "volume-2" : "volume-x", muted ? gettext("Unmute") : gettext("Mute"), close(() => this.mute(!muted))),
      choice("eye-off", restricted ? gettext("Stop restricting") : gettext("Restrict"), close(() => this.restrict(!restricted))),
      choice("x", gettext("Block"), close(() => this.block())),
      choice("flag", gettext("Report"), close(() => import("app/report").then(({ openReport }) => openReport({ type: "person", id: this.getAttribute("person") })))),
    ), { sheet: true });
  }

  async mute(on) {
    const path = `users/${this.username}/mute/`;
    try {
      await (on ? api.post(path) : api.delete(path));
      this.toggleAttribute("muted", on);
      toast(on ? gettext("Muted. You will not see them in your feed.") : gettext("They appear in your feed again."));
    } catch (error) {
      complain(error);
    }
  }

  async restrict(on) {
    const path = `users/${this.username}/restrict/`;
    try {
      await (on ? api.post(path) : api.delete(path));
      this.toggleAttribute("restricted", on);
      toast(on ? gettext("Restricted. Their comments wait for you, their messages are requests. They do not notice.") : gettext("No longer restricted."));
    } catch (error) {
      complain(error);
    }
  }

  async block() {
    const sure = await confirmDialog(
      interpolate(gettext("Block @%(name)s?"), { name: this.username }, true),
      gettext("You will not exist for each other: no profile, clips, comments or messages. Follows between you end. You can undo this in the settings."),
      gettext("Block"),
    );
    if (!sure) return;
    try {
      await api.post(`users/${this.username}/block/`);
      location.assign("/settings/privacy/blocked/");
    } catch (error) {
      complain(error);
    }
  }
}

customElements.define("profile-menu", ProfileMenu);
