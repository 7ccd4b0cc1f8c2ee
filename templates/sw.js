{% load static %}// The offline shell (socialapp/offline.py): navigations that fail get a page that says so. And what is pushed
// (messaging/pushing.py): shown, opened, renewed. Nothing else is touched.
const PAGE = "{{ page|escapejs }}";
const CACHE = "shell-1";
const FILES = ["{% static 'css/alone.css' %}"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => registration.navigationPreload?.enable())
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    const page = () => new Response(PAGE, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
    event.respondWith(Promise.resolve(event.preloadResponse).then((early) => early ?? fetch(request)).catch(page));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request, { ignoreSearch: true }).then((held) => held ?? fetch(request)));
  }
});

// --- Pushes ------------------------------------------------------------------------------------------------------

const NAME = "{{ site_name|escapejs }}";
const ICON = "{% static 'img/app-icon.svg' %}";

addEventListener("push", (event) => event.waitUntil(ring(event.data)));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.newSubscription)));

async function ring(data) {
  let said = {};
  try {
    said = data.json();
  } catch {
    // A push without words still has to be shown: browsers take the permission away from sites that stay silent.
  }
  count(said.badge);
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  // Who looks at a page of ours is told there. Only then may a push stay silent.
  if (said.tag !== "test" && windows.some((one) => one.visibilityState === "visible" && one.focused)) return;
  const tag = said.tag || "site";
  const title = said.title || NAME;
  const body = said.body ?? "";
  const [before] = await registration.getNotifications({ tag });
  const known = before?.title === title && before?.body === body; // a worker that died after sending sends again
  await registration.showNotification(title, { body, tag, renotify: !known, silent: known, icon: said.icon || ICON, data: { url: said.url } });
}

/** The number on the app's icon, where there is one. */
function count(number) {
  if (number > 0) navigator.setAppBadge?.(number).catch(() => {});
  else if (number === 0) navigator.clearAppBadge?.().catch(() => {});
}

/** Go where the notification leads: a page that is there already, else a new one. A page in use is never sent elsewhere. */
async function open(path) {
  const url = new URL(path || "/inbox/", location.origin);
  if (url.origin !== location.origin) return;
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => new URL(one.url).pathname === url.pathname);
  await (there ? there.focus() : clients.openWindow(url.href));
}

/** The browser changed its address. Where it cannot read the token here, the next page tells it (static/js/push.js). */
async function renew(made) {
  const token = await self.cookieStore?.get("csrftoken");
  const key = await (await fetch("/api/v1/push/", { credentials: "same-origin" })).json();
  const options = { userVisibleOnly: true, applicationServerKey: key.public_key };
  const subscription = made ?? (await registration.pushManager.subscribe(options));
  await fetch("/api/v1/push/subscriptions/", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token?.value ?? "" },
    body: JSON.stringify(subscription),
  });
}
