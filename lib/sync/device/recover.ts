/** Opening a device: both stores, database and outbox, made to tell the same story (EXE-1, OUT-1). */
import { firstClockAt, laterClock } from '../core/hlc'
import { planOvertaken } from '../core/pending-file-plan'
import { planIdentity, planRecovery } from '../core/plan-recovery'
import type { PendingRow } from '../store/device/pending'
import type { DeviceStore, DeviceTransaction } from '../store/device/transaction'
import { correctedNow, type DeviceContext } from './context'
import { putLayerBack, takeBackLayer } from './layer'
import type { Outbox, OutboxRecord, OutboxState } from './outbox'
import { pendingOf, recordOf } from './pending'

/** Who the device is; what is new is durable before anything is done under that name. */
export async function readIdentity(
  store: DeviceStore,
  outbox: Outbox,
  { newClientId, directory }: { readonly newClientId: string; readonly directory: number },
): Promise<OutboxState> {
  const { state, records } = await outbox.load()
  const { meta, pending } = await store.transaction(async (tx) => ({
    meta: await tx.meta.readMeta(),
    pending: await tx.pending.readPending(),
  }))
  const inOutbox = new Set(records.map((record) => record.id))
  const actions = [...records, ...pending.filter((row) => !inOutbox.has(row.id))]
  const known = planIdentity({ outbox: state, database: meta, actions, newClientId })
  const identity: OutboxState = { ...state, offsetMs: state?.offsetMs ?? 0, directory, ...known }
  // Nothing new is not written: a device that is known opens on a full disk as well (FM-10).
  if (JSON.stringify(identity) !== JSON.stringify(state && { ...identity, ...state }))
    await outbox.rewrite({ state: identity })
  return identity
}

/** Both ways: what only one store knows, the other learns. Answers how many actions ran again. */
export async function recover(context: DeviceContext, isLayerGone: boolean): Promise<number> {
  const { records } = await context.outbox.load()
  const { plan, rerun } = await context.store.transaction((tx) => takeOver(context, tx, { records, isLayerGone }))
  for (const row of plan.write) await context.outbox.add(recordOf(row), context.identity)
  const { mark, remove } = plan
  await markConfirmed(context, mark)
  if (remove.length > 0) await context.outbox.rewrite({ ids: remove, change: () => null })
  await restoreOrder(context, records)
  return rerun
}

/**
 * What was done here after something that another device brought to the server got a later clock when that was heard
 * (OUT-2). A crash may have come before the outbox knew, whose clocks win on start: so it is made good from what is told
 * of those actions, pending or not.
 */
async function restoreOrder(context: DeviceContext, records: readonly OutboxRecord[]): Promise<void> {
  if (records.every((record) => record.confirmedAtMs !== null)) return
  const clocks = await context.store.transaction(async (tx) => {
    const told = await tx.receipts.knownReceipts(records.map(({ id }) => id))
    const receipts = new Map(told.map((receipt) => [receipt.actionId, receipt]))
    const pending = records.filter(({ id, confirmedAtMs }) => confirmedAtMs === null || receipts.has(id))
    const overtaken = planOvertaken({ pending, receipts, clientId: context.identity.clientId })
    if (overtaken.size === 0) return overtaken
    const { identity } = context
    context.identity = { ...identity, lastClock: [...overtaken.values()].reduce(laterClock, identity.lastClock) }
    await takeBackLayer(tx)
    const rows = (await tx.pending.readPending()).filter((row) => overtaken.has(row.id))
    await tx.pending.saveNumbers(rows.map((row) => ({ ...row, clock: overtaken.get(row.id) ?? row.clock })))
    await putLayerBack(context, tx)
    return overtaken
  })
  if (clocks.size > 0) await writeClocks(context, clocks)
}

/** Of pending actions; the last one is that of the device. */
export async function writeClocks(context: DeviceContext, clocks: ReadonlyMap<string, string>): Promise<void> {
  await context.outbox.rewrite({
    ids: [...clocks.keys()],
    change: (record) => ({ ...record, clock: clocks.get(record.id) ?? record.clock }),
    state: context.identity,
  })
}

/** What the outbox has, the database gets: what it does not know runs, numbers and marks are those of the outbox. */
export async function takeOver(
  context: DeviceContext,
  tx: DeviceTransaction,
  { records, isLayerGone }: { readonly records: readonly OutboxRecord[]; readonly isLayerGone: boolean },
) {
  const { gone, pending } = withoutDiscarded(context, records, await tx.pending.readPending())
  const settled = await tx.receipts.settledOutcomes()
  const plan = planRecovery({ pending, outbox: records, settled, isConfirmedMark: (row) => row.wasConfirmed })
  await tx.meta.writeMeta({
    client_id: context.identity.clientId,
    last_ordinal: String(context.identity.lastOrdinal),
  })
  const isNeeded = plan.needsRerun || isLayerGone || gone.length > 0
  if (isNeeded) await takeBackLayer(tx)
  await tx.pending.deletePending(gone)
  await tx.pending.insertPending(plan.insert.map((record) => pendingOf(record, 'layer')))
  await tx.pending.saveNumbers(plan.correct.map(numbersOf))
  const rerun = isNeeded ? await putLayerBack(context, tx) : 0
  if (plan.insert.length > 0) await tx.pending.forgetBlindRuns()
  return { plan, rerun }
}

