// The service worker: keeps the shell (the program, never a page about a person), and answers a page that cannot
// be reached with it, at its own address. The server writes a line before this text: VERSION, a mark of the
// shell's files, SHELL, their addresses, and PRINTS, what those hold that do not come in the one answer (SHA-256).
/* global VERSION, SHELL, PRINTS */
const NAME = `redbag-shell-${VERSION}`;
const PATIENCE = 8_000; // a page about residents or a journey that has not begun to come by then
const DAILY = /^\/(residents|transfers)?(\/|$)/;
const AWAY = [502, 503, 504];
const SHORTLY = 10_000;
let away = 0; // when a page could not be had last: its files are not asked for either
const unsent = new Map(); // a form that could not be sent, for the page that stands in its place

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(NAME);
      const files = await bundle();
      await Promise.all(Object.entries(files).map(([path, [type, text]]) => shell.put(path, new Response(text, { headers: { "Content-Type": type } }))));
      await Promise.all(SHELL.filter((path) => !(path in files)).map(async (path) => shell.put(path, await brought(path))));
      await self.skipWaiting();
    })(),
  );
});

/** Most of the shell in one answer; nothing where that cannot be had, and then each file comes by itself. */
async function bundle() {
  const answer = await fetch(`/offline/files?version=${VERSION}`, { cache: "no-cache" });
  return answer.ok ? answer.json() : {};
}

/** A file that comes by itself: as a page has just brought it, where that is this version's, else from the server. */
async function brought(path) {
  if (path in PRINTS) {
    const had = await fetch(path, { cache: "force-cache" });
    if (had.ok && (await print(had.clone())) === PRINTS[path]) {
      return had;
    }
  }
  const answer = await fetch(path, { cache: "no-cache" });
  if (!answer.ok) {
    throw new Error(`${path}: ${answer.status}`);
  }
  return answer;
}

async function print(answer) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("redbag-shell-") && name !== NAME) {
          await caches.delete(name);
        }
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(event, address));
  } else if (request.method === "GET" && SHELL.includes(address.pathname)) {
    event.respondWith(file(request, address.pathname));
  }
});

/** What the page that stands in for a form's answer asks: the form, once. */
self.addEventListener("message", (event) => {
  if (event.data === "unsent?") {
    event.source.postMessage({ unsent: unsent.get(event.source.id) ?? null });
    unsent.delete(event.source.id);
  }
});

async function page(event, address) {
  const { request } = event;
  const form = request.method === "POST" ? request.clone() : null;
  try {
    const answer = await patient(request, request.method === "GET" && DAILY.test(address.pathname));
    return AWAY.includes(answer.status) ? ((await inItsPlace(event, form)) ?? answer) : answer;
  } catch (problem) {
    const shell = await inItsPlace(event, form);
    if (shell) {
      return shell;
    }
    throw problem;
  }
}

async function patient(request, limited) {
  if (!limited) {
    return fetch(request);
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(request, { signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function inItsPlace(event, form) {
  const shell = await caches.match("/offline");
  away = Date.now();
  if (shell && form) {
    const fields = await form
      .formData()
      .then((data) => [...data].filter(([, value]) => typeof value === "string"))
      .catch(() => []);
    const kept = { path: new URL(form.url).pathname, fields, at: Date.now() };
    unsent.set(event.resultingClientId, kept);
  }
  return shell;
}

/** A file of the shell: the server's, and where that cannot be had the one that was kept. */
async function file(request, path) {
  const kept = await caches.match(path);
  if (!kept) {
    return fetch(request);
  }
  if (Date.now() - away < SHORTLY) {
    return kept;
  }
  try {
    const answer = await patient(request, true);
    return answer.ok || answer.type === "opaqueredirect" ? answer : kept;
  } catch {
    return kept;
  }
}
