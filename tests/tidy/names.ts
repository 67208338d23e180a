/**
 * File names: kebab-case, and each says what it holds. A folder is the context, so a name does not repeat it; a file
 * called "utils" holds whatever nobody found a place for.
 */
import { posix } from 'node:path'
import { type Finding, isCode, isTest, parse, type Source } from './source'

const emptyNames = /^(utils?|helpers?|misc|commons?|types?)$/
const barrels = new Set(['lib/sync/react/index.ts', 'lib/actions/index.ts'])

export function checkNames(sources: readonly Source[]): Finding[] {
  return sources
    .filter((source) => isCode(source) && !source.path.startsWith('db/migrations/'))
    .flatMap((source) => complaints(source).map((message) => ({ path: source.path, line: 1, message })))
}

function complaints(source: Source): string[] {
  const found: string[] = []
  const stem = posix.basename(source.path).replace(/\.(ts|tsx|js|mjs)$/, '')
  for (const part of stem.split('.')) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part))
      found.push(`"${part}" is not kebab-case. Rename it, for example "live-query".`)
    if (emptyNames.test(part)) found.push(`"${part}" says nothing. Name the file after what it decides or does.`)
  }
  const folder = posix.basename(posix.dirname(source.path)).replace(/[()_[\]]/g, '')
  if (repeatsFolder(stem, folder) && !isTest(source)) {
    found.push(`"${stem}" repeats its folder "${folder}". The folder is the context: leave the word out.`)
  }
  if (isBarrel(source)) {
    found.push('A barrel file hides where things live. Import from the file itself.')
  }
  return found
}

/** `store/store-driver.ts` repeats; `store/driver.ts` and `issues/issue-card.tsx` do not. */
function repeatsFolder(stem: string, folder: string): boolean {
  return folder.length > 2 && (stem === folder || stem.startsWith(`${folder}-`))
}

function isBarrel(source: Source): boolean {
  if (barrels.has(source.path)) return false
  if (/(^|\/)index\.tsx?$/.test(source.path)) return true
  const { body } = parse(source).program
  return (
    body.length > 0 &&
    body.every((node) => /^Export(All|Named)Declaration$/.test(node.type) && 'source' in node && node.source)
  )
}
