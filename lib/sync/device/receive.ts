/**
 * Taking in a `sync` answer (REC-1): one transaction, of which live queries see only the result.
 *
 * ```
 *  answer ─▶ new receipts ─▶ what is settled leaves `pending` ─▶ does any row change?
 *                                                                  │ yes         │ no
 *              take the provisional layer back, apply rows, ◀──────┘             │
 *                                          move cursors ◀────────────────────────┘
 *              tell authors, run the rest again
 * ```
 */
import { userAudience } from '../core/audience'
import { decodeClock, laterClock } from '../core/hlc'
import { planOvertaken } from '../core/pending-file-plan'
import { type ArrivalPlan, namesUnknownPositions, planArrival } from '../core/plan-arrival'
import { planRebase, type RebasePlan } from '../core/plan-rebase'
import { planTail } from '../core/plan-tail'
import type { LogEntry, Receipt, SnapshotHead, SyncAnswer, UpdateAnswer } from '../core/protocol'
import type { Hold } from '../core/push-plan'
import type { PendingRow } from '../store/device/pending'
import type { StagedAudience } from '../store/device/staging'
import type { DeviceTransaction } from '../store/device/transaction'
import { applyArrival, rowsOnScreen } from './apply'
import { correctedNow, type DeviceContext } from './context'
import { putLayerBack, takeBackLayer } from './layer'
import { newReceipts } from './receipts'
import { needsRows, settleReceipts } from './settle'

/** A received clock further ahead than this is not adopted (HLC-3). */
const aheadMsMax = 10_000

export type Received =
  | {
      readonly kind: 'received'
      readonly hasGap: boolean
      /** Something of it was new. */
      readonly isNews: boolean
      /** Settled now, with the canonical clock: to be marked in the outbox; null for refused ones, which leave it. */
      readonly settled: ReadonlyMap<string, string | null>
      /** Holds that began or ended, for the outbox. */
      readonly holds: ReadonlyMap<string, Hold | null>
      /** Of pending actions that got later ones, for the outbox. */
      readonly clocks: ReadonlyMap<string, string>
    }
  /** The answer speaks of another history: it was dropped whole (ING-4). */
  | { readonly kind: 'other-history' }
  /** The answer is for somebody else, who signed in on this browser: it was dropped whole (DEV-1). */
  | { readonly kind: 'other-user' }

interface News {
  readonly answer: SyncAnswer
  readonly arrival: ArrivalPlan
  /** Before the answer. */
  readonly pending: readonly PendingRow[]
  /** The newest receipts of pending actions. */
  readonly newest: ReadonlyMap<string, Receipt>
  readonly fresh: ReadonlyMap<string, Receipt>
  readonly plan: RebasePlan
}

export async function receive(context: DeviceContext, answer: SyncAnswer): Promise<Received> {
  if (!answer.audiences.includes(userAudience(context.userId))) return { kind: 'other-user' }
  return context.store.transaction((tx) => receiveIn(context, tx, { answer, staged: null }))
}

/**
 * A snapshot whose rows are on the stage (SNAP-1). Only an exchange changes the set of audiences: what is not in the last
 * list any more is dropped, and so is what was asked for before the device started over.
 */
export async function receiveStaged(
  context: DeviceContext,
  head: SnapshotHead,
  isStillWanted: () => boolean,
): Promise<Received | { readonly kind: 'dropped' }> {
  return context.store.transaction(async (tx) => {
    const { audiences, epoch } = await tx.meta.readMeta()
    if (!isStillWanted() || !audiences?.has(head.audience) || epoch !== head.epoch) return { kind: 'dropped' }
    const { epoch: _epoch, build, serverTimeMs, rowCount: _rowCount, ...mark } = head
    const answer: SyncAnswer = {
      ...{ kind: 'sync', epoch: head.epoch, build, serverTimeMs, audiences: [...audiences] },
      ...{
        receipts: head.receipts,
        snapshots: [{ ...mark, rows: [] }],
        entries: [],
        large: [],
        digests: [],
        more: true,
      },
    }
    return receiveIn(context, tx, { answer, staged: head })
  })
}

