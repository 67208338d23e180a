/**
 * Floors: who may import whom. A floor sees only the floors below it, so that each can be read, tested and moved alone.
 *
 *    react           screens' hooks                  device, action, core
 *    transport       adapters                        core, and the types of device and server
 *    device  server  one device | the authority      core, store, never each other
 *    store           SQL behind one interface        core
 *    core            pure decisions                  core, zod, hashing
 */
import { posix } from 'node:path'
import { type Finding, isCode, isTest, lineAt, parse, type Source } from './source'

interface Room {
  readonly name: string
  readonly holds: RegExp
  /** Files of the repository it may import; `types` only with `import type`. */
  readonly files: readonly RegExp[]
  readonly types?: readonly RegExp[]
  /** Packages it may (or may not) import. */
  readonly packages?: readonly RegExp[]
  readonly notPackages?: readonly RegExp[]
  readonly instead: string
}

const contracts = /^lib\/sync\/(action|model)$/
const core = /^lib\/sync\/core\//
const store = /^lib\/sync\/store\//
const device = /^lib\/sync\/device\//
const server = /^lib\/sync\/server\//
const screensAndAdapters = [/^react($|\/|-dom)/, /^next($|\/)/, /^@trpc\//]
const nodeModules = [/^node:/]

/** The first room that holds a file decides. A file that no room holds (scripts, tests, configuration) may import all. */
const rooms: readonly Room[] = [
  {
    name: 'a composition file',
    holds: /^(app\/_engine\/|server\/sync\.ts$)/,
    files: [/./],
    instead: '',
  },
  {
    name: 'core',
    holds: core,
    files: [core],
    packages: [/^zod$/, /^@noble\/hashes\//, /^uuid$/],
    instead: 'Core is pure: pass what it needs as plain data, or move the code to the floor that has it.',
  },
  {
    name: 'store',
    holds: store,
    files: [core, store, contracts],
    notPackages: [...screensAndAdapters, ...nodeModules],
    instead: 'Store knows only SQL and core: let device or server call it with what it needs.',
  },
  {
    name: 'device',
    holds: device,
    files: [core, store, device, contracts],
    notPackages: [...screensAndAdapters, ...nodeModules],
    instead:
      'A device never meets the server or a screen: what both sides share belongs in core, adapters in transport.',
  },
  {
    name: 'server',
    holds: server,
    files: [core, store, server, contracts],
    notPackages: [...screensAndAdapters, ...nodeModules],
    instead: 'The authority also runs in a browser page: no Node, no device, no tRPC. Take it as an interface.',
  },
  {
    name: 'transport',
    holds: /^lib\/sync\/transport\//,
    files: [core, contracts, /^lib\/sync\/transport\//],
    types: [device, server],
    notPackages: [/^react($|\/|-dom)/],
    instead:
      'A transport adapts interfaces: import types of device and server, and let the composition hand it the rest.',
  },
  {
    name: 'react',
    holds: /^lib\/sync\/react\//,
    files: [core, device, contracts, /^lib\/sync\/react\//],
    notPackages: [/^next($|\/)/, /^@trpc\//, ...nodeModules],
    instead: 'Hooks talk to the device client only: what they need of the store or server comes through it.',
  },
  {
    name: 'the contracts of the engine',
    holds: contracts,
    files: [core, contracts],
    packages: [/^zod$/, /^drizzle-orm/],
    instead: 'Business rules import this file: keep it free of the engine.',
  },
  {
    name: 'actions',
    holds: /^lib\/actions\//,
    files: [/^lib\/sync\/action$/, /^lib\/actions\//, /^db\/(schema|columns)$/],
    packages: [/^zod$/, /^drizzle-orm/, /^fractional-indexing$/],
    instead:
      'An action is a rule about rows: it imports lib/sync/action, db/schema, zod and drizzle operators. [ACT-1]',
  },
  {
    name: 'queries',
    holds: /^lib\/queries\//,
    files: [/^lib\/queries\//, /^db\/(schema|columns)$/],
    types: [/^lib\/sync\/action$/],
    packages: [/^zod$/, /^drizzle-orm/],
    instead: 'What screens read is drizzle selects over db/schema, which a screen and the server both import.',
  },
  {
    name: 'server/',
    holds: /^server\//,
    files: [server, core, contracts, /^lib\/(actions|queries)(\/|$)/, /^db\//, /^server\//],
    types: [store],
    notPackages: [/^react($|\/|-dom)/],
    instead: 'Put engine, transport and actions together in server/sync.ts and import that.',
  },
  {
    name: 'an HTTP entry point',
    holds: /^app\/api\//,
    files: [/^server\//, /^lib\/actions(\/|$)/, /^db\//, contracts, core],
    instead: 'A route handler is thin: import server/ and call it.',
  },
  {
    name: 'app/',
    holds: /^app\//,
    files: [/^app\//, /^lib\/sync\/react(\/|$)/, /^lib\/(actions|queries)(\/|$)/, /^db\/(schema|columns)$/, contracts],
    types: [/^server\//, core],
    instead: 'Screens use hooks of lib/sync/react and actions; put engine parts together in app/_engine.',
  },
]

export function checkFloors(sources: readonly Source[]): Finding[] {
  return sources.filter((source) => isCode(source) && !isTest(source)).flatMap(checkImports)
}

function checkImports(source: Source): Finding[] {
  const room = rooms.find(({ holds }) => holds.test(source.path) || holds.test(withoutExtension(source.path)))
  if (room === undefined) return []
  return importsOf(source).flatMap(({ target, typeOnly, offset }) => {
    if (isAllowed(room, target, typeOnly)) return []
    const what = target.file ?? target.package
    const message = `${room.name} may not import ${typeOnly ? '(even types of) ' : ''}"${what}". ${room.instead}`
    return [{ path: source.path, line: lineAt(source, offset), message }]
  })
}

function isAllowed(room: Room, target: Target, typeOnly: boolean): boolean {
  const { file } = target
  if (file !== undefined) {
    return (
      room.files.some((each) => each.test(file)) || (typeOnly && (room.types ?? []).some((each) => each.test(file)))
    )
  }
  if (room.packages !== undefined) return room.packages.some((each) => each.test(target.package))
  return !(room.notPackages ?? []).some((each) => each.test(target.package))
}

type Target = { readonly file: string; readonly package?: never } | { readonly file?: never; readonly package: string }

interface Import {
  readonly target: Target
  readonly typeOnly: boolean
  readonly offset: number
}

/** Static and dynamic imports, re-exports, and `new URL('./x', import.meta.url)`, which is how a worker is imported. */
function importsOf(source: Source): Import[] {
  const { staticImports, staticExports, dynamicImports } = parse(source).module
  const found: Import[] = []
  const add = (specifier: string, offset: number, typeOnly: boolean) =>
    found.push({ target: targetOf(source.path, specifier), typeOnly, offset })
  for (const each of staticImports) {
    const statement = source.text.slice(each.start, each.end)
    const typeOnly =
      statement.startsWith('import type') || (each.entries.length > 0 && each.entries.every((e) => e.isType))
    add(each.moduleRequest.value, each.start, typeOnly)
  }
  for (const { entries } of staticExports) {
    const from = entries.find((entry) => entry.moduleRequest !== null)
    if (from?.moduleRequest)
      add(
        from.moduleRequest.value,
        from.start,
        entries.every((entry) => entry.isType),
      )
  }
  for (const each of dynamicImports) {
    const text = source.text.slice(each.moduleRequest.start, each.moduleRequest.end)
    if (/^['"`]/.test(text)) add(text.slice(1, -1), each.start, false)
  }
  for (const match of source.text.matchAll(/new URL\(\s*'(\.[^']+)',\s*import\.meta\.url/g)) {
    add(match[1] ?? '', match.index, false)
  }
  return found
}

function targetOf(from: string, specifier: string): Target {
  if (specifier.startsWith('@/')) return { file: withoutExtension(specifier.slice(2)) }
  if (specifier.startsWith('.')) return { file: withoutExtension(posix.join(posix.dirname(from), specifier)) }
  return { package: specifier }
}

function withoutExtension(path: string): string {
  return path.replace(/\.(ts|tsx|js|mjs)$/, '')
}
