/** Bytes over the wire, by kind, as the browser's own network events count them (compressed, bodies and headers). */
import type { BrowserContext } from '@playwright/test'

export interface Travelled {
  readonly kind: string
  readonly files: number
  readonly bytes: number
}

const kinds: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^\/api\//, 'calls'],
  [/\.wasm$/, 'wasm'],
  [/\.data$/, 'data of PGlite'],
  [/^\/prepared\//, 'prepared database'],
  [/\.js$/, 'scripts'],
  [/\.css$/, 'styles'],
  [/\.woff2$/, 'fonts'],
]

/** Counts from now on; the answer is what there was until it is asked. */
export function countBytes(context: BrowserContext): () => Promise<Travelled[]> {
  const finished: Promise<readonly [path: string, bytes: number]>[] = []
  context.on('requestfinished', (request) => {
    const sized = request.sizes().then(({ responseBodySize, responseHeadersSize }) => {
      const { pathname } = new URL(request.url())
      return [pathname, responseBodySize + responseHeadersSize] as const
    })
    // Asked for too late, when the page is gone, is not counted.
    sized.catch(() => undefined)
    finished.push(sized)
  })
  return async () => {
    const found = new Map<string, Travelled>()
    for (const [path, size] of await Promise.all(finished)) {
      const kind = kinds.find(([pattern]) => pattern.test(path))?.[1] ?? 'pages and the rest'
      const { files, bytes } = found.get(kind) ?? { files: 0, bytes: 0 }
      found.set(kind, { kind, files: files + 1, bytes: bytes + size })
    }
    const all = [...found.values()].sort((left, right) => right.bytes - left.bytes)
    const total = all.reduce((sum, { files, bytes }) => ({ files: sum.files + files, bytes: sum.bytes + bytes }), {
      ...{ files: 0, bytes: 0 },
    })
    return [...all, { kind: 'in all', ...total }]
  }
}
