/**
 * Compaction: moves the far end of history forward and removes what lies beyond it (section "Horizon" of docs/SPEC.md).
 *
 * ```
 *  per page of audiences: seal (exclusive locks) ─▶ per audience: floor, batch by batch ─▶ next page
 *  at last: actions that all their audiences are sealed past, batch by batch
 * ```
 *
 * Many small transactions: ingests wait for a moment at most, several servers may do it at once, and one that is stopped
 * in the middle has done a part of it. Sealing waits for ingests that still replay there (ING-1), so what is pruned
 * afterwards is missed by nobody.
 */
import { floorOf, type Horizon, horizonAt } from '../core/horizon'
import { audienceLocks } from '../core/replay-set'
import type { AudienceAge } from '../store/server/horizon'
import type { ServerEngine } from './engine'
import { withRetries } from './retry'

export interface Compacted {
  /** Audiences whose seal moved. */
  readonly sealed: number
  /** Log entries that went. */
  readonly entries: number
  /** Accepted actions that went, with their images. */
  readonly actions: number
  /** False when the time ran out: the next one goes on. */
  readonly isDone: boolean
}

export interface CompactionOptions {
  /** Some platforms end what takes longer. */
  readonly deadlineMs?: number
}

/** Names under one set of locks; more would take the global key (ING-1). */
const audiencesPerPage = 48
const entriesPerBatch = 1_000
const actionsPerBatch = 500

/** Cost: two index scans per audience, then by what goes. */
export async function compact(engine: ServerEngine, { deadlineMs }: CompactionOptions = {}): Promise<Compacted> {
  const startedAtMs = engine.now()
  const endMs = startedAtMs + (deadlineMs ?? Number.POSITIVE_INFINITY)
  const horizon = horizonAt(startedAtMs, engine.retention)
  const so = { sealed: 0, entries: 0, actions: 0 }
  const isInTime = () => engine.now() < endMs
  let isDone = false
  let after = ''
  while (isInTime()) {
    const page = await withRetries(engine, () =>
      engine.store.read((tx) => tx.horizon.audienceAges(after, audiencesPerPage)),
    )
    so.sealed += await sealOpen(engine, page, horizon)
    for (const age of page) so.entries += await cutLog(engine, age, { horizon, isInTime })
    after = page.at(-1)?.audience ?? ''
    if (page.length < audiencesPerPage) {
      const pruned = await prune(engine, { horizon, isInTime })
      so.actions += pruned.actions
      isDone = pruned.isDone && isInTime()
      break
    }
  }
  engine.trace({ kind: 'compacted', ...so })
  return { ...so, isDone }
}

async function sealOpen(engine: ServerEngine, page: readonly AudienceAge[], horizon: Horizon): Promise<number> {
  const open = page.filter(({ isSealed }) => !isSealed).map(({ audience }) => audience)
  if (open.length === 0) return 0
  return withRetries(engine, () =>
    engine.store.transaction(async (tx) => {
      await tx.takeLocks(audienceLocks(open))
      return tx.horizon.sealAudiences(open, horizon.sealedUntil)
    }),
  )
}

interface Going {
  readonly horizon: Horizon
  readonly isInTime: () => boolean
}

/** Needs no lock: a reader sees floor and entries of one moment, and an ingest writes neither. */
async function cutLog(engine: ServerEngine, age: AudienceAge, { horizon, isInTime }: Going): Promise<number> {
  const { entriesMax } = engine.retention
  let gone = 0
  for (let floor = age.floor; isWorthALook(age, { floor, entriesMax, horizon }) && isInTime(); ) {
    const step = await withRetries(engine, () =>
      engine.store.transaction(async (tx) => {
        const oldest = await tx.horizon.oldestEntries({ audience: age.audience, floor }, entriesPerBatch)
        const next = floorOf({ oldest, head: age.head, entriesMax, keptFromStamp: horizon.keptFromStamp })
        return next && { floor: next.seq, entries: await tx.horizon.moveFloor(age.audience, next) }
      }),
    )
    if (step === null) break
    floor = step.floor
    gone += step.entries
  }
  return gone
}

/** Most audiences have nothing that is too old: one look at the page says so. */
function isWorthALook(
  { head, floor: firstFloor, oldestStamp }: AudienceAge,
  { floor, entriesMax, horizon }: { readonly floor: number; readonly entriesMax: number; readonly horizon: Horizon },
): boolean {
  if (oldestStamp === null || floor >= head) return false
  return floor > firstFloor || oldestStamp < horizon.keptFromStamp || head - floor > entriesMax
}

async function prune(engine: ServerEngine, { horizon, isInTime }: Going) {
  let actions = 0
  while (isInTime()) {
    const gone = await withRetries(engine, () =>
      engine.store.transaction((tx) => tx.horizon.pruneActions(horizon.keptFromClock, actionsPerBatch)),
    )
    actions += gone
    if (gone < actionsPerBatch) return { actions, isDone: true }
  }
  return { actions, isDone: false }
}
