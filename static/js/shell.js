// What every page has: the theme button, toasts that the server wrote, the socket and its badges, the log-in dialog.

import { signedIn } from "app/api";
import { allowed } from "app/gate";
import "app/follow";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const themeNow = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  const paint = () => button.querySelector("use")?.setAttribute("href", themeNow() === "dark" ? "#i-sun" : "#i-moon");
  paint();
  button.addEventListener("click", () => {
    const theme = themeNow() === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    // A cookie, so that the server draws the next page in this theme and nothing flashes.
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = theme === "dark" ? "#0d0e12" : "#fbfaf7";
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    paint();
  });
}

// Of a row of tabs that is wider than the screen, the one that is open shows.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

for (const box of document.querySelectorAll("[data-toast]")) setTimeout(() => box.remove(), 6000);

document.addEventListener("signed-out", () => {
  if (location.pathname === "/accounts/logout/") return; // on the way out already; coming back here would ask to leave again
  if (signedIn) location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
  else allowed("");
});

/** Sets a badge everywhere on the page; `counts` is {messages, notifications}. */
function showBadges(counts) {
  for (const [name, count] of Object.entries(counts)) {
    for (const badge of document.querySelectorAll(`[data-badge="${name}"]`)) {
      badge.textContent = count > 99 ? "99+" : String(count);
      badge.hidden = !count;
    }
  }
}

document.addEventListener("badge", (event) => showBadges(event.detail ?? {}));

if (signedIn) {
  import("app/bell") // connects the socket, whose frames are events of the document too
    .then(({ showInTitle }) => {
      for (const badge of document.querySelectorAll(".sidebar [data-badge]")) showInTitle({ [badge.dataset.badge]: parseInt(badge.textContent, 10) || 0 });
      document.addEventListener("badge", (event) => showInTitle(event.detail ?? {}));
    })
    .catch(() => {});
}

// What an earlier page of this tab could not tell analytics any more.
try {
  if ((sessionStorage.getItem("beacons") ?? "[]") !== "[]") import("app/visits").then(({ resend }) => resend()).catch(() => {});
} catch {
  // No storage, nothing kept.
}

for (const link of document.querySelectorAll("[data-gate]")) {
  link.addEventListener("click", (event) => {
    if (!allowed(link.dataset.gate)) event.preventDefault();
  });
}

if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", async () => {
    try {
      await navigator.serviceWorker.register("/sw.js");
      if (localStorage.getItem("push")) (await import("app/push")).keep(); // somebody let this browser be pushed to
    } catch {
      // Without it there is no offline page and no push; everything else works.
    }
  });
}
