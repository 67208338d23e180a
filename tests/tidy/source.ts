/**
 * The tree as the tidy tests see it: files with their text, parsed once when a rule asks for it.
 *
 * A rule is a function from sources to findings, so that each can be tested on files that exist only as strings.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, posix } from 'node:path'
import { type Node, type ParseResult, parseSync, visitorKeys } from 'oxc-parser'

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** One broken rule of the house. The message says what to do instead. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

const skippedFolders = new Set([
  'node_modules',
  '.git',
  '.next',
  '.data',
  '.cache',
  'test-results',
  'playwright-report',
])
const textExtensions = new Set([
  '.ts',
  '.tsx',
  '.js',
  '.mjs',
  '.json',
  '.md',
  '.css',
  '.sql',
  '.yml',
  '.yaml',
  '.grit',
  '.sh',
  '.html',
  '.svg',
])
/** `.git` is a file in a second working tree of a repository. */
const skippedFiles = new Set(['package-lock.json', 'next-env.d.ts', '.git'])

/** Every text file of the repository, sorted by path. Files without an extension (`.ci/run`, LICENSE) are text too. */
export function readTree(root: string): Source[] {
  const sources: Source[] = []
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) visit(path)
      if (!entry.isFile() || skippedFiles.has(entry.name) || entry.name.startsWith('.env')) continue
      const extension = extname(entry.name)
      if (extension === '' || textExtensions.has(extension)) {
        sources.push({ path, text: readFileSync(join(root, path), 'utf8') })
      }
    }
  }
  visit('')
  return sources.sort((a, b) => (a.path < b.path ? -1 : 1))
}

export function isCode(source: Source): boolean {
  return /\.(ts|tsx|js|mjs)$/.test(source.path)
}

export function isTest(source: Source): boolean {
  return source.path.startsWith('tests/') || /\.test\.tsx?$/.test(source.path)
}

const parsed = new WeakMap<Source, ParseResult>()

export function parse(source: Source): ParseResult {
  const known = parsed.get(source)
  if (known !== undefined) return known
  const result = parseSync(source.path, source.text)
  const [error] = result.errors
  if (error !== undefined) throw new SyntaxError(`${source.path}: ${error.message}`)
  parsed.set(source, result)
  return result
}

const lineStarts = new WeakMap<Source, readonly number[]>()

/** From 1. */
export function lineAt(source: Source, offset: number): number {
  const known = lineStarts.get(source)
  const starts = known ?? [0, ...[...source.text.matchAll(/\n/g)].map((match) => match.index + 1)]
  if (known === undefined) lineStarts.set(source, starts)
  const line = starts.findLastIndex((start) => start <= offset)
  return line + 1
}

/** Calls `enter` for every node of a file, parents first; `ancestors` ends with the node's parent. */
export function walk(source: Source, enter: (node: Node, ancestors: readonly Node[]) => void): void {
  const visit = (node: Node, ancestors: readonly Node[]) => {
    enter(node, ancestors)
    const inner = [...ancestors, node]
    for (const key of visitorKeys[node.type] ?? []) {
      const child: unknown = Reflect.get(node, key)
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) visit(each, inner)
    }
  }
  visit(parse(source).program, [])
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
