// The pages of challenges: dates in one's own zone, countries by their names, sharing and reporting, and what a host does
// with one button (publish, end, delete).

import { api } from "app/api";
import { confirmDialog } from "app/dialog";
import { allowed } from "app/gate";
import { localTimes } from "app/local_times";
import { complain, toast } from "app/toast";

const language = document.documentElement.lang || undefined;

function region(code) {
  try {
    return new Intl.DisplayNames([language], { type: "region" }).of(code);
  } catch {
    return code;
  }
}

function dress(scope) {
  localTimes(scope);
  for (const place of scope.querySelectorAll("[data-region]")) place.textContent = region(place.dataset.region);
}

dress(document);
for (const list of document.querySelectorAll("[data-grid]")) new MutationObserver(() => dress(list)).observe(list, { childList: true });
for (const form of document.querySelectorAll("[data-country]")) form.addEventListener("change", () => form.requestSubmit());

class ChallengeActs extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const act = event.target.closest("[data-do]")?.dataset.do;
      if (act) this[act]?.();
    });
  }

  get path() {
    return `challenges/${this.getAttribute("slug")}/`;
  }

  async share() {
    const url = this.getAttribute("url");
    try {
      if (navigator.share) await navigator.share({ url, title: this.getAttribute("title") });
      else {
        await navigator.clipboard.writeText(url);
        toast(gettext("Link copied."));
      }
    } catch (error) {
      if (error.name !== "AbortError") toast(url, { seconds: 12 });
    }
  }

  /** What is wrong with a challenge is answered for by its host. */
  async report() {
    if (!allowed("")) return;
    const { openReport } = await import("app/report");
    openReport({ type: "person", id: this.getAttribute("host") });
  }

  async change(body) {
    try {
      await api.patch(this.path, body);
      location.reload();
    } catch (error) {
      complain(error);
    }
  }

  publish() {
    return this.change({ publish: true });
  }

  async end() {
    const sure = await confirmDialog(gettext("End this challenge now?"), gettext("What was entered until now stays, and everybody sees the winners you chose."), gettext("End now"));
    if (sure) await this.change({ end: true });
  }

  async erase() {
    const sure = await confirmDialog(gettext("Delete this challenge?"), gettext("Its page, its winners and its banner go. The clips with its tag stay with their authors."), gettext("Delete"));
    if (!sure) return;
    try {
      await api.delete(this.path);
      location.assign("/studio/challenges/");
    } catch (error) {
      complain(error);
    }
  }
}

customElements.define("challenge-acts", ChallengeActs);
