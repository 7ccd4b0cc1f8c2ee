// <follow-button username state>: optimistic, with undo after unfollowing. All buttons of one person agree.

import { api } from "app/api";
import { allowed } from "app/gate";
import { complain, toast } from "app/toast";

class FollowButton extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button?.addEventListener("click", () => this.toggle());
    this.onchange = (event) => event.detail.username === this.username && this.show(event.detail.state);
    document.addEventListener("follow", this.onchange);
  }

  disconnectedCallback() {
    document.removeEventListener("follow", this.onchange);
  }

  get username() {
    return this.getAttribute("username");
  }

  get state() {
    return this.getAttribute("state") || "no";
  }

  show(state) {
    this.setAttribute("state", state);
    if (!this.button) return;
    const on = state !== "no";
    if (!this.hasAttribute("mini")) {
      this.button.textContent = { no: gettext("Follow"), pending: gettext("Requested"), yes: gettext("Following") }[state];
      this.button.classList.toggle("button--primary", !on);
      this.button.classList.toggle("button--quiet", on);
    }
    this.button.setAttribute("aria-pressed", String(on));
  }

  announce(state) {
    document.dispatchEvent(new CustomEvent("follow", { detail: { username: this.username, state } }));
  }

  async toggle() {
    if (!allowed("follow", this.dataset.back)) return;
    const before = this.state;
    await (before === "no" ? this.follow() : this.unfollow(before));
  }

  async follow() {
    this.announce("yes");
    try {
      const answer = await api.post(`users/${this.username}/follow/`, undefined, { keepalive: true });
      const pending = answer?.state === "pending";
      this.announce(pending ? "pending" : "yes");
      if (!pending) import("app/views").then(({ followed }) => followed(this.username, this)).catch(() => {});
      if (pending) toast(interpolate(gettext("You asked to follow @%(name)s."), { name: this.username }, true));
    } catch (error) {
      this.announce("no");
      complain(error);
    }
  }

  async unfollow(before) {
    this.announce("no");
    try {
      await api.delete(`users/${this.username}/follow/`, { keepalive: true });
      toast(interpolate(gettext("You no longer follow @%(name)s."), { name: this.username }, true), { action: () => this.follow() });
    } catch (error) {
      this.announce(before);
      complain(error);
    }
  }
}

customElements.define("follow-button", FollowButton);
