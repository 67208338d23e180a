/** From a name, a version and raw input to a function that can run: the registry, upcasters and zod (ACT-4). */
import { ActionRejected, type ActionUser, type AnyAction } from '../action'
import { type ActionAudiences, audienceSet } from '../core/audience'
import { actionIds } from '../core/ids'
import { limits } from '../core/protocol'

export type Registry = ReadonlyMap<string, AnyAction>

/** The static list of an app as a map by name; two actions of one name are a mistake. */
export function createRegistry(actions: readonly AnyAction[]): Registry {
  const registry = new Map<string, AnyAction>()
  for (const action of actions) {
    if (registry.has(action.name)) throw new TypeError(`Two actions are named "${action.name}": rename one.`)
    registry.set(action.name, action)
  }
  return registry
}

export type ResolvedAction =
  | { readonly kind: 'known'; readonly definition: AnyAction; readonly input: unknown }
  /** The name or version is not in this build: it is held, not judged. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'invalid'; readonly message: string }

export function resolveAction(
  registry: Registry,
  offered: { readonly name: string; readonly version: number; readonly input: unknown },
): ResolvedAction {
  const definition = registry.get(offered.name)
  if (!definition) return { kind: 'unknown' }
  const upcast = offered.version === definition.version ? null : definition.versions?.[offered.version]
  if (upcast === undefined) return { kind: 'unknown' }
  try {
    const parsed = definition.input.safeParse(upcast ? upcast(offered.input) : offered.input)
    if (parsed.success) return { kind: 'known', definition, input: parsed.data }
    return {
      kind: 'invalid',
      message: parsed.error.issues
        .map((issue: { path: PropertyKey[]; message: string }) => `${issue.path.join('.')}: ${issue.message}`)
        .join('; '),
    }
  } catch (error) {
    return { kind: 'invalid', message: `The upcaster of version ${offered.version} failed: ${String(error)}` }
  }
}

/** What the action names, from its input, keyed ids and author alone (ACT-2, AUD-4). Throws what `audiences()` throws. */
export function namedAudiences(
  definition: AnyAction,
  input: unknown,
  record: { readonly id: string; readonly author: string },
): ActionAudiences {
  const ids = actionIds(record.id)
  const user: ActionUser = { id: record.author }
  const named: unknown = definition.audiences(input, { id: (key) => ids.id(key), user })
  const { writes, reads } = asLists(named)
  const audiences = audienceSet({ writes, reads, handedOut: ids.handedOut })
  const all = [...audiences.writes, ...audiences.reads]
  if (all.length === 0) throw new TypeError(`Action "${definition.name}" names no audience.`)
  if (all.length > limits.audiencesPerActionMax || all.some((audience) => !isAudienceName(audience))) {
    throw new ActionRejected('bad-audience')
  }
  return audiences
}

function asLists(named: unknown): { writes: readonly string[]; reads: readonly string[] } {
  if (Array.isArray(named)) return { writes: named as string[], reads: [] }
  const { writes, reads } = named as { writes: readonly string[]; reads?: readonly string[] }
  return { writes, reads: reads ?? [] }
}

/** `public` or `kind:id`, without characters that could mean something else in a log or a shape. */
function isAudienceName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= 200 && /^[a-z][a-z0-9-]*(:[\w.@+-]+)*$/.test(name)
}
