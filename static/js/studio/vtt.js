// WebVTT (W3C) as an editor needs it: cues with plain text in, cues out. SubRip files, which differ by little, are read too.

const LINE = /^\s*((?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{1,3})\s*-->\s*((?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{1,3})/;

/** Seconds from "1:02.5", "00:01:02.500", "62.5" or "62,5"; NaN for anything else. */
export function seconds(text) {
  const parts = text.trim().replace(",", ".").split(":");
  if (parts.length > 3 || parts.some((part, i) => !(i === parts.length - 1 ? /^\d+(\.\d*)?$/ : /^\d+$/).test(part))) return NaN;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

const pad = (value, length = 2) => String(value).padStart(length, "0");

/** A time as people read it: 62.5 → "1:02.500". */
export function clock(value) {
  const ms = Math.max(0, Math.round(value * 1000));
  return `${Math.floor(ms / 60_000)}:${pad(Math.floor(ms / 1000) % 60)}.${pad(ms % 1000, 3)}`;
}

function stamp(value) {
  const ms = Math.max(0, Math.round(value * 1000));
  return `${pad(Math.floor(ms / 3_600_000))}:${pad(Math.floor(ms / 60_000) % 60)}:${pad(Math.floor(ms / 1000) % 60)}.${pad(ms % 1000, 3)}`;
}

/** Tags are dropped; a parsed, never inserted, document knows the entities. */
function plain(text) {
  return new DOMParser().parseFromString(text.replace(/<[^>\n]*>/g, ""), "text/html").documentElement.textContent;
}

/** [{start, end, text}] in the order of the file; notes, styles and everything else is left out. */
export function parse(text) {
  const cues = [];
  for (const block of text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => LINE.test(line));
    if (at < 0 || at > 1) continue;
    const [, start, end] = LINE.exec(lines[at]);
    const words = lines.slice(at + 1).map((line) => plain(line).trim()).filter(Boolean).join("\n");
    if (words) cues.push({ start: seconds(start), end: seconds(end), text: words });
  }
  return cues;
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The file of these cues, in order of time. Empty lines inside a cue would end it, so they go. */
export function write(cues) {
  const blocks = [...cues].sort((a, b) => a.start - b.start || a.end - b.end).map(({ start, end, text }) => {
    const words = text.split("\n").map((line) => line.trim()).filter(Boolean).map(escaped).join("\n");
    return words && `${stamp(start)} --> ${stamp(end)}\n${words}\n`;
  });
  return `WEBVTT\n\n${blocks.filter(Boolean).join("\n")}`;
}
