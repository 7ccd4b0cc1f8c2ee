// The messages on the page: a stretch of the conversation without gaps, by number, kept as the server has it.
//
// Every write and every later change of a message takes the conversation's next `change`. The page remembers the highest
// it has seen without a gap; whatever was lost on the way (a cut socket, a sleeping laptop, another tab's doings) comes
// back by `?changed_after=<change>`. Frames only make it quicker.

import { api } from "app/api";
import { drawMessage, groupInRuns } from "app/messages";

const PAGE = 40;
const MOST_PAGES = 5; // of 200 changes; who missed more gets the newest page anew

export class Timeline {
  /** `hooks`: own(card) → the unsent item that this card makes real, or null; atEnd() → whether the newest is in sight;
   * arrived(card, atEnd) and redrawn(atEnd) with what atEnd was before; detail(card); closed(); lost() when asking failed. */
  constructor(root, hooks) {
    this.id = root.dataset.chat;
    this.scroll = root.querySelector("[data-scroll]");
    this.list = root.querySelector("[data-list]");
    this.start = root.querySelector("[data-start]");
    this.hooks = hooks;
    this.change = Number(root.dataset.change) || 0;
    this.tip = Number(root.dataset.tip) || 0; // the conversation's newest number
    this.floor = this.tip; // what an empty list stands on
    this.older = Boolean(root.dataset.older);
    this.detached = this.last < this.tip; // the stretch ends before the newest message
    groupInRuns(this.list);
  }

  get items() {
    return [...this.list.querySelectorAll('.message[data-seq]:not([data-seq=""])')];
  }

  get first() {
    return Number(this.items[0]?.dataset.seq ?? this.floor + 1);
  }

  get last() {
    return Number(this.items.at(-1)?.dataset.seq ?? this.floor);
  }

  bySeq(seq) {
    return this.list.querySelector(`.message[data-seq="${CSS.escape(seq)}"]`);
  }

  byId(id) {
    return this.list.querySelector(`.message[data-id="${CSS.escape(id)}"]`);
  }

  // --- What arrives -------------------------------------------------------------------------------------------

  /** A message as the server has it now, from the socket or in answer to a request. */
  receive(card) {
    this.tip = Math.max(this.tip, card.seq);
    const placed = this.#take(card);
    if (card.change === this.change + 1) this.change = card.change;
    else if (card.change > this.change + 1) this.catchUp();
    if (!placed && !this.detached) this.catchUp();
  }

