// <bulk-choice name form>: choose many rows of a list. Adds "choose all", says how many are chosen, and offers what can
// be done with them when somebody is, with everybody otherwise. Without script the checkboxes and buttons work by themselves.

class BulkChoice extends HTMLElement {
  connectedCallback() {
    this.all = this.querySelector("[data-all] input");
    this.count = this.querySelector("[data-count]");
    this.querySelector("[data-all]").hidden = false;
    this.all.addEventListener("change", () => {
      for (const box of this.boxes) box.checked = this.all.checked;
      this.show();
    });
    this.addEventListener("change", (event) => event.target !== this.all && this.show());
    // A browser that comes back to the page may have kept what was chosen.
    addEventListener("pageshow", () => this.show());
    this.show();
  }

  get boxes() {
    return [...this.querySelectorAll(`input[type="checkbox"][name="${this.getAttribute("name")}"]`)];
  }

  show() {
    const { boxes } = this;
    const chosen = boxes.filter((box) => box.checked).length;
    this.all.checked = chosen > 0 && chosen === boxes.length;
    this.all.indeterminate = chosen > 0 && chosen < boxes.length;
    this.count.textContent = chosen
      ? interpolate(ngettext("%(count)s chosen", "%(count)s chosen", chosen), { count: chosen }, true)
      : gettext("Choose all");
    for (const button of this.querySelectorAll("[data-chosen]")) button.hidden = !chosen;
    for (const button of this.querySelectorAll("[data-everybody]")) button.hidden = chosen > 0;
  }
}

customElements.define("bulk-choice", BulkChoice);
