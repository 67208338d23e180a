/** Canonical clocks of newcomers (HLC-4, ACT-5). Under the locks. */
import { allNamed, userAudience } from '../core/audience'
import { type Clock, laterClock, nextClock } from '../core/hlc'
import type { Receipt } from '../core/protocol'
import type { ServerTransaction } from '../store/server/transaction'
import type { Push } from './admit'
import type { ServerEngine } from './engine'
import type { Newcomer } from './newcomer'

interface Named {
  readonly author: string
  readonly writes: readonly string[]
  readonly reads: readonly string[]
}

interface Reach {
  /** Nothing is accepted up to here: the greatest seal. */
  readonly sealedUntil: Clock
  /** Of everything these audiences hold, seals included. */
  readonly greatest: Clock | null
}

/** How far history reaches in the audiences that these actions name. */
export async function reachOf(tx: ServerTransaction, actions: readonly Named[]): Promise<Reach> {
  const named = actions.flatMap((action) => [...allNamed(action), userAudience(action.author)])
  const heads = [...(await tx.log.readHeads([...new Set(named)])).values()]
  const sealedUntil = heads.reduce<Clock | null>((latest, head) => laterClock(latest, head.sealedUntil), null) ?? ''
  return {
    sealedUntil,
    greatest: heads.reduce<Clock | null>((latest, head) => laterClock(latest, head.maxClock), sealedUntil),
  }
}

export interface Stamping {
  readonly push: Push
  readonly admitted: readonly Newcomer[]
  /** What became of other offers of this push before. */
  readonly known: readonly Receipt[]
}

/**
 * Clocks of one client increase with the ordinal, sealed history stays closed, and arrival-ordered actions are stamped
 * here. What the push offers and history has already came before what follows it there, under whatever client it came.
 */
export async function stamp(
  engine: ServerEngine,
  tx: ServerTransaction,
  { push, admitted, known }: Stamping,
): Promise<Newcomer[]> {
  const stamped: Newcomer[] = []
  const [first] = admitted
  if (!first) return stamped
  const { sealedUntil, ...reach } = await reachOf(tx, admitted)
  let { greatest } = reach
  const client = await tx.history.readClient(first.clientId)
  let floor: Clock = ''
  const byOrdinal = [...admitted].sort((left, right) => left.offered.ordinal - right.offered.ordinal)
  for (const newcomer of byOrdinal) {
    const { ordinal } = newcomer.offered
    const before =
      client && ordinal <= client.lastOrdinal
        ? await tx.history.clockBefore(newcomer.clientId, ordinal)
        : (client?.lastClock ?? '')
    floor = [before, ...knownBefore(ordinal, push, known)].reduce<Clock | null>(laterClock, floor) ?? ''
    const isArrival = newcomer.definition.order === 'arrival' || push.numbering === 'server'
    const isTooEarly = newcomer.clock <= floor || newcomer.clock <= sealedUntil
    const clock =
      isArrival || isTooEarly
        ? nextClock(laterClock(greatest, laterClock(floor, client?.lastClock ?? null)), engine.now(), newcomer.clientId)
        : newcomer.clock
    if (!isArrival && newcomer.clock <= sealedUntil) {
      engine.trace({ kind: 'restamped', newcomers: [newcomer.id], why: 'sealed' })
    }
    stamped.push({ ...newcomer, clock, isRestamped: isTooEarly && !isArrival })
    floor = clock
    greatest = laterClock(greatest, clock)
  }
  return stamped
}

/** Clocks of what this push offers with a smaller ordinal and history has. */
function knownBefore(ordinal: number, { offers }: Push, known: readonly Receipt[]): (Clock | null)[] {
  const earlier = new Set(offers.filter(({ offered }) => offered.ordinal < ordinal).map(({ offered }) => offered.id))
  return known.filter(({ actionId }) => earlier.has(actionId)).map(({ clock }) => clock)
}

/**
 * The same newcomers after everything their audiences hold, because they may not have the place they asked for, or
 * because it cannot be carried out (HLC-4, ING-6). All of a push: it keeps its order.
 */
export async function restampToNow(
  engine: ServerEngine,
  tx: ServerTransaction,
  newcomers: readonly Newcomer[],
): Promise<Newcomer[]> {
  let { greatest } = await reachOf(tx, newcomers)
  return newcomers.map((newcomer) => {
    const clock = nextClock(laterClock(greatest, newcomer.clock), engine.now(), newcomer.clientId)
    greatest = clock
    return { ...newcomer, clock, isRestamped: newcomer.definition.order !== 'arrival' }
  })
}
