// What is said in a clip, written above its text: the browser reads the WebVTT and tells when; the words are drawn here,
// so that they never lie below the caption, the rail or the seek bar. On by default, remembered, with a language.

import { prefs, remember } from "app/prefs";

const here = document.documentElement.lang;

/** The captions this person would read: their choice, else the page's language, the browser's, else the first. */
export function preferred(tracks) {
  const wanted = [prefs.captionsLanguage, here, ...(navigator.languages ?? [])].filter(Boolean).map((code) => code.toLowerCase());
  for (const code of wanted) {
    const found = tracks.find((track) => track.language === code) ?? tracks.find((track) => track.language.split("-")[0] === code.split("-")[0]);
    if (found) return found;
  }
  return tracks[0];
}

const attended = new WeakMap();

/** Called whenever a clip with captions comes on screen. */
export function attend(player) {
  let state = attended.get(player);
  if (!state) {
    state = { player, line: player.article.querySelector(".clip__cues") };
    attended.set(player, state);
    document.addEventListener("prefs", ({ detail }) => ("captions" in detail || "captionsLanguage" in detail) && player.active && set(state));
    player.article.addEventListener("rendition", () => set(state));
  }
  set(state);
}

function set(state) {
  const { player, line } = state;
  const tracks = player.playback.captions ?? [];
  for (const old of player.video.querySelectorAll("track")) old.remove();
  state.track = null;
  line.hidden = true;
  line.replaceChildren();
  if (!prefs.captions || !tracks.length) return;
  const { language, label, url } = preferred(tracks);
  const node = Object.assign(document.createElement("track"), { kind: "captions", srclang: language, label, src: url });
  if (new URL(url, location.href).origin !== location.origin) player.video.crossOrigin = "anonymous";
  player.video.append(node);
  state.track = node.track;
  node.track.mode = "hidden"; // read and timed by the browser, drawn by us
  line.lang = language;
  const paint = () => state.track === node.track && draw(line, node.track);
  node.track.addEventListener("cuechange", paint);
  node.addEventListener("load", paint);
}

function draw(line, track) {
  const cues = [...(track.activeCues ?? [])];
  line.hidden = !cues.length;
  line.replaceChildren(...cues.flatMap((cue, i) => {
    const words = document.createElement("span");
    words.append(cue.getCueAsHTML());
    return i ? [document.createElement("br"), words] : [words];
  }));
}

export function toggleCaptions() {
  remember({ captions: !prefs.captions });
  return prefs.captions;
}
