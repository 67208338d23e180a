/** Documents name files that exist: a walk through the code that leads to a missing door is worse than none. */
import { posix } from 'node:path'
import { type Finding, lineAt, type Source } from './source'

const rooms = '(?:app|db|docs|lib|public|scripts|server|tests)'
/** `lib/sync/core/hlc.ts` in backticks; patterns with a star and paths inside code blocks are not meant literally. */
const namedFile = new RegExp(`\`(${rooms}/[\\w()[\\]./-]+\\.(?:tsx?|js|mjs|md|json|css|grit|sql))\``, 'g')
/** `[text](../SPEC.md#anchor)`, not addresses of the web. */
const link = /\]\((?![a-z]+:)([^)#\s]+)(?:#[^)]*)?\)/g

export function checkDocuments(sources: readonly Source[]): Finding[] {
  const paths = new Set<string>()
  for (const { path } of sources) {
    const parts = path.split('/')
    for (let end = 1; end <= parts.length; end += 1) paths.add(parts.slice(0, end).join('/'))
  }
  return sources
    .filter((source) => source.path.endsWith('.md'))
    .flatMap((source) => {
      const text = withoutCodeBlocks(source.text)
      const named = [...text.matchAll(namedFile)].map((match) => ({ file: match[1] ?? '', offset: match.index }))
      const folder = posix.dirname(source.path)
      const linked = [...text.matchAll(link)].map((match) => ({
        file: posix.normalize(posix.join(folder, match[1] ?? '')).replace(/\/$/, ''),
        offset: match.index,
      }))
      return [...named, ...linked]
        .filter(({ file }) => !paths.has(file))
        .map(({ file, offset }) => ({
          path: source.path,
          line: lineAt(source, offset),
          message: `"${file}" does not exist. Name the file that took its place, or write it.`,
        }))
    })
}

/** The same length and lines, so that offsets stay right. */
function withoutCodeBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ' '))
}
