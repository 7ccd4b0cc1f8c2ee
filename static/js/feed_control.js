// How one steers one's feed from a clip: why it is here, more or less like it, not interested; newest first or chosen.
// What is hidden leaves the page at once, and what comes next is chosen anew.

import { api } from "app/api";
import { element, icon, openDialog } from "app/dialog";
import { allowed } from "app/gate";
import { openMenu } from "app/menu";
import { calm } from "app/prefs";
import { complain, toast } from "app/toast";

const LEAVING = 180; // ms in which a clip fades before the next one takes its place
const WAYS = { more: "more", less: "less", hide: "not-interested" };
const ICONS = { own: "user", friend: "users", following: "user-check", mutual: "users", similar: "layers", tag: "hash", author: "user", sound: "music", interest: "heart", rising: "zap", popular: "chart-no-axes-column", fresh: "sparkles", newest: "clock", language: "captions", country: "compass", promoted: "megaphone", everybody: "globe", more: "thumbs-up" };

const say = (text, values) => interpolate(text, values, true);
const tagsOf = (article) => (article.dataset.tags ?? "").split(" ").filter(Boolean);

/** What a word about a clip can be about: the clip, its author, its sound, its tags. */
function subjects(article) {
  const { author, sound, soundName } = article.dataset;
  return [
    { of: "clip", name: gettext("This clip"), none: gettext("Not this clip"), icon: "film", same: (other) => other === article },
    { of: "author", name: `@${author}`, none: say(gettext("Nothing by @%(name)s"), { name: author }), icon: "user", same: (other) => other.dataset.author === author },
    sound && { of: "sound", name: soundName || gettext("Its sound"), none: say(gettext("Nothing with the sound “%(name)s”"), { name: soundName }), icon: "music", same: (other) => other.dataset.sound === sound },
    ...tagsOf(article).slice(0, 6).map((tag) => ({ of: "tag", tag, name: `#${tag}`, none: say(gettext("Nothing of #%(name)s"), { name: tag }), icon: "hash", same: (other) => tagsOf(other).includes(tag) })),
  ].filter(Boolean);
}

