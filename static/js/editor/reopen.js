// A clip that the server has already, opened in the editor again: its files as they came, its edit list, what was said.

import { api } from "app/api";
import { loadRemix } from "app/editor/remix";
import { Source } from "app/editor/sources";

const kept = (id, file, shown) => {
  const again = shown.get(String(file.place));
  return new Source({ file: again ?? null, url: again ? "" : `/upload/files/${id}/${file.place}/`, name: file.name, kept: file.place }).open();
};

/**
 * What Card takes as `given` for a clip of one's own; `shown` are files of it that the person chose again (place → File), whose
 * bytes have not all arrived. Raises ApiError (404 for others' clips).
 */
export async function reopen(id, shown = new Map()) {
  const [card, files] = await Promise.all([api.get(`videos/${encodeURIComponent(id)}/`), api.get(`/upload/files/${encodeURIComponent(id)}/`)]);
  const edit = card.edit ?? {};
  const [main, parts, voice] = await Promise.all([
    kept(id, files.main, shown),
    Promise.all(files.parts.map((part) => kept(id, part, shown))),
    files.voice ? kept(id, files.voice, shown) : null,
  ]);
  const sound = edit.sound ? await api.get(`sounds/${edit.sound.id}/`, { quiet: true }).catch(() => null) : null;
  const answered = card.remix?.video ? await loadRemix(card.remix.kind, card.remix.video.id) : null;
  const manual = card.state !== "draft";
  return {
    edited: { card, edit, main, parts, voice, sound },
    name: files.main.name || card.caption || "",
    remix: answered?.refusal ? null : answered,
    trim: edit.remix_trim,
    saved: { video: { id: card.id, url: card.url }, manual },
  };
}
