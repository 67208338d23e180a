/**
 * What the service worker does with a request, so that the app opens without a network (the screens are static, the data
 * is in the device's database). Pure.
 *
 * ```
 *  page   network, shortly ─▶ ours? show it        no, or not in time ─▶ the page of the build that is kept here
 *  file   named by its content: kept here? take it      no ─▶ network
 *  else   none of its business (API, other origins, anything that is not GET)
 * ```
 *
 * Builds are never mixed: a page names its own files, and those of a build are kept as a whole or not at all.
 */

/** What one build consists of; written by `npm run build`. */
export interface Manifest {
  readonly build: string
  /** Paths of pages. */
  readonly pages: readonly string[]
  /** Paths of everything that pages load; most are named by their content. */
  readonly files: readonly string[]
}

export type Answer = { readonly kind: 'page' | 'file'; readonly path: string } | { readonly kind: 'pass' }

interface Asked {
  readonly method: string
  readonly url: string
  readonly mode: string
}

export function planAnswer({ method, url, mode }: Asked, manifest: Manifest, origin: string): Answer {
  const { origin: other, pathname: path } = new URL(url)
  if (method !== 'GET' || other !== origin) return { kind: 'pass' }
  if (mode === 'navigate') return manifest.pages.includes(path) ? { kind: 'page', path } : { kind: 'pass' }
  return manifest.files.includes(path) || isNamedByContent(path) ? { kind: 'file', path } : { kind: 'pass' }
}

/** Files of an older build may still be asked for by a tab that runs it. */
function isNamedByContent(path: string): boolean {
  return path.startsWith('/_next/static/')
}

interface Told {
  readonly ok: boolean
  readonly redirected: boolean
  readonly type: string
  readonly headers: { get(name: string): string | null }
}

/** Not a page of a captive portal, of a proxy or of a server in trouble: every answer of ours carries its policy (FM-32). */
export function isOurs({ ok, redirected, type, headers }: Told): boolean {
  return ok && !redirected && type === 'basic' && headers.get('content-security-policy') !== null
}

const prefix = 'beamline-build-'
export const cacheName = (build: string) => `${prefix}${build}`

/** Caches to be dropped once this build is kept: all but its own and the newest one before it. */
export function planCleaning(names: readonly string[], build: string): string[] {
  const own = cacheName(build)
  const others = names.filter((name) => name.startsWith(prefix) && name !== own)
  const newest = others.reduce((latest, name) => (isNewer(name, latest) ? name : latest), '')
  return others.filter((name) => name !== newest)
}

/** Builds are numbers that grow. */
function isNewer(name: string, than: string): boolean {
  return than === '' || Number(name.slice(prefix.length)) > Number(than.slice(prefix.length))
}
