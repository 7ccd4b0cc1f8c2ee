// What the preview sounds like: the clip's own sound, a chosen sound with its fades, a voice; each at its volume and in step.

const DRIFT = 0.12; // seconds that a sound may be off before it is set right
const RAMP = 12; // ms between two steps of a fade are a frame; volumes above 1 go through Web Audio, which can amplify

/** How loud a chosen sound is at `time` of a clip of `duration` seconds: its volume with fade in and out. */
export function soundLevel(sound, time, duration) {
  const end = Math.min(duration, (sound.duration || Infinity) - sound.start);
  if (time < 0 || time > end) return 0;
  const rising = sound.fade_in ? Math.min(1, time / sound.fade_in) : 1;
  const falling = sound.fade_out ? Math.min(1, (end - time) / sound.fade_out) : 1;
  return sound.volume * Math.max(0, Math.min(rising, falling));
}

export class Mixer {
  constructor(model) {
    this.model = model;
    this.nodes = new WeakMap();
    this.sound = Object.assign(new Audio(), { preload: "auto" });
    this.voice = Object.assign(new Audio(), { preload: "auto" });
  }

  /** Sets how loud an element plays, 0 to 2. */
  level(element, value) {
    let node = this.nodes.get(element);
    if (!node && value > 1 && this.ours(element)) node = this.connect(element);
    element.volume = node ? 1 : Math.min(1, value);
    node?.gain.setTargetAtTime(value, this.context.currentTime, RAMP / 1000);
  }

  /** Web Audio hears only what is of this origin; another host's media keeps to the element's own volume. */
  ours(element) {
    const { src } = element;
    return src.startsWith("blob:") || src.startsWith(location.origin);
  }

  connect(element) {
    this.context ??= new AudioContext();
    this.context.resume();
    const node = this.context.createGain();
    this.context.createMediaElementSource(element).connect(node).connect(this.context.destination);
    this.nodes.set(element, node);
    return node;
  }

  /** Loads what is to be heard; called when the edit changed. */
  load() {
    const { sound, voice } = this.model.state;
    this.assign(this.sound, sound?.preview ?? "");
    this.assign(this.voice, voice ? this.model.source(voice.source)?.url ?? "" : "");
  }

  assign(audio, url) {
    if ((audio.dataset.from ?? "") === url) return;
    audio.pause();
    audio.dataset.from = url;
    if (url) audio.src = url;
    else audio.removeAttribute("src");
  }

  /** How loud the clip's own sound is (or that of the stitched clip). */
  own(segment) {
    const { state } = this.model;
    if (segment?.clip === -1) return state.remix_volume;
    if (this.quiet) return 0; // a voice is being recorded
    return state.sound ? state.sound.original_volume : state.volume;
  }

  /** Keeps sound and voice where the picture is. */
  follow(time, playing) {
    const { state, duration } = this.model;
    if (this.quiet) return;
    if (state.sound) this.step(this.sound, state.sound.start + time, soundLevel(state.sound, time, duration), playing);
    if (state.voice) this.step(this.voice, time - state.voice.start, time < state.voice.start ? 0 : state.voice.volume, playing && time >= state.voice.start);
  }

  step(audio, at, level, playing) {
    if (!audio.dataset.from) return;
    const over = Number.isFinite(audio.duration) && at >= audio.duration;
    if (!playing || over || at < 0) {
      if (!audio.paused) audio.pause();
      return;
    }
    this.level(audio, level);
    if (Math.abs(audio.currentTime - at) > DRIFT) audio.currentTime = at;
    if (audio.paused) audio.play().catch(() => {});
  }

  silence() {
    this.sound.pause();
    this.voice.pause();
  }

  close() {
    this.silence();
    this.context?.close();
  }
}