/** What became of actions, and nothing else: the rows of this server do not fit here (DEP-2). */
export async function receiveReceipts(
  context: DeviceContext,
  { epoch, build, serverTimeMs, receipts }: UpdateAnswer,
): Promise<Exclude<Received, { kind: 'other-user' }>> {
  return context.store.transaction(async (tx) => {
    const { audiences } = await tx.meta.readMeta()
    // A device that never heard of an audience would take this for having lost all.
    if (audiences === null) return nothingNew
    const answer: SyncAnswer = {
      ...{ kind: 'sync', epoch, build, serverTimeMs, audiences: [...audiences], receipts },
      // Nothing was read: it does not tell where the heads are.
      ...{ entries: [], snapshots: [], large: [], digests: [], more: true },
    }
    return receiveIn(context, tx, { answer, staged: null })
  })
}

const nothingNew: Extract<Received, { kind: 'received' }> = {
  ...{ kind: 'received', hasGap: false, isNews: false },
  ...{ settled: new Map(), holds: new Map(), clocks: new Map() },
}

/**
 * What the live tail brought (REC-1), through the same door as an answer: an exchange may be under way, and whichever of
 * the two comes second skips what the first took in. `apart`: it does not follow what is here; nothing was taken in.
 */
export async function receiveTail(
  context: DeviceContext,
  entries: readonly LogEntry[],
): Promise<Received | { readonly kind: 'apart' }> {
  if (context.isOutdated) return { kind: 'apart' }
  return context.store.transaction(async (tx) => {
    const { audiences, epoch, serverBuild: build } = await tx.meta.readMeta()
    const plan = planTail(entries, { cursors: await tx.meta.readCursors(), audiences })
    if (plan === 'exchange' || audiences === null || epoch === null || build === null) return { kind: 'apart' }
    const serverTimeMs = correctedNow(context)
    if (plan === 'nothing') return nothingNew
    const answer: SyncAnswer = {
      ...{ kind: 'sync', epoch, build, serverTimeMs, audiences: [...audiences], entries: [...entries] },
      ...{ receipts: [], snapshots: [], large: [], digests: [], more: true },
    }
    return receiveIn(context, tx, { answer, staged: null })
  })
}

interface Arrived {
  readonly answer: SyncAnswer
  /** Its rows are on the stage, not in the answer. */
  readonly staged: StagedAudience | null
}

async function receiveIn(
  context: DeviceContext,
  tx: DeviceTransaction,
  { answer, staged }: Arrived,
): Promise<Exclude<Received, { kind: 'other-user' }>> {
  const meta = await tx.meta.readMeta()
  const arrival = planArrival(answer, { cursors: await tx.meta.readCursors(), audiences: meta.audiences })
  const isOtherEpoch = meta.epoch !== null && meta.epoch !== answer.epoch
  if (isOtherEpoch || namesUnknownPositions(answer, arrival)) return { kind: 'other-history' }
  const read = await readNews(tx, answer, arrival)
  const clocks = planOvertaken({ ...read, receipts: read.newest, clientId: context.identity.clientId })
  const news = await keepOrder(context, tx, { news: read, clocks })
  const { rows, replayed } = await takeIn(context, tx, { ...news, staged })
  const holds = await noteHolds(context, tx, news)
  await noteContact(context, tx, news)
  if (arrival.hasGap) context.trace({ kind: 'gap' })
  if (arrival.lost.length > 0) context.trace({ kind: 'left', audiences: arrival.lost.length })
  const { length: entries } = arrival.entries
  const { length: snapshots } = arrival.snapshots
  context.trace({ kind: 'received', entries, snapshots, rows, settled: news.plan.settled.length, replayed })
  const isNews = entries + snapshots + news.fresh.size + arrival.lost.length + holds.size > 0
  return { kind: 'received', hasGap: arrival.hasGap, isNews, settled: canonicalClocks(news), holds, clocks }
}

async function readNews(tx: DeviceTransaction, answer: SyncAnswer, arrival: ArrivalPlan): Promise<News> {
  const fresh = await newReceipts(tx, [
    ...arrival.snapshots.flatMap((snapshot) => snapshot.receipts),
    ...arrival.entries.flatMap((entry) => entry.receipts),
    ...answer.receipts,
  ])
  await tx.receipts.saveReceipts(fresh.values())
  const pending = await tx.pending.readPending()
  const newest = pending.length === 0 ? new Map<string, Receipt>() : await tx.receipts.receiptsOfPending()
  const { entries, snapshots, lost, cursors } = arrival
  const plan = planRebase({
    pending,
    receipts: newest,
    arrivedIds: new Set(entries.flatMap((entry) => (entry.action ? [entry.action.id] : []))),
    changesRows: lost.length + snapshots.length > 0 || entries.some((entry) => entry.changes.length > 0),
    cursors,
    audiences: new Set(answer.audiences),
  })
  return { answer, arrival, pending, newest, fresh, plan }
}

