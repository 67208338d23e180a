/**
 * Fingerprints of everything that decides what a replay comes to (DEP-1): the code of each action, bundled alone, and the
 * rules of the database. Two builds with equal fingerprints run accepted actions to the same end.
 *
 * An action's bundle has its own code and what it uses of the other files of `lib/actions`, nothing else: a change of one
 * action is no change of its neighbour. Comments and layout are gone. Packages count by their version, tables by the
 * migrations (DEP-2), the engine by its own number.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { parseSync } from 'oxc-parser'
import type { AnyAction } from '../lib/sync/action'
import { canonicalJson } from '../lib/sync/core/canonical-json'
import { engineVersion, type Fingerprints } from '../lib/sync/core/deploy'
import type { SyncModel } from '../lib/sync/model'
import { root } from './steps'

export interface ShippedCode {
  /** The module that exports the actions by name, from the root. */
  readonly entry: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly model: Pick<SyncModel, 'grants' | 'policies' | 'functions'>
  /** Where modules are; for tests. */
  readonly directory?: string
}

export async function fingerprintsOf(code: ShippedCode): Promise<Fingerprints> {
  const prints: Record<string, string> = { rules: hash(canonicalJson(JSON.parse(JSON.stringify(code.model)))) }
  const actions = Object.entries(code.exports).filter((entry): entry is [string, AnyAction] => isAction(entry[1]))
  for (const [exported, action] of actions) {
    const body = await bundleOf(code, exported)
    // An older version is its upcaster and the code of today: changed when either is.
    for (const version of [action.version, ...Object.keys(action.versions ?? {}).map(Number)]) {
      prints[`action ${action.name}@${version}`] = hash(`${version} ${body}`)
    }
  }
  return Object.fromEntries(Object.entries(prints).sort(([left], [right]) => (left < right ? -1 : 1)))
}

function isAction(value: unknown): value is AnyAction {
  return typeof value === 'object' && value !== null && 'run' in value && 'audiences' in value && 'version' in value
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

async function bundleOf({ entry, directory = root }: ShippedCode, exported: string): Promise<string> {
  const packages = new Set<string>()
  const { outputFiles } = await build({
    stdin: { contents: `export { ${exported} as action } from ${JSON.stringify(`./${entry}`)}`, resolveDir: directory },
    ...{ bundle: true, write: false, format: 'esm', treeShaking: true, legalComments: 'none' },
    // Not the names: which short ones are free depends on all of a file.
    ...{ minifySyntax: true, minifyWhitespace: true },
    ...{ logLevel: 'silent', charset: 'utf8', plugins: [alone(directory, packages)] },
  })
  const versions = [...packages].sort().map((name) => `${name} ${versionOf(name)}`)
  return [...versions, `engine ${engineVersion}`, outputFiles[0]?.text ?? ''].join('\n')
}

/** Follows files of the actions and nothing else, and says of each constant that making it does nothing besides. */
function alone(directory: string, packages: Set<string>): Plugin {
  return {
    name: 'alone',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, kind, importer, resolveDir }) => {
        if (kind === 'entry-point') return null
        const isFile = path.startsWith('.') || path.startsWith('@/')
        const file = path.startsWith('@/') ? join(directory, path.slice(2)) : join(resolveDir, path)
        const place = relative(directory, file).replaceAll('\\', '/')
        if (isFile && !/^(db|lib\/sync)\//.test(place)) return { path: sourceFile(file) }
        if (!isFile && importer !== '') packages.add(packageOf(path))
        return { path: isFile ? place : path, external: true, sideEffects: false }
      })
      onLoad({ filter: /\.ts$/ }, ({ path }) => ({
        contents: pureConstants(path),
        loader: 'ts',
        resolveDir: dirname(path),
      }))
    },
  }
}

function sourceFile(file: string): string {
  const found = [file, `${file}.ts`, join(file, 'index.ts')].find((path) => extname(path) === '.ts' && existsSync(path))
  if (found === undefined) throw new Error(`An action imports ${file}, and there is no such file.`)
  return found
}

/** So that what this action does not use is left out: declaring actions and schemas has no effect of its own. */
function pureConstants(path: string): string {
  const text = readFileSync(path, 'utf8')
  const made = parseSync(path, text).program.body.flatMap((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') return []
    return declaration.declarations.flatMap(({ init }) => (init ? [init] : []))
  })
  return made.reverse().reduce((so, { start, end }) => {
    return `${so.slice(0, start)}/* @__PURE__ */ (() => (${so.slice(start, end)}))()${so.slice(end)}`
  }, text)
}

function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

function versionOf(name: string): string {
  const read: { version: string } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
  return read.version
}
