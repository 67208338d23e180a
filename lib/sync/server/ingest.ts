/**
 * Ingest: one transaction that takes in a push (ING-0 … ING-7).
 *
 * ```
 *  look ─▶ lock ─▶ look again ─▶ admit ─▶ T empty? ─ yes ─▶ fast path ─┐
 *            ▲         │ more locks needed      no                     ├─▶ entries, receipts, grants ─▶ commit
 *            └─────────┘                         └─▶ late path ────────┘
 *                               sealed, beyond the budget ─┤
 *                                            cannot replay ┴─▶ restamp, fast path
 * ```
 */
import { allNamed } from '../core/audience'
import { compareReplayOrder } from '../core/hlc'
import { invariant } from '../core/invariant'
import { hourOf, type RestampReason, restampReason } from '../core/late-budget'
import type { Receipt } from '../core/protocol'
import { coversLocks, type LockPlan, lockPlan, type PlacedAction, replaySet } from '../core/replay-set'
import { SqlError } from '../store/driver'
import { isInfrastructure } from '../store/run-action'
import type { ServerTransaction } from '../store/server/transaction'
import { type Admission, admit, type Push } from './admit'
import type { ServerEngine } from './engine'
import { Holdings, type Place } from './execute'
import type { Newcomer } from './newcomer'
import { CannotReplay, fastPath, latePath, type PathResult } from './paths'
import { record } from './record'
import { isPassing, withRetries } from './retry'
import { stillServing } from './serving'
import { reachOf, restampToNow } from './stamp'

export type IngestAnswer =
  | {
      readonly kind: 'done'
      readonly receipts: readonly Receipt[]
      readonly values: ReadonlyMap<string, unknown>
      /** Audiences that have new entries. */
      readonly appended: readonly string[]
    }
  | Exclude<Admission, { readonly kind: 'admitted' }>

const lockAttemptsMax = 3
const lockNamesMax = 64

/** More locks are needed than were taken: start again with all of them (ING-1). */
class MoreLocks extends Error {
  override readonly name = 'MoreLocks'
  constructor(readonly concerned: readonly PlacedAction[]) {
    super('The set of audiences grew while waiting for locks')
  }
}

/** Serialisation failures, deadlocks and lost connections are retried; ids make that idempotent (ING-6). */
export async function ingest(engine: ServerEngine, push: Push): Promise<IngestAnswer> {
  let concerned: readonly PlacedAction[] = []
  // A retry after a lost answer to COMMIT finds the ids and no code runs: the values are those of the run before.
  const values = new Map<string, unknown>()
  for (let attempt = 1; ; attempt += 1) {
    const isEverything = attempt > lockAttemptsMax
    try {
      const answer = await withRetries(engine, () => attemptIngest(engine, { push, concerned, isEverything, values }))
      if (answer.kind === 'done') engine.onAppended(answer.appended)
      return answer
    } catch (error) {
      if (!(error instanceof MoreLocks)) throw error
      invariant(!isEverything, 'ING-1', 'The global lock was not enough')
      concerned = error.concerned
    }
  }
}

interface Attempt {
  readonly push: Push
  readonly concerned: readonly PlacedAction[]
  readonly isEverything: boolean
  readonly values: Map<string, unknown>
}

function attemptIngest(
  engine: ServerEngine,
  { push, concerned, isEverything, values }: Attempt,
): Promise<IngestAnswer> {
  return engine.store.transaction(async (tx) => {
    const offered = await newcomersAtFirstLook(tx, push)
    const guess = [...concerned, ...offered, ...(await laterAtFirstLook(engine, tx, offered)), authorOf(push)]
    const locks = planOf(guess, isEverything)
    await tx.takeLocks(locks)
    await stillServing(engine, tx)
    await push.expectHistory?.(tx)
    await tx.history.registerClient({ clientId: push.clientId, userId: push.author, nowMs: engine.now() })
    const admission = await admit(engine, tx, push)
    if (admission.kind !== 'admitted') return admission
    const newcomers = [...admission.newcomers].sort(compareReplayOrder)
    const later = await laterConcerned(engine, tx, newcomers)
    const needed = [...newcomers, ...later, authorOf(push)]
    if (!coversLocks(locks, planOf(needed, false))) throw new MoreLocks([...guess, ...needed])
    const taken = await takePath(engine, tx, { author: push.author, newcomers, later })
    const recorded = await record(engine, tx, { ...taken, refused: admission.refused, author: push.author })
    for (const [id, value] of recorded.values) values.set(id, value)
    const { appended } = recorded
    return { kind: 'done', receipts: [...admission.receipts, ...recorded.receipts], values, appended }
  })
}

/**
 * What may become part of history, as far as can be seen without locks. Known ids are only answered, and a stranger is
 * only refused: neither is worth a look at what is later, and nobody waits for them. Admission decides under the locks;
 * if it takes more than was seen here, the second look finds that locks are missing.
 */
async function newcomersAtFirstLook(tx: ServerTransaction, { author, offers }: Push): Promise<Newcomer[]> {
  const runnable = offers.flatMap((offer) => (offer.kind === 'runnable' ? [offer.newcomer] : []))
  if (runnable.length === 0) return []
  const known = await tx.history.knownIds(runnable.map(({ id }) => id))
  const missing = new Set(await tx.rows.missingAudiences(author, runnable.flatMap(allNamed)))
  for (const audience of runnable.flatMap(({ audiences }) => audiences.founded)) missing.delete(audience)
  return runnable.filter((newcomer) => !known.has(newcomer.id) && !allNamed(newcomer).some((name) => missing.has(name)))
}