/** A crash may have come between the outbox and the database: then the database does not know yet (DEV-1). */
function withoutDiscarded(
  { identity }: DeviceContext,
  records: readonly OutboxRecord[],
  pending: readonly PendingRow[],
): { readonly gone: readonly string[]; readonly pending: readonly PendingRow[] } {
  const kept = new Set(records.map(({ id }) => id))
  const discarded = new Set(identity.discarded?.filter((id) => !kept.has(id)))
  return {
    gone: pending.filter(({ id }) => discarded.has(id)).map(({ id }) => id),
    pending: pending.filter(({ id }) => !discarded.has(id)),
  }
}

function numbersOf(record: OutboxRecord) {
  return { ...record, wasConfirmed: record.confirmedAtMs !== null }
}

/** The crash-proof mark, with the canonical clock (OUT-1). */
export async function markConfirmed(context: DeviceContext, clocks: ReadonlyMap<string, string>): Promise<void> {
  if (clocks.size === 0) return
  await context.outbox.rewrite({
    ids: [...clocks.keys()],
    change: (record) => ({
      ...record,
      clock: clocks.get(record.id) ?? record.clock,
      confirmedAtMs: record.confirmedAtMs ?? correctedNow(context),
      failures: 0,
      hold: null,
    }),
  })
}

/**
 * Another history: cursors and receipts go, and all of the outbox is offered again (OUT-1). Rows stay on the screen
 * until snapshots replace them; what was confirmed is still in them, so it does not run on top of them.
 */
export async function reset(context: DeviceContext): Promise<number> {
  context.beginnings += 1
  const { records } = await context.outbox.load()
  return context.store.transaction(async (tx) => {
    await tx.meta.dropCursors('all')
    await tx.receipts.dropReceipts()
    await tx.meta.writeMeta({ epoch: null, last_confirmed: null, served_clock: null })
    const pending = await tx.pending.readPending()
    const known = new Set(pending.map((row) => row.id))
    const fresh = records.filter((record) => !known.has(record.id))
    await tx.pending.insertPending(fresh.map((record) => pendingOf(record, 'rows')))
    await tx.pending.moveFromLogToRows()
    return pending.length + fresh.length
  })
}

/**
 * A mark that was set while this device's clock stood ahead and nobody had corrected it, as on a start, counts from now:
 * what is held would wait for as long as that clock was wrong.
 */
async function marksOfTheFuture(
  context: DeviceContext,
  { records, nowMs }: { readonly records: readonly OutboxRecord[]; readonly nowMs: number },
): Promise<void> {
  const ids = records.filter(({ confirmedAtMs }) => (confirmedAtMs ?? 0) > nowMs).map(({ id }) => id)
  if (ids.length === 0) return
  await context.outbox.rewrite({ ids, change: (record) => ({ ...record, confirmedAtMs: nowMs }) })
}

const hourMs = 60 * 60 * 1000
/** A person or support asks: as if the server had a new history. Everything is loaded anew, and what waits is sent. */
export async function resync(
  context: DeviceContext,
  exchangeNow: () => Promise<void>,
  screen: { refresh(): Promise<void> },
): Promise<void> {
  context.trace({ kind: 'reset', offered: await reset(context) })
  // Everything waits again, and screens say so before the network is asked.
  await screen.refresh()
  await exchangeNow()
  await screen.refresh()
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * When retention ends: confirmed actions leave the outbox; one that is held since a reset is offered once more without
 * its mark, and the refusal is shown.
 *
 * Asked once a day, right after a `sync` answer: only then does this device know what time it is, and that the server
 * still has the history in which they were confirmed. A clock that jumped must not drop what a restore may need.
 */
export async function endRetention(context: DeviceContext): Promise<void> {
  const { retention } = context
  const nowMs = correctedNow(context)
  if (retention.endedAtMs !== null && Math.abs(nowMs - retention.endedAtMs) < dayMs) return
  retention.endedAtMs = nowMs
  const before = nowMs - retention.ms
  await context.store.transaction((tx) => tx.receipts.forgetValues(firstClockAt(nowMs - hourMs)))
  const { records } = await context.outbox.load()
  await marksOfTheFuture(context, { records, nowMs })
  const ended = records.filter((record) => record.confirmedAtMs !== null && record.confirmedAtMs < before)
  if (ended.length === 0) return
  const isEnded = new Set(ended.map((record) => record.id))
  const waiting = await context.store.transaction(async (tx) => {
    const rows = (await tx.pending.readPending()).filter((row) => isEnded.has(row.id))
    const held = rows.filter((row) => row.hold !== null)
    await tx.pending.saveNumbers(held.map((row): PendingRow => ({ ...row, hold: null, wasConfirmed: false })))
    return { held: new Set(held.map((row) => row.id)), all: new Set(rows.map((row) => row.id)) }
  })
  await context.outbox.rewrite({
    ids: [...isEnded],
    change: (record) => {
      if (!waiting.all.has(record.id)) return null
      return waiting.held.has(record.id) ? { ...record, hold: null, confirmedAtMs: null } : record
    },
  })
}
