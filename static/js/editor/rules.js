// What the server's renderer goes by (videos.edits.for_editor): looks, fonts, limits, the geometry of duets and blur. The page
// carries it as JSON, so that the preview computes with the same numbers.

const held = document.getElementById("edit-rules");

export const rules = held ? JSON.parse(held.textContent) : null;

/** An SVG matrix of a look: rows of (red, green, blue, 1) become rows of (red, green, blue, alpha, 1). */
export const matrixOf = (look) => [...look.matrix.map(([r, g, b, one]) => [r, g, b, 0, one].join(" ")), "0 0 0 1 0"].join("  ");
