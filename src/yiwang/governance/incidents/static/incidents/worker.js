// Keeps the report page and what it is made of, so that it opens without a network. Nothing else is kept, no answers of the API.
const KEPT = "yiwang-grid-1";
const isKept = (request) => {
  const url = new URL(request.url);
  return request.method === "GET" && url.origin === location.origin && (url.pathname.startsWith("/static/") || url.pathname === "/grid/report");
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page says what it was made of: it was loaded before we were here.
self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep));
});

async function keep(addresses) {
  const cache = await caches.open(KEPT);
  await Promise.allSettled(addresses.map(async (address) => put(cache, address, await fetch(address))));
}

async function put(cache, request, response) {
  // A redirect leads to the sign-in page: that is not ours to keep.
  if (response.ok && !response.redirected) await cache.put(request, response.clone());
  return response;
}

self.addEventListener("fetch", (event) => {
  if (isKept(event.request)) event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(KEPT);
  try {
    return await put(cache, request, await fetch(request));
  } catch (away) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw away;
  }
}
