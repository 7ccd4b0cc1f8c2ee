// <remove-follower username>: one of one's own followers, removed with one press and brought back with one more.

import { api } from "app/api";
import { complain, toast } from "app/toast";

class RemoveFollower extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("[data-remove]");
    this.button.addEventListener("click", () => this.take());
  }

  get path() {
    return `users/${this.getAttribute("username")}/follower/`;
  }

  show(gone) {
    this.classList.toggle("person-row--gone", gone);
    this.button.disabled = gone;
  }

  async take() {
    const name = this.getAttribute("username");
    this.show(true);
    try {
      const answer = await api.delete(this.path, { keepalive: true });
      const undo = answer?.undo_seconds ? { action: () => this.keep() } : {};
      toast(interpolate(gettext("@%(name)s no longer follows you. They are not told."), { name }, true), undo);
    } catch (error) {
      this.show(false);
      complain(error);
    }
  }

  async keep() {
    try {
      await api.post(this.path);
      this.show(false);
      toast(interpolate(gettext("@%(name)s follows you as before."), { name: this.getAttribute("username") }, true));
    } catch (error) {
      complain(error);
    }
  }
}

customElements.define("remove-follower", RemoveFollower);
