// A clip that plays moves to a better file without a gap: a second element loads it behind the first, catches up with
// it, and the two change places on a painted frame. Sound changes hands in the same moment.

const LATEST = 0.08; // s the two may be apart when they change places: two frames, less than a lip-sync error one hears
const TRIES = 4;

const once = (target, name, seconds = 20) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), seconds * 1000);
    target.addEventListener(name, () => (clearTimeout(timer), resolve()), { once: true });
    target.addEventListener("error", () => (clearTimeout(timer), reject(new Error("error"))), { once: true });
  });

const frame = (video) => new Promise((resolve) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(resolve) : once(video, "timeupdate").then(resolve, resolve)));

/** True when `file` plays now; false when the clip left the screen, or the file could not be had, and nothing changed. */
export async function takeOver(player, file) {
  const old = player.video;
  const gone = () => !player.active || player.video !== old || !old.getAttribute("src");
  const next = old.cloneNode(false);
  Object.assign(next, { muted: true, preload: "auto", src: file.url, defaultPlaybackRate: old.defaultPlaybackRate });
  old.before(next); // beneath: the first one covers it until it has a picture
  try {
    await once(next, "loadeddata");
    let lead = 0.25;
    for (let n = 0; n < TRIES && !gone(); n++) {
      const began = performance.now();
      const paused = old.paused;
      next.currentTime = paused ? old.currentTime : (old.currentTime + lead * old.playbackRate) % (old.duration || Infinity);
      await once(next, "seeked");
      lead = Math.min(1.5, (performance.now() - began) / 1000 + 0.1);
      if (gone()) break;
      if (paused && old.paused) return exchange(player, old, next, file);
      if (paused || !(await meet(old, next))) continue;
      await next.play();
      await frame(next);
      if (!gone() && Math.abs(next.currentTime - old.currentTime) <= LATEST) return exchange(player, old, next, file);
      next.pause();
    }
    if (!gone() && !old.paused) return exchange(player, old, next, file, await next.play()); // never in step: a small jump, no gap
  } catch {
    // The file is not there yet, or the connection is gone: what plays goes on.
  }
  drop(next);
  return false;
}

/** Waits until the playing element reaches the waiting one; false when it stopped, or jumped. */
async function meet(old, next) {
  const end = performance.now() + 4000;
  while (!old.paused && performance.now() < end) {
    const ahead = next.currentTime - old.currentTime;
    if (ahead <= 0.02) return ahead > -0.5;
    if (ahead > 2) return false;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return false;
}

function exchange(player, old, next, file) {
  next.muted = old.muted;
  next.volume = old.volume;
  next.playbackRate = old.playbackRate;
  player.video = next;
  player.file = file;
  player.hear();
  player.last = next.currentTime;
  old.replaceWith();
  drop(old);
  player.article.dispatchEvent(new CustomEvent("rendition", { detail: file }));
  return true;
}

function drop(video) {
  video.pause();
  video.removeAttribute("src");
  video.load();
  video.remove();
}
