/** What a first visit loads, compressed, from the files of a build, and how much it may be. */
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from './steps'

/** In kilobytes, compressed. Raise one on purpose, in a commit that says what for. */
export const budgetKb: Readonly<Record<string, number>> = {
  scripts: 720,
  styles: 20,
  database: 8_600,
  rest: 300,
}

const kinds: Readonly<Record<string, string>> = {
  '.js': 'scripts',
  '.css': 'styles',
  '.wasm': 'database',
  '.data': 'database',
  '.gz': 'database',
}

/** Kilobytes by kind; `paths` are addresses, as the service worker keeps them. */
export function sizesKb(paths: readonly string[], read = readBuilt): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>()
  for (const path of paths) {
    const kind = kinds[extname(path)] ?? 'rest'
    const body = read(path)
    const size = /\.(gz|woff2|png)$/.test(path) ? body.length : gzipSync(body).length
    bytes.set(kind, (bytes.get(kind) ?? 0) + size)
  }
  return new Map([...bytes].map(([kind, size]) => [kind, Math.round(size / 1_000)]))
}

function readBuilt(path: string): Buffer {
  const isBuilt = path.startsWith('/_next/static/')
  return readFileSync(isBuilt ? join(root, '.next', path.slice('/_next/'.length)) : join(root, 'public', path))
}

/** A line for each kind that is larger than it may be. */
export function overBudget(sizes: ReadonlyMap<string, number>): string[] {
  return [...sizes].flatMap(([kind, kb]) => {
    const most = budgetKb[kind] ?? 0
    return kb <= most ? [] : [`${kind}: ${kb} kB, at most ${most} kB`]
  })
}