/** Tells the server, and shows at once what it means: hidden clips leave, or what follows is chosen anew. */
export async function tell(feed, article, stance, subject = subjects(article)[0]) {
  if (!allowed("", article.dataset.url)) return false;
  const words = {
    more: subject.of === "clip" ? gettext("More like this comes next.") : say(gettext("More of %(name)s comes next."), subject),
    less: subject.of === "clip" ? gettext("Less like this from here on.") : say(gettext("Less of %(name)s from here on."), subject),
    hide: subject.of === "clip" ? gettext("This clip does not come again.") : say(gettext("%(name)s does not come again."), subject),
  };
  try {
    const { preference, before } = await api.post(`videos/${article.dataset.clip}/${WAYS[stance]}/`, { of: subject.of, tag: subject.tag ?? "" });
    const back = stance === "hide" ? await drop(feed, feed.clips.filter(subject.same)) : await afresh(feed);
    const undo = `preferences/${preference.id}/${before ? `?back_to=${before}` : ""}`; // what was said before holds again
    toast(words[stance], { action: () => api.delete(undo).then(() => back()).catch(complain) });
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** Takes clips off the page; the one after the current takes its place. Returns what puts them back. */
async function drop(feed, gone) {
  const before = feed.currentArticle;
  const leaves = gone.includes(before);
  if (leaves) {
    before.toggleAttribute("data-leaving", true);
    await new Promise((done) => setTimeout(done, calm.matches ? 0 : LEAVING));
    if (!feed.clips.some((clip, i) => i > feed.index && !gone.includes(clip))) await feed.more();
  }
  const all = feed.clips;
  const left = all.filter((clip) => !gone.includes(clip));
  if (!left.length) return location.assign(feed.home), () => {};
  const target = leaves ? (left.find((clip) => all.indexOf(clip) > feed.index) ?? left.at(-1)) : before;
  const places = gone.map((clip) => [clip, clip.previousElementSibling]);
  for (const clip of gone) {
    feed.players.get(clip)?.release();
    clip.remove();
    clip.removeAttribute("data-leaving");
  }
  settle(feed, target);
  return () => {
    for (const [clip, place] of places) place?.isConnected ? place.after(clip) : feed.root.prepend(clip);
    settle(feed, before);
  };
}

/** The numbers of the clips are right again, and this one is in sight and plays. */
function settle(feed, target) {
  feed.adopt([]);
  target.scrollIntoView({ behavior: "instant" });
  if (feed.currentArticle === target) feed.count();
  else feed.activate(target);
}

/** What follows the current clip is chosen anew, by what the feed knows now. Returns what does so once more. */
async function afresh(feed) {
  const again = () => afresh(feed);
  if (feed.root.dataset.source !== "for_you") return again;
  const all = feed.clips;
  const shown = all.slice(0, feed.index + 1).map((clip) => clip.dataset.clip).slice(-100);
  feed.era += 1;
  feed.loading = true;
  try {
    const piece = await api.fragment(`/?fragment=1&shown=${shown.join(",")}`);
    for (const clip of feed.clips.slice(feed.index + 1)) {
      feed.players.get(clip)?.release();
      clip.remove();
    }
    for (const end of feed.root.querySelectorAll(".feed__next")) end.remove();
    const fresh = [...piece.querySelectorAll(".clip")];
    feed.root.append(piece);
    feed.adopt(fresh);
    feed.count();
    if (fresh[0]) feed.players.get(fresh[0]).attach("auto");
  } finally {
    feed.loading = false;
  }
  return again;
}

/** The sheet that asks what exactly not to see. */
export function openNotInterested(feed, article) {
  if (!allowed("", article.dataset.url)) return;
  const rows = subjects(article).map((subject) =>
    element("button", { type: "button", class: "nav-item", onclick: () => (box.close(), tell(feed, article, "hide", subject)) }, icon(subject.icon), element("span", { textContent: subject.none })));
  const box = openDialog(gettext("What do you not want to see?"), [element("div", { class: "choices" }, ...rows)], { sheet: true });
}

/** Why a clip is here, and what can be said to it. */
export async function openWhy(feed, article) {
  let answer;
  try {
    answer = await api.get(`videos/${article.dataset.clip}/why/`);
  } catch (error) {
    return complain(error);
  }
  const reasons = answer.reasons.map((reason) =>
    element("li", {}, icon(ICONS[reason.kind] ?? "circle"), element("span", { textContent: reason.text }), reason.clip ? element("a", { href: reason.clip, textContent: gettext("Open") }) : null));
  const press = (subject, stance, name, label) =>
    element("button", { type: "button", class: "icon-button", title: label, "aria-label": say(gettext("%(label)s: %(name)s"), { label, name: subject.name }), onclick: () => (box.close(), tell(feed, article, stance, subject)) }, icon(name));
  const rows = article.dataset.own ? [] : subjects(article).map((subject) =>
    element("li", {}, icon(subject.icon), element("span", { textContent: subject.name }),
      element("span", { class: "why__acts" }, press(subject, "more", "thumbs-up", gettext("More")), press(subject, "less", "thumbs-down", gettext("Less")), press(subject, "hide", "ban", gettext("None")))));
  const box = openDialog(gettext("Why you see this clip"), [
    element("ul", { class: "why" }, ...reasons),
    rows.length ? element("h3", { class: "why__title", textContent: gettext("Change what comes next") }) : null,
    rows.length ? element("ul", { class: "why why--change" }, ...rows) : null,
    element("a", { class: "nav-item why__all", href: "/settings/feed/" }, icon("sliders-horizontal"), element("span", { textContent: gettext("Everything your feed goes by") })),
  ].filter(Boolean), { sheet: true });
}

/** Why an ad is shown to this person: which of their own settings it asked for. */
async function openWhyAd(article) {
  let answer;
  try {
    answer = await api.get(`promotions/${article.dataset.promotion}/why/`);
  } catch (error) {
    return complain(error);
  }
  const reasons = answer.reasons.map((reason) => element("li", {}, icon(ICONS[reason.kind] ?? "circle"), element("span", { textContent: reason.text })));
  openDialog(gettext("Why this ad"), [
    element("ul", { class: "why" }, ...reasons),
    element("p", { class: "quiet small", textContent: gettext("Only what you typed into your settings is asked for. Who pays learns numbers, never who you are.") }),
    element("a", { class: "nav-item why__all", href: "/settings/profile/" }, icon("sliders-horizontal"), element("span", { textContent: gettext("Your country, language and interests") })),
  ], { sheet: true });
}

/** An ad that never comes again; undone as "not interested" is. */
async function hideAd(feed, article) {
  try {
    const { preference, before } = await api.post(`promotions/${article.dataset.promotion}/hide/`);
    const back = await drop(feed, [article]);
    const undo = `preferences/${preference.id}/${before ? `?back_to=${before}` : ""}`;
    toast(gettext("This ad does not come again."), { action: () => api.delete(undo).then(() => back()).catch(complain) });
  } catch (error) {
    complain(error);
  }
}

/** The rows of a clip's options that steer the feed. `close` closes the options. */
export function controls(feed, article, close) {
  const row = (name, text, run) => element("button", { type: "button", class: "nav-item", onclick: () => (close(), run()) }, icon(name), element("span", { textContent: text }));
  const why = row("sparkles", gettext("Why you see this clip"), () => openWhy(feed, article));
  if (article.dataset.own) return [why];
  if (article.dataset.promotion) {
    return [
      row("megaphone", gettext("Why this ad"), () => openWhyAd(article)),
      row("eye-off", gettext("Hide this ad"), () => hideAd(feed, article)),
      row("ban", gettext("Not interested"), () => openNotInterested(feed, article)),
    ];
  }
  return [
    row("thumbs-up", gettext("More like this"), () => tell(feed, article, "more")),
    row("thumbs-down", gettext("Less like this"), () => tell(feed, article, "less")),
    row("ban", gettext("Not interested"), () => openNotInterested(feed, article)),
    why,
  ];
}

/** Chosen for you, or newest first. */
export function openOrder(button) {
  const newest = button.dataset.order === "newest";
  const choose = (chronological) => async () => {
    try {
      await api.patch("me/feed/", { chronological });
      location.assign("/");
    } catch (error) {
      complain(error);
    }
  };
  openMenu(button, [
    { icon: newest ? "sparkles" : "check", text: gettext("Chosen for you"), run: choose(false) },
    { icon: newest ? "check" : "clock", text: gettext("Newest first"), run: choose(true) },
    { icon: "sliders-horizontal", text: gettext("Feed settings"), run: () => location.assign("/settings/feed/") },
  ], gettext("Order of this feed"));
}
