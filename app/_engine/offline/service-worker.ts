/**
 * The service worker: keeps the pages and files of one build, whole, and serves them without a network. What it decides is
 * in `plan.ts`. `npm run build` bundles it to `public/sw.js`, with the manifest of the build written in.
 */
import { cacheName, isOurs, type Manifest, planAnswer, planCleaning } from './plan'

declare const MANIFEST: Manifest
const worker = globalThis as unknown as ServiceWorkerGlobalScope

/** A network that lets us wait is worse than none: then the page comes from here. */
const pageMs = 3_000
const atOnce = 6

worker.addEventListener('install', (event) => event.waitUntil(keepBuild()))
worker.addEventListener('activate', (event) => event.waitUntil(takeOver()))
worker.addEventListener('fetch', (event) => {
  const answer = planAnswer(event.request, MANIFEST, worker.location.origin)
  if (answer.kind === 'page') event.respondWith(page(event.request, answer.path))
  if (answer.kind === 'file') event.respondWith(file(event.request))
})

/** All or nothing: a build of which one file is missing is not installed, and the browser tries again later. */
async function keepBuild(): Promise<void> {
  const cache = await caches.open(cacheName(MANIFEST.build))
  const left = [...MANIFEST.pages, ...MANIFEST.files]
  const keepSome = async () => {
    for (let path = left.shift(); path !== undefined; path = left.shift()) {
      const isPage = MANIFEST.pages.includes(path)
      const response = await fetch(path, { cache: isPage ? 'reload' : 'default' })
      if (!isOurs(response)) throw new Error(`${path} was not answered by this app.`)
      await cache.put(path, response)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, keepSome))
  // Tabs of the build before keep their files, so nobody has to wait for anybody.
  await worker.skipWaiting()
}

async function takeOver(): Promise<void> {
  for (const name of planCleaning(await caches.keys(), MANIFEST.build)) await caches.delete(name)
  await worker.clients.claim()
}

async function page(request: Request, path: string): Promise<Response> {
  const kept = await caches.match(path, { cacheName: cacheName(MANIFEST.build) })
  if (!kept) return fetch(request)
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(pageMs) })
    return isOurs(response) ? response : underItsOwnAddress(kept)
  } catch {
    // No network, or one that does not answer: what is kept is the app.
    return underItsOwnAddress(kept)
  }
}

/** As it is kept where that will do: only then the browser keeps what it compiled of it, and does not compile it again. */
async function file(request: Request): Promise<Response> {
  const kept = await caches.match(new URL(request.url).pathname)
  if (!kept) return fetch(request)
  return request.destination === 'worker' ? underItsOwnAddress(kept) : kept
}

/**
 * What is kept was fetched without a query or a fragment, and a page or a worker takes the address of its answer for its
 * own: it would not find what they tell it. A response that was made here has the address that was asked for.
 */
function underItsOwnAddress(kept: Response): Response {
  return new Response(kept.body, { status: kept.status, headers: kept.headers })
}
