/** What a finished build says about its pages; used by `scripts/build.ts` for the content security policy. */
import { createHash } from 'node:crypto'

/** Sources for `script-src`, sorted, of every inline script that a browser would run. */
export function hashesOfInlineScripts(pages: readonly string[]): string[] {
  const hashes = new Set<string>()
  for (const page of pages) {
    for (const [, attributes = '', text = ''] of page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
      if (/\ssrc\s*=/i.test(attributes) || isData(attributes)) continue
      hashes.add(`'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    }
  }
  return [...hashes].sort()
}

function isData(attributes: string): boolean {
  const type = /\stype\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1]?.toLowerCase()
  return type !== undefined && type !== 'module' && !type.endsWith('/javascript')
}

/** Pages that are not finished at build time, whose inline scripts nobody can know. */
export function pagesPerRequest(
  routesByFile: Readonly<Record<string, string>>,
  prerendered: { readonly routes: Readonly<Record<string, unknown>> },
): string[] {
  return Object.entries(routesByFile)
    .filter(([file, route]) => file.endsWith('/page') && !(route in prerendered.routes))
    .map(([, route]) => route)
    .sort()
}

/** Routes that must exist in development only; a production build that has one is broken. */
export function developmentRoutes(routesByFile: Readonly<Record<string, string>>): string[] {
  return Object.values(routesByFile).filter((route) => route.startsWith('/api/dev'))
}
