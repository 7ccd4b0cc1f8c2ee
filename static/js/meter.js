// What was really played of a clip: small steps forward. A seek is a big step; a jump from the end to 0 is a loop.

const JOIN = 60; // ms two steps may lie apart and still be one part

/** Adds the step since last time to `held` (watched, loops, last, played); true when the clip went forward. */
export function measure(held, video) {
  const { currentTime: now, duration } = video;
  const step = now - held.last;
  const forward = step > 0 && step < 1.5;
  if (forward) {
    held.watched += step * 1000;
    const from = Math.round(held.last * 1000);
    const part = held.played.at(-1);
    if (part && Math.abs(part[1] - from) <= JOIN) part[1] = Math.round(now * 1000);
    else held.played.push([from, Math.round(now * 1000)]);
  }
  if (step < 0 && now < 1 && held.last > duration - 1) held.loops += 1;
  held.last = now;
  return forward;
}
