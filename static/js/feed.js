// The feed: which clip is on screen, what plays and what is released, the next page, the address, the way back.
// Comments, sharing, options and keys are loaded when they are first needed.

import { api } from "app/api";
import { average, paint } from "app/blurhash";
import { resumed } from "app/gate";
import { Player } from "app/player";
import { calm, prefs } from "app/prefs";
import { burst, likeAt, longSave, toggleLike, toggleSave } from "app/reactions";
import { complain } from "app/toast";
import * as views from "app/views";

const TAP = 230; // ms in which a second tap makes it a double tap
const EARLY = 4; // clips left when the next page is fetched

class Feed {
  constructor(root) {
    this.root = root;
    this.page = root.closest(".feed-page");
    this.players = new Map();
    this.index = -1;
    this.era = 0; // rises when what follows was chosen anew: pages asked for before do not count
    this.home = history.state?.feedHome ?? location.pathname + location.search;
    this.sight = new IntersectionObserver((entries) => this.seen(entries), { root, threshold: [0.6] });
    this.restore();
    this.adopt(root.querySelectorAll(".clip"));
    longSave(root);
    root.addEventListener("click", (event) => this.click(event));
    for (const button of this.page.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.step(Number(button.dataset.step)));
    }
    for (const button of this.page.querySelectorAll("[data-order]")) {
      button.addEventListener("click", () => import("app/feed_control").then(({ openOrder }) => openOrder(button)).catch(complain));
    }
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => this.visibility());
    document.addEventListener("prefs", (event) => this.preferences(event.detail));
    setInterval(() => this.report(), 10_000);
    import("app/keys").then(({ bind }) => bind(this));
    const first = this.clips[this.startAt ?? 0];
    if (this.startAt) first?.scrollIntoView({ behavior: "instant" });
    this.activate(first);
    this.resume(resumed());
  }

  get clips() {
    return [...this.root.querySelectorAll(".clip")];
  }

  get current() {
    return this.players.get(this.currentArticle);
  }

  adopt(articles) {
    for (const article of articles) {
      if (this.players.has(article)) continue;
      this.players.set(article, new Player(article));
      paint(article.querySelector("canvas"), article.dataset.hash);
      const cover = article.querySelector(".clip__cover");
      cover?.addEventListener("error", () => cover.remove());
      this.sight.observe(article);
    }
    views.watchFor(articles);
    const all = this.clips;
    all.forEach((article, i) => {
      article.setAttribute("aria-posinset", i + 1);
      article.setAttribute("aria-setsize", this.next ? -1 : all.length);
    });
  }

  get next() {
    return [...this.root.querySelectorAll(".feed__next")].at(-1)?.dataset.next ?? "";
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) if (isIntersecting && target !== this.currentArticle) this.activate(target);
  }

  activate(article) {
    if (!article) return;
    const before = this.currentArticle;
    const moved = Boolean(before);
    if (before) views.note(this.current, this.root.dataset.source, before !== article);
    this.currentArticle = article;
    const all = this.clips;
    this.index = all.indexOf(article);
    all.forEach((other, i) => {
      const player = this.players.get(other);
      if (i === this.index) return;
      if (i === this.index + 1) {
        player.active = false;
        player.video.pause();
        if (player.last) player.release();
        if (!prefs.saver && !navigator.connection?.saveData) player.attach("auto");
      } else player.release();
    });
    this.current.enter();
    this.captions(article);
    const glow = article.dataset.color || average(article.dataset.hash);
    if (glow) document.body.style.setProperty("--glow", glow);
    this.count();
    if (moved) {
      history.replaceState({ ...history.state, feedHome: this.home, clip: article.dataset.clip }, "", article.dataset.url);
      this.openComments?.(article, true);
    }
  }

  /** Where the current clip stands among the others, which may have changed. */
  count() {
    const all = this.clips;
    this.index = all.indexOf(this.currentArticle);
    for (const button of this.page.querySelectorAll("[data-step]")) {
      const to = this.index + Number(button.dataset.step);
      button.disabled = to < 0 || (to >= all.length && !this.next);
    }
    if (all.length - this.index <= EARLY) this.more();
  }

  async more() {
    const cursor = this.next;
    if (!cursor || this.loading) return;
    const era = this.era;
    this.loading = true;
    this.root.setAttribute("aria-busy", "true");
    try {
      const address = new URL(this.root.dataset.nextUrl, location.origin);
      address.searchParams.set("cursor", cursor);
      address.searchParams.set("fragment", "1");
      const piece = await api.fragment(address.pathname + address.search);
      if (era !== this.era) return;
      const known = new Set(this.clips.map((clip) => clip.dataset.clip));
      for (const clip of piece.querySelectorAll(".clip")) if (known.has(clip.dataset.clip)) clip.remove();
      this.root.querySelector(".feed__next")?.remove();
      const fresh = [...piece.querySelectorAll(".clip")];
      this.root.append(piece);
      this.adopt(fresh);
      if (this.index + 1 < this.clips.length && fresh.includes(this.clips[this.index + 1])) this.players.get(this.clips[this.index + 1]).attach("auto");
    } catch (error) {
      complain(error);
      setTimeout(() => (this.loading = false), 4000);
      return;
    } finally {
      this.root.setAttribute("aria-busy", "false");
    }
    this.loading = false;
  }

  step(by) {
    const target = this.clips[this.index + by];
    target?.scrollIntoView({ behavior: calm.matches ? "instant" : "smooth" });
    if (calm.matches) this.activate(target);
  }

  /** Captions longer than two lines get a "more" that opens them. */
  captions(article) {
    const text = article.querySelector(".clip__caption");
    const more = article.querySelector(".clip__more");
    more.hidden = !article.hasAttribute("data-open") && text.scrollHeight <= text.clientHeight + 2;
  }

  click(event) {
    const article = event.target.closest(".clip");
    if (!article) return;
    if (event.target.closest(".clip__surface")) return this.tapped(article, event);
    const { promotion, author } = article.dataset;
    // A promoted clip that leads to its owner's profile won a visit.
    if (promotion && event.target.closest(`a[href="/@${author}/"]`)) api.post(`promotions/${promotion}/visit/`, undefined, { keepalive: true, quiet: true }).catch(() => {});
    switch (event.target.closest("[data-act]")?.dataset.act) {
      case "mute":
        return this.players.get(article).setMuted(!this.players.get(article).video.muted);
      case "like":
        return toggleLike(article);
      case "save":
        return toggleSave(article);
      case "comments":
        return this.comments(article);
      case "share":
        return import("app/share").then(({ openShare }) => openShare(article)).catch(complain);
      case "unveil":
        return this.players.get(article).unveil();
      case "options":
        return import("app/options").then(({ openOptions }) => openOptions(this, article)).catch(complain);
      case "more": {
        const open = article.toggleAttribute("data-open");
        const more = article.querySelector(".clip__more");
        more.textContent = open ? gettext("less") : gettext("more");
        more.setAttribute("aria-expanded", String(open));
      }
    }
  }

  tapped(article, event) {
    const player = this.players.get(article);
    if (player.veiled) return;
    if (event.detail === 0) return player.toggle(); // the keyboard taps once
    const now = performance.now();
    if (now - (this.lastTap ?? -1000) < TAP) {
      clearTimeout(this.tapTimer);
      likeAt(article, event.clientX, event.clientY);
      this.lastTap = now - TAP / 3; // a third tap is one more heart, not a pause
      return;
    }
    this.lastTap = now;
    this.tapTimer = setTimeout(() => player.toggle(), TAP);
  }

  async comments(article = this.currentArticle) {
    try {
      const { openComments } = await import("app/comments");
      this.openComments = await openComments(this.page, article);
    } catch (error) {
      complain(error);
    }
  }

  resume(act) {
    if (act === "like" || act === "save") {
      const button = this.currentArticle?.querySelector(`[data-act="${act}"][aria-pressed="false"]`);
      button?.click();
      if (act === "like" && button) burst(this.currentArticle);
    } else if (act === "comment") this.comments();
    else if (act === "follow") this.currentArticle?.querySelector("follow-button[state=no] button")?.click();
    else if (act === "message") this.currentArticle?.querySelector("[data-act=share]")?.click();
  }

  preferences(changes) {
    if ("quality" in changes || "saver" in changes) {
      const player = this.current;
      const at = player.video.currentTime;
      const playing = !player.video.paused;
      player.attach("auto");
      player.video.currentTime = at;
      if (playing) player.play();
    }
  }

  visibility() {
    const player = this.current;
    if (!player) return;
    if (document.hidden) {
      this.report(true);
      this.resumeOnReturn = !player.video.paused;
      player.video.pause();
    } else if (this.resumeOnReturn) player.play();
  }

  report(now = false) {
    if (this.current) views.note(this.current, this.root.dataset.source);
    if (now || !document.hidden) views.flush();
  }

  leave() {
    this.report(true);
    try {
      const kept = this.clips.slice(0, 60).map((clip) => this.bare(clip)).join("");
      sessionStorage.setItem("feed", JSON.stringify({ home: this.home, index: this.index, next: this.next, nextUrl: this.root.dataset.nextUrl, source: this.root.dataset.source, kept }));
    } catch {
      sessionStorage.removeItem("feed");
    }
  }

  /** A clip's markup without what playing left in it. */
  bare(clip) {
    const copy = clip.cloneNode(true);
    for (const node of copy.querySelectorAll("[style]")) node.removeAttribute("style"); // the CSP forbids them in markup
    for (const name of ["data-painted", "data-playing", "data-waiting", "data-paused"]) copy.removeAttribute(name);
    for (const video of copy.querySelectorAll("video")) video.removeAttribute("src");
    for (const track of copy.querySelectorAll("track")) track.remove();
    copy.querySelector(".clip__cues").replaceChildren();
    copy.querySelector(".clip__cues").hidden = true;
    copy.querySelector(".clip__tap").hidden = true;
    return copy.outerHTML;
  }

  /** Back (or reload) after scrolling: the same clips at the same place. Only the entry of the history that left them. */
  restore() {
    if (!history.state?.clip) return;
    const way = performance.getEntriesByType("navigation")[0]?.type;
    if (way !== "back_forward" && way !== "reload") return;
    let held;
    try {
      held = JSON.parse(sessionStorage.getItem("feed") ?? "null");
    } catch {
      held = null;
    }
    if (!held || held.home !== this.home) return;
    const holder = document.createElement("template");
    holder.innerHTML = held.kept;
    const found = [...holder.content.querySelectorAll(".clip")].findIndex((clip) => clip.dataset.clip === history.state.clip);
    if (found < 0) return;
    const end = document.createElement("div");
    Object.assign(end, { className: "feed__next", hidden: true });
    end.dataset.next = held.next;
    this.root.replaceChildren(holder.content, end);
    this.root.dataset.nextUrl = held.nextUrl;
    this.root.dataset.source = held.source;
    this.startAt = found;
  }
}

const root = document.querySelector(".feed");
if (root) globalThis.feed = new Feed(root);
