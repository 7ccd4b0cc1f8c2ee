// The edit of one clip: what was chosen, held within its limits, with undo. The times of `clips` are of their files before
// speed; all others are of the finished clip. The list that the server reads (videos/edits.py) is made by `list()`.

export const SHORTEST = 0.3; // seconds that a window keeps: less cannot be held with a finger
const PAST = 100;
const TOGETHER = 900; // milliseconds in which changes with one name are one step of undo

const PLAIN = {
  clips: [],
  reframe: "none",
  focus_x: 0.5,
  focus_y: 0.5,
  speed: 1,
  volume: 1,
  sound: null,
  voice: null,
  texts: [],
  filter: "none",
  cover_at: null,
  layout: "side",
  remix_volume: 1,
  remix_trim: null,
};
const PLAIN_SOUND = { start: 0, volume: 1, original_volume: 0.4, fade_in: 0, fade_out: 0 };
const DOUBTFUL = ["reframe", "focus_x", "focus_y", "speed", "volume", "filter"];

export const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
export const round = (value, places = 3) => Number(Number(value).toFixed(places));

let number = 0;

/** Fires "change" (detail: the names of what changed) and "sources" when a file was added or is known better. */
export class Model extends EventTarget {
  /** `most`: seconds that a finished clip may have. `remix`: null or {kind: "duet" | "stitch", source}. */
  constructor(most, remix = null) {
    super();
    this.most = most;
    this.remix = remix;
    this.sources = new Map();
    this.state = structuredClone(PLAIN);
    [this.past, this.future, this.last] = [[], [], null];
  }

  // --- Files ---

  /** Makes a file known under a key of its own. */
  addSource(source) {
    source.key ??= `s${++number}`;
    this.sources.set(source.key, source);
    this.dispatchEvent(new CustomEvent("sources"));
    return source.key;
  }

  source(key) {
    return this.sources.get(key);
  }

  get main() {
    return this.sources.get(this.state.clips[0]?.source);
  }

  /** The files that the clip is made of now, in order, without the voice. */
  get files() {
    return this.state.clips.map((clip) => this.sources.get(clip.source));
  }

  /** Appends a file to the clip. The first is cut to what may be published. */
  append(source, { start = 0, end = source.duration, quiet = false } = {}) {
    const key = this.addSource(source);
    const room = Math.max(SHORTEST, (this.most - this.duration) * this.state.speed);
    const clip = { source: key, start, end: Math.min(end, start + room) };
    const clips = [...this.state.clips, clip];
    if (quiet) {
      this.state.clips = clips;
      this.tell(["clips"]);
    } else this.change("clips", { clips });
    return key;
  }

  // --- Changes ---

  /** A file can be read only now (it was shown again, or converted): its window is as long as it is. No step of undo. */
  known(source) {
    for (const clip of this.state.clips) {
      if (clip.source !== source.key) continue;
      clip.end = clip.end > 0 ? Math.min(clip.end, source.duration) : Math.min(source.duration, clip.start + this.most * this.state.speed);
      clip.start = Math.min(clip.start, Math.max(0, clip.end - SHORTEST));
    }
    [this.past, this.future, this.last] = [[], [], null];
    this.tidy();
    this.dispatchEvent(new CustomEvent("sources"));
    this.tell(Object.keys(this.state));
  }

  /** Changes the state as one step of undo; steps of one name in quick succession are one. */
  change(name, changes) {
    const now = performance.now();
    if (this.last?.name !== name || now - this.last.at > TOGETHER) {
      this.past.push(structuredClone(this.state));
      if (this.past.length > PAST) this.past.shift();
    }
    this.last = { name, at: now };
    this.future = [];
    Object.assign(this.state, changes);
    this.tidy();
    this.tell(Object.keys(changes));
  }

