// Duets and stitches: the other's clip, fetched by its id, and what is chosen of it.

import { api } from "app/api";
import { chips, dial, percent } from "app/editor/controls";
import { rules } from "app/editor/rules";
import { Source } from "app/editor/sources";

/** The file of a clip that the editor plays: the largest up to 720 lines wide, which phones seek in quickly. */
export function fileOf(card) {
  const files = [...(card.playback?.mp4 ?? [])].sort((a, b) => b.height - a.height);
  return (files.find((file) => file.height <= 1280) ?? files.at(-1))?.url ?? "";
}

/** {kind, id, card, source} of the clip to answer, or {refusal: a sentence}. */
export async function loadRemix(kind, id) {
  try {
    const card = await api.get(`videos/${encodeURIComponent(id)}/`);
    const allowed = kind === "duet" ? card.viewer?.may_duet : card.viewer?.may_stitch;
    if (allowed === false) {
      const words = kind === "duet" ? gettext("%(name)s does not allow duets with this clip.") : gettext("%(name)s does not allow stitches of this clip.");
      return { refusal: interpolate(words, { name: `@${card.author.username}` }, true) };
    }
    const source = await new Source({ url: fileOf(card), name: card.author.username }).open();
    return { kind, id: String(card.id), card, source };
  } catch (error) {
    return { refusal: error.status === 404 ? gettext("The clip you wanted to answer is gone.") : error.message };
  }
}

/** What is taken of the other clip before anybody chose: its first seconds. */
export const firstSeconds = (source) => ({ start: 0, end: Math.min(rules.limits.stitch_seconds, source.duration || rules.limits.stitch_seconds) });

export class RemixTool {
  constructor(panel, tab, model) {
    const { kind, card } = model.remix;
    const name = `@${card.author.username}`;
    const duet = kind === "duet";
    tab.querySelector("[data-field=remix-name]").textContent = duet ? gettext("Duet") : gettext("Stitch");
    panel.querySelector("[data-field=remix-title]").textContent = interpolate(duet ? gettext("Duet with %(name)s") : gettext("Stitch of %(name)s"), { name }, true);
    panel.querySelector("[data-field=remix-line]").textContent = duet
      ? gettext("Both play at once, as long as your own part. Their clip is named and linked.")
      : gettext("Up to 5 seconds of their clip come first, then yours. Choose which with the handles of its strip. Their clip is named and linked.");
    const layout = panel.querySelector("[data-chips=layout]");
    layout.hidden = !duet;
    const writers = [
      chips(layout, { get: () => model.state.layout, set: (value) => model.change("layout", { layout: value }) }),
      dial(panel.querySelector("[data-dial=remix_volume]"), { get: () => model.state.remix_volume, set: (value) => model.change("remix-volume", { remix_volume: value }), text: percent }),
    ];
    model.addEventListener("change", () => writers.forEach((write) => write()));
  }
}
