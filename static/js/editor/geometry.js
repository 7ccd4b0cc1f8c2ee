// Where pictures lie in the finished frame: the same arithmetic as videos/edits.py and videos/composing.py.

import { rules } from "app/editor/rules";

/** Width by height of the finished frame. */
export function frameRatio(model) {
  const { main, state, remix } = model;
  if (remix?.kind === "duet") return layoutOf(state.layout).ratio;
  if (state.reframe !== "none" || !main?.width) return rules.vertical;
  return main.width / main.height;
}

export const layoutOf = (name) => rules.layouts.find((layout) => layout.name === name) ?? rules.layouts[0];

const WHOLE = { left: 0, top: 0, width: 1, height: 1 };

/** The panels of the frame: {own, other (null without a duet)}, in fractions of it. */
export function panels(model) {
  if (model.remix?.kind !== "duet") return { own: WHOLE, other: null };
  const { own, other } = layoutOf(model.state.layout);
  return { own, other };
}

const SAME_SHAPE = 0.01; // pictures whose proportions differ less are stretched rather than framed

/** How a segment's picture lies in its panel: "fill", "cover" (cut), "contain" (between bars) or "blur" (on its own copy). */
export function fitOf(model, segment) {
  const { own } = panels(model);
  if (sameShape(segment?.source, panelRatio(model, own))) return "fill";
  const { reframe } = model.state;
  const cut = reframe === "crop" && segment?.clip !== -1;
  if (cut) return "cover";
  if (model.remix?.kind === "duet" || reframe !== "none") return "blur";
  return "contain";
}

/** The other clip of a duet is shown whole. */
export const fitOfOther = (model) => (sameShape(model.remix.source, panelRatio(model, panels(model).other)) ? "fill" : "blur");

export const panelRatio = (model, panel) => (frameRatio(model) * panel.width) / panel.height;

const sameShape = (source, ratio) => Boolean(source?.width) && Math.abs(source.width / source.height / ratio - 1) < SAME_SHAPE;

/** What part of the picture is seen when it is cut to `ratio`: fractions of the picture. */
export function cropWindow(width, height, ratio, focusX, focusY) {
  const wide = Math.min(1, (ratio * height) / width);
  const high = Math.min(1, width / height / ratio);
  return { left: (1 - wide) * focusX, top: (1 - high) * focusY, width: wide, height: high };
}