  /** The next change is a step of its own, whatever its name. */
  settle() {
    this.last = null;
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  step(from, to) {
    if (!from.length) return;
    to.push(structuredClone(this.state));
    this.state = from.pop();
    this.last = null;
    this.tell(Object.keys(this.state));
  }

  tell(names) {
    this.dispatchEvent(new CustomEvent("change", { detail: new Set(names) }));
  }

  /** What depends on the length stays within it. */
  tidy() {
    const { state, duration } = this;
    if (!duration) return;
    for (const text of state.texts) {
      text.end = clamp(text.end, SHORTEST, duration);
      text.start = clamp(text.start, 0, text.end - 0.1);
    }
    if (state.cover_at !== null) state.cover_at = clamp(state.cover_at, 0, Math.max(0, duration - 0.05));
    if (state.voice) state.voice.start = clamp(state.voice.start, 0, Math.max(0, duration - 0.1));
    if (state.sound?.duration) state.sound.start = clamp(state.sound.start, 0, Math.max(0, state.sound.duration - 0.5));
  }

  /** Moves one end of a clip's window to `time` of its file. Where the clip would get too long, the other end follows. */
  trim(index, side, time) {
    const clips = structuredClone(this.state.clips);
    const clip = clips[index];
    const { duration } = this.sources.get(clip.source);
    const others = this.duration - (clip.end - clip.start) / this.state.speed;
    const longest = Math.max(SHORTEST, (this.most - others) * this.state.speed);
    if (side === "start") {
      clip.start = round(clamp(time, 0, clip.end - SHORTEST));
      clip.end = round(Math.min(clip.end, clip.start + longest));
    } else {
      clip.end = round(clamp(time, clip.start + SHORTEST, duration));
      clip.start = round(Math.max(clip.start, clip.end - longest));
    }
    this.change(`trim-${index}-${side}`, { clips });
  }

  /** Moves a clip of several; the first stays first, because the upload of the clip is its. */
  move(index, by) {
    const to = index + by;
    const clips = [...this.state.clips];
    if (to < 1 || to >= clips.length || index < 1) return;
    clips.splice(to, 0, ...clips.splice(index, 1));
    this.change("clips", { clips });
  }

  remove(index) {
    if (index < 1) return;
    this.change("clips", { clips: this.state.clips.filter((_, i) => i !== index) });
  }

  setSound(sound) {
    this.settle();
    this.change("sound", { sound: sound && { ...PLAIN_SOUND, ...sound } });
  }

  changeSound(changes) {
    this.change(`sound-${Object.keys(changes)}`, { sound: { ...this.state.sound, ...changes } });
  }

  addText(text) {
    this.settle();
    const made = { id: `t${++number}`, x: 0.5, y: 0.3, size: 0.05, color: "#ffffff", font: "sans", background: "none", align: "center", start: 0, end: round(this.duration), ...text };
    this.change("text-add", { texts: [...this.state.texts, made] });
    return made.id;
  }

  text(id) {
    return this.state.texts.find((text) => text.id === id);
  }

  changeText(id, changes) {
    const texts = this.state.texts.map((text) => (text.id === id ? { ...text, ...changes } : text));
    this.change(`text-${id}-${Object.keys(changes)}`, { texts });
  }

  removeText(id) {
    this.settle();
    this.change("text-remove", { texts: this.state.texts.filter((text) => text.id !== id) });
  }

  // --- Time ---

  /** What plays after what: [{source, clip (index, -1 for the stitched one), from, to (of its file), at, until (finished), rate}]. */
  get segments() {
    const found = [];
    let at = 0;
    const add = (source, clip, from, to, rate) => {
      const length = Math.max(0, to - from) / rate;
      found.push({ source, clip, from, to, rate, at, until: at + length });
      at += length;
    };
    if (this.remix?.kind === "stitch" && this.state.remix_trim) add(this.remix.source, -1, this.state.remix_trim.start, this.state.remix_trim.end, 1);
    for (const [index, clip] of this.state.clips.entries()) add(this.sources.get(clip.source), index, clip.start, clip.end, this.state.speed);
    return found;
  }

  /** Seconds of the finished clip. */
  get duration() {
    return this.segments.at(-1)?.until ?? 0;
  }

  get tooLong() {
    return Math.max(0, this.duration - this.most - 0.05);
  }

  /** Where the finished second `time` lies: {segment, index, time (of its file)}. */
  locate(time) {
    const { segments } = this;
    let index = segments.findIndex((segment) => time < segment.until - 1e-4);
    if (index < 0) index = segments.length - 1;
    const segment = segments[index];
    if (!segment) return null;
    return { segment, index, time: clamp(segment.from + (time - segment.at) * segment.rate, segment.from, segment.to) };
  }

  // --- To and from the server ---

  /** Whether nothing was edited, so that the server may pass the file on as it is. */
  get isPlain() {
    const list = this.list();
    return Object.keys(list).every((name) => ["version", "cover_at"].includes(name));
  }

  /** The edit list as the server takes it: only what differs from the plain clip. `uploadOf(source)` names uploads. */
  list(uploadOf = (source) => source.upload) {
    const { state } = this;
    const list = { version: 1 };
    const [first, ...rest] = state.clips;
    const main = first && this.sources.get(first.source);
    if (first && main.duration && (first.start > 0.02 || first.end < main.duration - 0.02)) list.trim = { start: round(first.start), end: round(first.end) };
    if (rest.length) {
      list.parts = rest.map((clip) => {
        const source = this.sources.get(clip.source);
        return { ...naming(source, uploadOf), trim: { start: round(clip.start), end: round(clip.end) } };
      });
    }
    for (const name of DOUBTFUL) if (state[name] !== PLAIN[name]) list[name] = typeof state[name] === "number" ? round(state[name]) : state[name];
    if (state.reframe !== "crop") ["focus_x", "focus_y"].forEach((name) => delete list[name]);
    if (state.sound) {
      const { id, start, volume, original_volume, fade_in, fade_out } = state.sound;
      list.sound = { id, start: round(start), volume: round(volume), original_volume: round(original_volume), fade_in: round(fade_in), fade_out: round(fade_out) };
    }
    if (state.voice) list.voice = { ...naming(this.sources.get(state.voice.source), uploadOf, true), start: round(state.voice.start), volume: round(state.voice.volume) };
    const texts = state.texts.filter((text) => text.text.trim());
    const lasting = (text) => (text.end > text.start ? { end: round(text.end) } : {}); // of an unreadable file: to the end
    if (texts.length) list.texts = texts.map(({ id, end, ...text }) => ({ ...text, ...lasting({ ...text, end }), x: round(text.x, 4), y: round(text.y, 4), size: round(text.size, 4), start: round(text.start) }));
    if (state.cover_at !== null) list.cover_at = round(state.cover_at);
    if (this.remix?.kind === "duet") Object.assign(list, { layout: state.layout, remix_volume: round(state.remix_volume) });
    if (this.remix?.kind === "stitch" && state.remix_trim) {
      list.remix_trim = { start: round(state.remix_trim.start), end: round(state.remix_trim.end) };
      if (state.remix_volume !== 1) list.remix_volume = round(state.remix_volume);
    }
    return list;
  }

  /** Takes a stored list over. `parts` and `voice`: the sources of its further files, in order; those that are missing fall away. */
  load(list, { parts = [], voice = null, sound = null } = {}) {
    const { state } = this;
    for (const name of [...DOUBTFUL, "layout", "remix_volume", "remix_trim", "cover_at"]) if (list[name] !== undefined && list[name] !== null) state[name] = list[name];
    if (list.trim && state.clips[0]) Object.assign(state.clips[0], within(list.trim, this.main.duration));
    for (const [index, source] of parts.entries()) {
      if (!source) continue;
      const key = this.addSource(source);
      state.clips.push({ source: key, ...within(list.parts?.[index]?.trim ?? { start: 0, end: source.duration }, source.duration) });
    }
    if (list.sound) state.sound = { ...PLAIN_SOUND, ...sound, ...list.sound };
    if (list.voice && voice) state.voice = { start: 0, volume: 1, ...list.voice, source: this.addSource(voice) };
    state.texts = (list.texts ?? []).map((text) => ({ x: 0.5, y: 0.5, size: 0.05, color: "#ffffff", font: "sans", background: "none", align: "center", start: 0, end: this.duration, ...text, id: `t${++number}` }));
    [this.past, this.future, this.last] = [[], [], null];
    this.tell(Object.keys(state));
  }
}

/** How the server is told which file is meant: a fresh upload, or the position of one that it has already. */
function naming(source, uploadOf, isVoice = false) {
  if (source.kept === undefined) return { upload: uploadOf(source) };
  return isVoice ? {} : { part: source.kept };
}

function within({ start = 0, end }, duration) {
  const last = duration || end || 0;
  return { start: clamp(start, 0, last), end: clamp(end ?? last, 0, last) };
}
