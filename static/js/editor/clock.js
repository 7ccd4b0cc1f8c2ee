// Times as people read them.

/** 75.24 → "1:15.2"; without tenths "1:15". */
export function clock(seconds, tenths = true) {
  const value = Math.max(0, tenths ? Math.round(seconds * 10) / 10 : Math.floor(seconds));
  const minutes = Math.floor(value / 60);
  const rest = value - minutes * 60;
  return `${minutes}:${tenths ? rest.toFixed(1).padStart(4, "0") : String(rest).padStart(2, "0")}`;
}

/** What a screen reader says of a moment. */
export const spoken = (seconds) => interpolate(gettext("%(seconds)s seconds"), { seconds: (Math.round(seconds * 10) / 10).toLocaleString(document.documentElement.lang) }, true);
