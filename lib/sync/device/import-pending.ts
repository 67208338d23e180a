/**
 * Pending work leaves as a file and comes in from one (OUT-2): when a device is broken, or will not see a network again,
 * its person brings what they did to the server from another one.
 */
import {
  type FiledAction,
  type PendingFileProblem,
  pendingFileLimits,
  readPendingFile,
  writePendingFile,
} from '../core/pending-file'
import { type KeptAction, planTakingIn, type TakingInPlan } from '../core/pending-file-plan'
import type { DeviceTransaction } from '../store/device/transaction'
import { resolveAction } from '../store/resolve-action'
import { DeviceFailure, type FailureCode } from './client'
import { correctedNow, type DeviceContext } from './context'
import type { OutboxRecord } from './outbox'
import { recordOf } from './pending'
import { takeOver } from './recover'

/** What became of a file. When it is unfit, nothing has changed. */
export type ImportReport =
  | { readonly kind: 'unfit'; readonly why: PendingFileProblem }
  | {
      readonly kind: 'taken-in'
      /** Actions that wait here from now on. */
      readonly fresh: number
      readonly alreadyHere: number
      /** The server has answered them already. */
      readonly answered: number
      /** Of the fresh ones, those this version of the app cannot run: they are sent, and seen when the server has them. */
      readonly notRunnable: number
    }

/** Throws a DeviceFailure when it is too much for one file. */
export async function exportPending(context: DeviceContext): Promise<string> {
  const rows = await context.store.transaction((tx) => tx.pending.readPending())
  const text = writePendingFile({ userId: context.userId, exportedAtMs: correctedNow(context), actions: rows })
  if (text !== null) return text
  const most = pendingFileLimits.actionsMax.toLocaleString('en')
  throw new DeviceFailure(
    'error',
    `This is more than fits into one file (${most} changes, 64 MB). Send some of it first.`,
  )
}

/**
 * The outbox first, durably, then the database: a crash between them is made good on start, as one between the outbox and
 * an action is (EXE-1). The device has its new client id from the moment of the plan; what is asked under the former one
 * counts for nothing any more, because its answers say nothing of what is new, and until everything has its new number
 * nothing is sent.
 */
export async function importPending(context: DeviceContext, text: string): Promise<ImportReport> {
  const file = readPendingFile(text, context.userId)
  if (file.kind === 'unfit') return file
  const begun = await context.store.transaction(async (tx) => {
    const plan = await planOf(context, tx, file.actions)
    return { plan, ...(plan.fresh.length > 0 ? beginKeeping(context, plan) : { writing: Promise.resolve(), busy: [] }) }
  })
  const { plan, writing, busy } = begun
  try {
    await writing.catch(failWith('storage', 'The file could not be taken in on this device. Nothing has changed.'))
    const { records } = await context.outbox.load()
    await context.store
      .transaction((tx) => takeOver(context, tx, { records, isLayerGone: false }))
      .catch(failWith('error', 'The work is kept on this device, and will be seen and sent after a reload.'))
  } finally {
    for (const id of busy) context.unwritten.delete(id)
  }
  const { alreadyHere, answered } = plan
  context.trace({ kind: 'taken-in', fresh: plan.fresh.length, clientId: context.identity.clientId })
  const notRunnable = plan.fresh.filter((action) => !isRunnable(context, action)).length
  return { kind: 'taken-in', fresh: plan.fresh.length, alreadyHere, answered, notRunnable }
}

function failWith(code: FailureCode, message: string) {
  return (cause: unknown): never => {
    throw new DeviceFailure(code, message, { cause })
  }
}

type NumberedPlan = TakingInPlan & { readonly clientId: string }

async function planOf(
  context: DeviceContext,
  tx: DeviceTransaction,
  filed: readonly FiledAction[],
): Promise<NumberedPlan> {
  const { records } = await context.outbox.load()
  const inOutbox = new Set(records.map((record) => record.id))
  // An action whose outbox write is under way is in the database already, and needs its place too.
  const unwritten = (await tx.pending.readPending()).filter((row) => !inOutbox.has(row.id)).map(recordOf)
  const receipts = await tx.receipts.knownReceipts(filed.map((action) => action.id))
  const clientId = context.newId()
  const plan = planTakingIn({
    ...{ filed, clientId },
    kept: [...records, ...unwritten].sort((left, right) => left.ordinal - right.ordinal).map(keptOf),
    answered: new Set(receipts.map((receipt) => receipt.actionId)),
    lastOrdinal: context.identity.lastOrdinal,
    lastClock: context.identity.lastClock,
    nowMs: correctedNow(context),
  })
  return { ...plan, clientId }
}

function keptOf({ id, ordinal, clock, confirmedAtMs }: OutboxRecord): KeptAction {
  return { id, ordinal, clock, isConfirmed: confirmedAtMs !== null }
}

/** One durable write: who this device is from now on, what is new, and new numbers for everything else. */
function beginKeeping(context: DeviceContext, plan: NumberedPlan) {
  const { clientId, lastOrdinal, lastClock, numbers } = plan
  const numbered = (record: OutboxRecord): OutboxRecord => ({ ...record, ...numbers.get(record.id) })
  context.identity = { ...context.identity, clientId, lastOrdinal, lastClock }
  context.beginnings += 1
  const writing = context.outbox.rewrite({
    change: numbered,
    add: plan.fresh.map((action) => numbered(newRecord(context, action))),
    state: context.identity,
  })
  // Awaited by the caller; until then a failure must not count as unobserved.
  writing.catch(() => undefined)
  const busy = [...numbers.keys()].filter((id) => !context.unwritten.has(id))
  for (const id of busy) context.unwritten.add(id)
  return { writing, busy }
}

function newRecord(context: DeviceContext, { wasConfirmed, ...action }: FiledAction): OutboxRecord {
  const confirmedAtMs = wasConfirmed ? correctedNow(context) : null
  return { ...action, ordinal: 0, confirmedAtMs, failures: 0, hold: null }
}

function isRunnable({ registry }: DeviceContext, { name, version, input }: FiledAction): boolean {
  return resolveAction(registry, { name, version, input: JSON.parse(input) }).kind === 'known'
}
