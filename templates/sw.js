{% load static %}// The offline shell (socialapp/offline.py): navigations that fail get a page that says so. Nothing else is touched.
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
