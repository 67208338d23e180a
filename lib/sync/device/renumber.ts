/** Carrying out what the server tells a device to do about its clock and its numbers (HLC-3, HLC-4). */
import { laterClock } from '../core/hlc'
import { planRenumber, planRestamp } from '../core/plan-restamp'
import type { ExchangeAnswer } from '../core/protocol'
import { correctedNow, type DeviceContext } from './context'
import { putLayerBack, takeBackLayer } from './layer'
import { newReceipts } from './receipts'

type Ahead = Extract<ExchangeAnswer, { kind: 'ahead' }>

/**
 * Restamps pending actions under the server's time, which the caller has learned already. The outbox write begins before
 * PGlite commits: on start the outbox wins. Answers how long to wait before sending again.
 */
export async function restamp(context: DeviceContext, answer: Ahead): Promise<number> {
  let writing: Promise<void> = Promise.resolve()
  const plan = await context.store.transaction(async (tx) => {
    const fresh = await newReceipts(tx, answer.receipts)
    await tx.receipts.saveReceipts(fresh.values())
    const known = new Map(answer.receipts.flatMap((one) => (one.clock === null ? [] : [[one.actionId, one.clock]])))
    const { servedClock } = await tx.meta.readMeta()
    const pending = await tx.pending.readPending()
    const { clientId } = context.identity
    const above = laterClock(answer.above, servedClock)
    const planned = planRestamp({ actions: pending, known, above, serverNowMs: correctedNow(context), clientId })
    const changed = pending.flatMap((row) => {
      const clock = planned.clocks.get(row.id)
      return clock === undefined ? [] : [{ ...row, clock }]
    })
    context.identity = { ...context.identity, lastClock: planned.lastClock }
    writing = context.outbox.rewrite({
      ids: changed.map((row) => row.id),
      change: (record) => ({ ...record, clock: planned.clocks.get(record.id) ?? record.clock }),
      state: context.identity,
    })
    writing.catch(() => undefined)
    await takeBackLayer(tx)
    await tx.pending.saveNumbers(changed)
    await putLayerBack(context, tx)
    return planned
  })
  await writing
  context.trace({ kind: 'restamped', actions: plan.clocks.size, offsetMs: context.identity.offsetMs })
  return plan.waitMs
}

/** A copied profile: a new client id, and everything in the outbox under it in its old order. Action ids stay. */
export async function fork(context: DeviceContext): Promise<void> {
  const clientId = context.newId()
  let writing: Promise<void> = Promise.resolve()
  await context.store.transaction(async (tx) => {
    const { records } = await context.outbox.load()
    const numbers = planRenumber(records, clientId)
    const pending = await tx.pending.readPending()
    const changed = pending.flatMap((row) => {
      const number = numbers.get(row.id)
      return number === undefined ? [] : [{ ...row, ...number }]
    })
    const { lastClock } = context.identity
    context.identity = { ...context.identity, clientId, lastOrdinal: numbers.size, lastClock }
    writing = context.outbox.rewrite({
      change: (record) => ({ ...record, ...numbers.get(record.id) }),
      state: context.identity,
    })
    writing.catch(() => undefined)
    await tx.pending.saveNumbers(changed)
    await tx.meta.writeMeta({ client_id: clientId, last_ordinal: String(numbers.size) })
  })
  await writing
  context.trace({ kind: 'forked', clientId })
}