  /** Puts one message where its number says. False when something before it is missing. */
  #take(card) {
    const known = this.bySeq(card.seq);
    const own = this.hooks.own(card);
    const atEnd = this.hooks.atEnd();
    if (known) {
      if (own && own !== known) own.remove();
      if (Number(known.dataset.change) >= card.change) return true;
      drawMessage(card, known);
      this.#regroup(atEnd);
      return true;
    }
    if (card.seq < this.first && this.items.length) return true; // who scrolls up gets it as it is then
    if (card.seq !== this.last + 1) {
      own?.remove();
      return false;
    }
    const item = drawMessage(card, own ?? undefined);
    const before = this.items.filter((one) => one !== item).at(-1);
    if (before) before.after(item);
    else this.list.prepend(item);
    this.#regroup();
    this.hooks.arrived(card, atEnd);
    return true;
  }

  #regroup(atEnd = false) {
    groupInRuns(this.list);
    this.hooks.redrawn(atEnd);
  }

  /** An item that has no number yet stays behind all that have one. */
  append(item) {
    this.list.append(item);
    this.#regroup();
  }

  // --- Catching up --------------------------------------------------------------------------------------------

  /** Everything that changed since. Calls that overlap share one run, and it looks once more after them. */
  catchUp() {
    if (this.catching) {
      this.again = true;
      return this.catching;
    }
    this.catching = (async () => {
      try {
        do {
          this.again = false;
          await this.#changes();
        } while (this.again);
        this.hooks.detail(await api.get(`conversations/${this.id}/`, { quiet: true }));
      } catch (error) {
        if (error.status === 404) this.hooks.closed();
        else this.hooks.lost(error);
      } finally {
        this.catching = null;
      }
    })();
    return this.catching;
  }

  async #changes() {
    const cards = new Map();
    let upTo = this.change;
    for (let pages = 0; ; pages++) {
      if (pages === MOST_PAGES) return this.reload();
      const page = await this.#page(`changed_after=${upTo}&limit=200`);
      for (const card of page.results) {
        cards.set(card.seq, card);
        upTo = Math.max(upTo, card.change);
      }
      if (!page.next || !page.results.length) break;
    }
    const inOrder = [...cards.values()].sort((one, other) => one.seq - other.seq);
    this.tip = Math.max(this.tip, inOrder.at(-1)?.seq ?? 0);
    for (const card of inOrder) this.#take(card);
    this.change = Math.max(this.change, upTo);
    while (!this.detached && this.last < this.tip) {
      const page = await this.#page(`after=${this.last}&limit=200`);
      if (!page.results.length) break;
      for (const card of page.results) this.#take(card);
    }
  }

  /** Asks again for what is shown: who may read what may have changed without a message changing (a block in a group). */
  async refresh() {
    const { first } = this;
    const page = await this.#page(`after=${Math.max(0, first - 1)}&limit=200`);
    for (const card of page.results) {
      const known = this.bySeq(card.seq);
      if (known && known.hidden !== Boolean(card.hidden)) known.dataset.change = "-1";
      if (known) this.#take(card);
    }
  }

  #page(query) {
    return api.get(`conversations/${this.id}/messages/?${query}`, { quiet: true });
  }

  // --- Other stretches ----------------------------------------------------------------------------------------

  /** The newest page, from nothing. What changes meanwhile is asked for by the number that was read first. */
  async reload() {
    const detail = await api.get(`conversations/${this.id}/`, { quiet: true });
    const page = await this.#page(`limit=${PAGE}`);
    this.change = detail.last_change ?? this.change;
    this.#show(page.results, Boolean(page.next));
    this.floor = this.tip = Math.max(detail.last_seq, page.results.at(-1)?.seq ?? 0);
    this.detached = false;
    this.hooks.detail(detail);
  }

  /** A stretch around one number. */
  async around(seq) {
    const page = await this.#page(`after=${Math.max(0, seq - PAGE / 2)}&limit=${PAGE}`);
    if (!page.results.length) return;
    this.#show(page.results, page.results[0].seq > 1);
    this.detached = this.last < this.tip;
  }

  #show(cards, older) {
    const unsent = [...this.list.querySelectorAll('.message[data-seq=""]')];
    const items = cards.map((card) => {
      const own = this.hooks.own(card);
      const index = unsent.indexOf(own);
      if (index >= 0) unsent.splice(index, 1);
      return drawMessage(card, own ?? undefined);
    });
    this.list.replaceChildren(...items, ...unsent);
    this.older = older;
    this.start.hidden = older;
    this.#regroup();
  }

  /** The page before what is shown; what was read stays where it was. */
  async loadOlder() {
    if (!this.older || this.loading || !this.items.length) return;
    await this.#load(async () => {
      const page = await this.#page(`before=${this.first}&limit=${PAGE}`);
      const { scrollHeight, scrollTop } = this.scroll;
      this.list.prepend(...page.results.map((card) => drawMessage(card)));
      this.#regroup();
      this.scroll.scrollTop = scrollTop + this.scroll.scrollHeight - scrollHeight;
      this.older = Boolean(page.next) && page.results.length > 0;
      this.start.hidden = this.older;
    });
  }

  /** The page after a stretch that ends before the newest message. */
  async loadNewer() {
    if (!this.detached || this.loading) return;
    await this.#load(async () => {
      const page = await this.#page(`after=${this.last}&limit=${PAGE}`);
      for (const card of page.results) this.#take(card);
      if (!page.next || this.last >= this.tip) {
        this.detached = false;
        if (this.last < this.tip) this.catchUp();
      }
    });
  }

  async #load(run) {
    this.loading = true;
    this.scroll.setAttribute("aria-busy", "true"); // a log that grows at its top says nothing
    try {
      await run();
    } catch (error) {
      this.hooks.lost(error);
    } finally {
      this.loading = false;
      this.scroll.removeAttribute("aria-busy");
    }
  }
}