/** Those below a seal of their own audiences will come last, whatever their clocks say: nothing is later than they. */
async function laterAtFirstLook(
  engine: ServerEngine,
  tx: ServerTransaction,
  offered: readonly Newcomer[],
): Promise<PlacedAction[]> {
  if (offered.length === 0) return []
  const { sealedUntil } = await reachOf(tx, offered)
  return laterConcerned(
    engine,
    tx,
    offered.filter(({ clock }) => clock > sealedUntil),
  )
}

/**
 * T of these newcomers (ING-3). Empty at once when nothing in history is later. Far back most of history is other
 * people's: then only actions are read that name a concerned audience, again and again until no further audience is
 * concerned. That comes to the same: a member of T names what newcomers or members before it name.
 */
async function laterConcerned(
  { lateBudget }: ServerEngine,
  { history }: ServerTransaction,
  newcomers: readonly PlacedAction[],
): Promise<PlacedAction[]> {
  const [first] = [...newcomers].sort(compareReplayOrder)
  if (!first) return []
  const isNew = new Set(newcomers.map((newcomer) => newcomer.id))
  const concerned = (later: readonly PlacedAction[]) => {
    return replaySet(
      newcomers,
      later.filter((action) => !isNew.has(action.id)),
    )
  }
  const near = await history.placesSince(first.clock, lateBudget.nearMax)
  if (near.length < lateBudget.nearMax) return concerned(near)
  let audiences = new Set(newcomers.flatMap(allNamed))
  for (;;) {
    const members = concerned(await history.placesNaming(first.clock, [...audiences]))
    const reached = new Set([...audiences, ...members.flatMap(allNamed)])
    if (reached.size === audiences.size) return members
    audiences = reached
  }
}

/** The author's `user:` audience is locked even when nothing else is: refusals are written there. */
function authorOf(push: Push): PlacedAction {
  return { id: '', clock: '', author: push.author, writes: [], reads: [] }
}

/** Everybody holds the global key, so taken exclusively it is enough alone: the lock table of a server is small. */
function planOf(actions: readonly PlacedAction[], isEverything: boolean): LockPlan {
  const plan = lockPlan(actions, false)
  return isEverything || plan.names.size > lockNamesMax ? lockPlan([], true) : plan
}

export interface Taken {
  readonly newcomers: readonly Newcomer[]
  readonly path: PathResult
}

interface Arrival {
  readonly author: string
  readonly newcomers: readonly Newcomer[]
  /** T, as the locks cover it. */
  readonly later: readonly PlacedAction[]
}

async function takePath(engine: ServerEngine, tx: ServerTransaction, arrival: Arrival): Promise<Taken> {
  const { newcomers, later } = arrival
  const place: Place = { engine, tx, holdings: new Holdings(tx, engine) }
  const ids = newcomers.map((newcomer) => newcomer.id)
  await tx.beginRuns(engine.statementTimeoutMs)
  if (later.length === 0) {
    engine.trace({ kind: 'ingest', path: 'fast', newcomers: ids, replayed: 0 })
    return { newcomers, path: await fastPath(place, newcomers) }
  }
  const reason = await reasonToRestamp(engine, tx, arrival)
  if (reason !== null) return takeLast(place, newcomers, reason)
  const members = await tx.history.readAccepted(later.map(({ id }) => id))
  try {
    const path = await tx.inSavepoint(() => latePath(place, { newcomers, replaySet: members }))
    engine.trace({ kind: 'ingest', path: 'late', newcomers: ids, replayed: path.replays.length })
    return { newcomers, path }
  } catch (error) {
    if (!isReplayProblem(error)) throw error
    place.holdings.forget()
    return takeLast(place, newcomers, 'cannot-replay')
  }
}

/** Seals of all audiences of T, and the budget; what is replayed is charged, also when it cannot be carried out (HLC-4). */
async function reasonToRestamp(engine: ServerEngine, tx: ServerTransaction, { author, newcomers, later }: Arrival) {
  const hour = hourOf(engine.now())
  const { sealedUntil } = await reachOf(tx, [...newcomers, ...later])
  const spent = await tx.history.spentReplays(author, hour)
  const budget = engine.lateBudget
  const reason = restampReason({ newcomers, replays: later.length, sealedUntil, spent, budget })
  if (reason === null) await tx.history.chargeReplays(author, { hour, count: later.length })
  return reason
}

async function takeLast(place: Place, newcomers: readonly Newcomer[], why: RestampReason): Promise<Taken> {
  const { engine, tx } = place
  const restamped = await restampToNow(engine, tx, newcomers)
  const ids = newcomers.map((newcomer) => newcomer.id)
  engine.trace({ kind: 'restamped', newcomers: ids, why })
  engine.trace({ kind: 'ingest', path: 'restamped', newcomers: ids, replayed: 0 })
  return { newcomers: restamped, path: await fastPath(place, restamped) }
}

/** An old action that cannot run now (timeout, resources, code that is gone, time that is spent) must not hold the newcomers up. */
function isReplayProblem(error: unknown): boolean {
  return error instanceof CannotReplay || (error instanceof SqlError && isInfrastructure(error) && !isPassing(error))
}
