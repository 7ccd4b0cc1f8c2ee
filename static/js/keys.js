// Keys of the feed and the site: ↓ ↑ J K, Space, M, L, C, O, F, /, ?, g h, g m. Silent while somebody writes, and the
// person can turn them off.

import { signedIn } from "app/api";
import { element, openDialog } from "app/dialog";
import { prefs, remember } from "app/prefs";
import { toggleLike, burst } from "app/reactions";
import { toast } from "app/toast";

const writes = (target) => target.closest?.("input, textarea, select, [contenteditable]");

export function bind(feed) {
  let before = "";
  let since = 0;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || writes(event.target)) return;
    if (document.querySelector("dialog:modal")) return;
    if (event.target.closest?.("#comments") && ["ArrowDown", "ArrowUp", " "].includes(event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "?") return event.preventDefault(), help();
    if (!prefs.keys) return;
    const chord = before === "g" && performance.now() - since < 1200 ? `g ${key}` : key;
    [before, since] = [key, performance.now()];
    const act = acts(feed)[chord];
    if (!act || (key === " " && event.target.closest("button, a"))) return;
    event.preventDefault();
    act();
  });
}

function acts(feed) {
  const go = (path) => () => location.assign(path);
  const shared = { "/": go("/search/"), "g h": go("/"), "g m": go("/messages/"), "g e": go("/explore/") };
  if (!feed) return shared;
  const article = feed.currentArticle;
  return {
    ...shared,
    ArrowDown: () => feed.step(1),
    j: () => feed.step(1),
    ArrowUp: () => feed.step(-1),
    k: () => feed.step(-1),
    " ": () => (feed.current.veiled ? feed.current.unveil() : feed.current.toggle()),
    m: () => feed.current.setMuted(!feed.current.video.muted),
    l: () => {
      const liked = article.querySelector("[data-act=like]").getAttribute("aria-pressed") === "true";
      if (!liked && signedIn) burst(article);
      toggleLike(article);
    },
    c: () => captions(feed.current),
    o: () => feed.comments(),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : feed.page.requestFullscreen?.()),
  };
}

async function captions(player) {
  const { toggleCaptions } = await import("app/captions");
  const on = toggleCaptions();
  const none = on && !player.playback.captions?.length;
  toast(none ? gettext("Captions are on. This clip has none.") : on ? gettext("Captions on") : gettext("Captions off"));
}

export function help() {
  const rows = [
    ["↓ / J", gettext("Next clip")],
    ["↑ / K", gettext("Previous clip")],
    [gettext("Space"), gettext("Play or pause")],
    ["M", gettext("Sound on or off")],
    ["L", gettext("Like")],
    ["C", gettext("Captions on or off")],
    ["O", gettext("Comments")],
    ["F", gettext("Full screen")],
    ["/", gettext("Search")],
    ["G H", gettext("Home")],
    ["G M", gettext("Messages")],
    ["?", gettext("This list")],
  ];
  const list = element("dl", { class: "keys" }, ...rows.flatMap(([key, text]) => [element("dt", {}, element("kbd", { textContent: key })), element("dd", { textContent: text })]));
  const off = element("input", { type: "checkbox", id: "keys", checked: prefs.keys, onchange: (event) => remember({ keys: event.target.checked }) });
  openDialog(gettext("Keys"), [list, element("div", { class: "field field--check" }, off, element("label", { htmlFor: "keys", textContent: gettext("Keys do something") }))]);
}
