/**
 * Which accepted actions a push forces to be replayed, and which locks that needs. Pure: the server reads the later
 * actions, asks here, and carries it out.
 */
import { userAudience } from './audience'
import { hashText } from './canonical-json'
import { compareReplayOrder } from './hlc'

export interface PlacedAction {
  readonly id: string
  readonly clock: string
  readonly author: string
  readonly writes: readonly string[]
  /** Audiences it reads and does not write. */
  readonly reads: readonly string[]
}

/**
 * The replay set T (ING-3), by forward propagation in replay order: an old action belongs when it names an audience
 * that a member before it wrote, or writes one that a member before it named. Symmetric closure over shared audiences
 * would replay almost everything (CX-10); testing writes only would let a newcomer see later writes to what it reads.
 */
export function replaySet<Old extends PlacedAction>(newcomers: readonly PlacedAction[], later: readonly Old[]): Old[] {
  const isNew = new Set(newcomers.map((action) => action.id))
  const walk: (PlacedAction | Old)[] = [...newcomers, ...later]
  walk.sort(compareReplayOrder)
  const written = new Set<string>()
  const named = new Set<string>()
  const members = new Set<string>()
  for (const action of walk) {
    const belongs =
      isNew.has(action.id) ||
      action.writes.some((audience) => named.has(audience)) ||
      action.reads.some((audience) => written.has(audience))
    if (!belongs) continue
    members.add(action.id)
    for (const audience of action.writes) written.add(audience)
    for (const audience of [...action.writes, ...action.reads]) named.add(audience)
  }
  return later.filter((action) => members.has(action.id)).sort(compareReplayOrder)
}

export interface LockPlan {
  /** Advisory lock keys, ascending, with their mode. */
  readonly locks: readonly { readonly key: string; readonly exclusive: boolean }[]
  /** Names behind the keys, to see whether a second look needs more. */
  readonly names: ReadonlyMap<string, boolean>
}

export const globalLockName = 'beamline'

/**
 * Locks of an ingest (ING-1): the global key shared, read audiences shared, written ones and the authors' `user:`
 * audiences exclusive; sorted as numbers, so that two ingests never wait for each other in a circle. `everything`
 * takes the global key exclusively instead.
 */
export function lockPlan(actions: readonly PlacedAction[], everything: boolean): LockPlan {
  const names = new Map<string, boolean>([[globalLockName, everything]])
  for (const action of actions) {
    for (const audience of action.reads) if (!names.get(audience)) names.set(audience, false)
    for (const audience of [...action.writes, userAudience(action.author)]) names.set(audience, true)
  }
  return planFor(names)
}

/** Locks of what is not an ingest and must not meet one: these audiences alone, exclusively. */
export function audienceLocks(audiences: readonly string[]): LockPlan {
  return planFor(new Map([[globalLockName, false], ...audiences.map((audience) => [audience, true] as const)]))
}

function planFor(names: ReadonlyMap<string, boolean>): LockPlan {
  const byKey = new Map<string, boolean>()
  for (const [name, exclusive] of names) byKey.set(lockKey(name), byKey.get(lockKey(name)) || exclusive)
  const locks = [...byKey].map(([key, exclusive]) => ({ key, exclusive }))
  locks.sort((left, right) => (BigInt(left.key) < BigInt(right.key) ? -1 : 1))
  return { locks, names }
}

/** Whether the locks of `held` are enough for `needed`. */
export function coversLocks(held: LockPlan, needed: LockPlan): boolean {
  if (held.names.get(globalLockName)) return true
  return [...needed.names].every(([name, exclusive]) => held.names.has(name) && (!exclusive || held.names.get(name)))
}

const lockKeys = new Map<string, string>()
const rememberedMax = 10_000

/** A signed 64-bit number as text. Remembered: the same few audiences are locked again and again. */
function lockKey(name: string): string {
  const known = lockKeys.get(name)
  if (known !== undefined) return known
  if (lockKeys.size >= rememberedMax) lockKeys.clear()
  const key = lockKeyOf(name)
  lockKeys.set(name, key)
  return key
}

function lockKeyOf(name: string): string {
  return BigInt.asIntN(64, BigInt(`0x${hashText(`audience:${name}`).slice(0, 16)}`)).toString()
}
