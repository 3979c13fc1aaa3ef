/// <reference lib="webworker" />
// The service worker, one file. It keeps the app's own files, so that it opens offline; adds the
// headers that isolate a page on hosts that do not send them; and never asks another origin for anything.

const worker = self as unknown as ServiceWorkerGlobalScope;
/** Filled in by the build: the version, the files of a first visit, and those that are fetched when they are needed. */
declare const PRECACHE: { version: string; files: string[]; optional: string[] };

const SHELL = `burrow-shell-${PRECACHE.version}`;
/** Runtimes, models and samples: kept when they were fetched, until a version no longer has them. */
const ON_DEMAND = 'burrow-on-demand';
const optionalFiles = new Set(PRECACHE.optional.map((file) => new URL(file, worker.registration.scope).href));
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

worker.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(SHELL);
      await Promise.all(PRECACHE.files.map((file) => keep(cache, file)));
      await worker.skipWaiting();
    })(),
  );
});

/**
 * Names hold a hash, so what the browser just fetched for the page need not be fetched again; the page
 * itself must. A browser whose cache is full or busy fails such a request: the network then decides.
 */
async function keep(cache: Cache, file: string): Promise<void> {
  try {
    await cache.add(new Request(file, { cache: file === './' ? 'reload' : 'default' }));
  } catch {
    await cache.add(new Request(file, { cache: 'no-store' }));
  }
}

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith('burrow-shell-') && name !== SHELL);
      await Promise.all(old.map((name) => caches.delete(name)));
      const onDemand = await caches.open(ON_DEMAND);
      const outdated = (await onDemand.keys()).filter(({ url }) => !optionalFiles.has(url));
      await Promise.all(outdated.map((request) => onDemand.delete(request)));
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (
    request.method !== 'GET' ||
    url.origin !== worker.location.origin ||
    !url.href.startsWith(worker.registration.scope)
  )
    return;
  event.respondWith(request.mode === 'navigate' ? navigate(request) : asset(request));
});

/** A page: from the network where there is one, so that a new version is seen, else as it was kept. */
async function navigate(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  try {
    return isolated(await fetch(request));
  } catch {
    const kept = await cache.match(request.destination === 'document' ? './' : request, {
      ignoreSearch: true,
    });
    return kept ? isolated(kept) : Response.error();
  }
}

/** A file: as it was kept, else from the network, and kept when the build knows it. */
async function asset(request: Request): Promise<Response> {
  const kept = (await caches.match(request, { ignoreVary: true })) ?? undefined;
  if (kept) return isolated(kept);
  const response = await fetch(request);
  const mayKeep = response.status === 200 && optionalFiles.has(request.url);
  if (mayKeep) {
    const copy = response.clone();
    // A full disk must not fail the request that it was made for.
    void caches
      .open(ON_DEMAND)
      .then((cache) => cache.put(request, copy))
      .catch(() => undefined);
  }
  return isolated(response);
}

function isolated(response: Response): Response {
  if (response.type === 'opaque' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