/** What was done here after something that another device brought to the server stays after it (OUT-2). */
async function keepOrder(
  context: DeviceContext,
  tx: DeviceTransaction,
  { news, clocks }: { readonly news: News; readonly clocks: ReadonlyMap<string, string> },
): Promise<News> {
  if (clocks.size === 0) return news
  const { identity } = context
  // What is done next comes after them as well (HLC-2).
  context.identity = { ...identity, lastClock: [...clocks.values()].reduce(laterClock, identity.lastClock) }
  const pending = news.pending.map((row) => ({ ...row, clock: clocks.get(row.id) ?? row.clock }))
  await tx.pending.saveNumbers(pending.filter((row) => clocks.has(row.id)))
  return { ...news, pending }
}

async function takeIn(
  context: DeviceContext,
  tx: DeviceTransaction,
  news: News & Pick<Arrived, 'staged'>,
): Promise<{ rows: number; replayed: number }> {
  const { answer, arrival, plan, staged } = news
  const view = { cursors: arrival.cursors, audiences: new Set(answer.audiences) }
  await tx.receipts.settlePending(plan.settled)
  await tx.pending.savePlaces(plan.moved)
  const onScreen = plan.isNeeded ? await rowsOnScreen(tx, news) : new Map()
  // A result that differs from what was shown is compared with canonical rows, not with the layer on top of them.
  const isTakenBack = plan.isNeeded || (await needsRows(tx, view))
  if (isTakenBack) await takeBackLayer(tx)
  const rows = isTakenBack ? await applyArrival(tx, arrival, staged) : 0
  await tx.meta.writeCursors(arrival.cursors.values())
  for (const actionId of await settleReceipts(tx, { ...view, onScreen })) {
    context.trace({ kind: 'corrected', actionId })
  }
  return { rows, replayed: isTakenBack ? await putLayerBack(context, tx) : 0 }
}

/** Held is an answer, not an outcome: the action waits and is offered again later (ACT-4). */
async function noteHolds(context: DeviceContext, tx: DeviceTransaction, news: News): Promise<Map<string, Hold | null>> {
  const { answer, pending, newest } = news
  const holds = new Map<string, Hold | null>()
  const answers = new Map(answer.receipts.map((receipt) => [receipt.actionId, receipt]))
  const changed = pending.flatMap((row): PendingRow[] => {
    const held = answers.get(row.id)
    if (held?.status === 'held') {
      const hold: Hold = { kind: 'answered', reason: held.reason ?? 'held', build: answer.build, atMs: context.now() }
      holds.set(row.id, hold)
      context.trace({ kind: 'held', actionId: row.id, reason: hold.reason })
      return [{ ...row, hold }]
    }
    if (row.hold === null || !newest.has(row.id)) return []
    holds.set(row.id, null)
    return [{ ...row, hold: null }]
  })
  await tx.pending.saveNumbers(changed)
  return holds
}

/** What this contact taught about the server: also the clocks that the next local ones must be greater than (HLC-2). */
async function noteContact(
  context: DeviceContext,
  tx: DeviceTransaction,
  { answer, arrival, fresh, ...news }: News,
): Promise<void> {
  const bound = correctedNow(context) + aheadMsMax
  const clocks = [
    ...arrival.entries.map((entry) => entry.action?.clock),
    ...arrival.snapshots.map((snapshot) => snapshot.maxClock),
    ...[...fresh.values()].map((one) => one.clock),
  ]
  const served = clocks.reduce<string | null>(
    (latest, clock) => (clock && decodeClock(clock).ms <= bound ? laterClock(latest, clock) : latest),
    (await tx.meta.readMeta()).servedClock,
  )
  const identity = context.identity
  context.identity = { ...identity, lastClock: laterClock(identity.lastClock, served) }
  const confirmed = news.plan.settled.filter((id) => news.newest.get(id)?.status !== 'refused')
  const last = confirmed.at(-1)
  await tx.meta.writeMeta({
    epoch: answer.epoch,
    audiences: JSON.stringify([...answer.audiences].sort()),
    server_build: answer.build,
    last_exchange_at_ms: String(context.now()),
    ...(served === null ? {} : { served_clock: served }),
    ...(last === undefined ? {} : { last_confirmed: last }),
  })
}

function canonicalClocks({ plan, newest }: News): Map<string, string | null> {
  return new Map(
    plan.settled.map((id) => {
      const receipt = newest.get(id)
      return [id, receipt && receipt.status !== 'refused' ? receipt.clock : null]
    }),
  )
}
