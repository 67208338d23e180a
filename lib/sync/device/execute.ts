/** Running an action of this user, here and now (EXE-1). */
import { ActionRejected } from '../action'
import { nextClock } from '../core/hlc'
import { SqlError } from '../store/driver'
import { resolveAction } from '../store/resolve-action'
import type { RunOutcome } from '../store/run-action'
import { answerAgain } from './answer'
import { DeviceFailure } from './client'
import { correctedNow, type DeviceContext } from './context'
import { inputText } from './input'
import { putLayerBack, takeBackLayer } from './layer'
import type { OutboxRecord } from './outbox'
import { pendingOf } from './pending'
import { keptOf, type ResolvedRun, runResolved } from './replay'
import { storageFailure, storageTrouble } from './storage-failure'

/**
 * One PGlite transaction and, side by side, one strictly durable write to the outbox; resolves with the action's value
 * when both are done. A run that rejects records nothing. The outbox write begins when the run has succeeded: an action
 * that rejected here must not come back from the outbox after a crash.
 *
 * `id` names the execution: a repeated request is answered with what the first one answered (TAB-1). Throws ActionRejected and DeviceFailure.
 */
export async function execute(
  context: DeviceContext,
  name: string,
  call: { input: unknown; id: string },
): Promise<{ readonly value: unknown; readonly isRepeated: boolean }> {
  const { definition, ...prepared } = prepare(context, name, call)
  let writing: Promise<void> | null = null
  try {
    const answer = await context.store.transaction(async (tx) => {
      const done = await tx.pending.readDone(call.id)
      if (done !== null) {
        return { value: answerAgain(done, { name, input: prepared.record.input }), isRepeated: true }
      }
      const { lastOrdinal, lastClock, clientId } = context.identity
      const ordinal = lastOrdinal + 1
      const clock = nextClock(lastClock, correctedNow(context), clientId)
      await tx.rows.enterEngine()
      const row = { id: call.id, clock }
      const run: ResolvedRun = { row, definition, input: prepared.input }
      context.trace({ kind: 'began', actionId: call.id, name })
      const outcome = await runResolved(context, tx, run).finally(() =>
        context.trace({ kind: 'ran', actionId: call.id }),
      )
      if (outcome.kind === 'rejected') throw rejectionOf(context, name, outcome)
      const record: OutboxRecord = { ...row, ...prepared.record, ordinal, confirmedAtMs: null, failures: 0, hold: null }
      await tx.pending.insertPending([{ ...pendingOf(record, 'layer'), ...keptOf(tx, row, outcome) }])
      await tx.meta.writeMeta({ last_ordinal: String(ordinal) })
      // Looked at again: an answer may have told what time it is while the action ran.
      const { identity } = context
      context.identity = { ...identity, lastOrdinal: ordinal, lastClock: clock }
      context.unwritten.add(call.id)
      writing = context.outbox.add(record, context.identity)
      // Awaited below; until then a failure must not count as unobserved.
      writing.catch(() => undefined)
      return { value: outcome.value, isRepeated: false }
    })
    // Null: it was known already, and nothing ran.
    if (writing === null) return answer
    await stored(context, call.id, writing)
    context.trace({ kind: 'executed', actionId: call.id, name })
    return answer
  } catch (error) {
    // Failed to be stored: what is left of it is not sent until it is taken back.
    if (context.unwithdrawn.has(call.id)) throw error
    if (context.unwritten.delete(call.id) && writing !== null) await takeOutOfOutbox(context, call.id, writing)
    context.space.heard(error)
    if (!(error instanceof DeviceFailure) && storageTrouble(error) !== null) throw storageFailure(notRecorded, error)
    throw error
  }
}

/** The answer of an action that was done before. Throws when it was not: it was not run, and is not run now (FM-27). */
export async function recall(
  context: DeviceContext,
  name: string,
  call: { input: unknown; id: string },
): Promise<unknown> {
  const input = inputText(name, call.input)
  const done = await context.store.transaction((tx) => tx.pending.readDone(call.id))
  if (done !== null) return answerAgain(done, { name, input })
  throw new DeviceFailure('unavailable', `"${name}" was not run: a newer version of this app is open in another tab.`)
}

async function stored(context: DeviceContext, id: string, writing: Promise<void>): Promise<void> {
  try {
    await writing
    context.unwritten.delete(id)
  } catch (error) {
    context.trace({ kind: 'not-stored', actionId: id, error })
    context.space.heard(error)
    context.unwithdrawn.add(id)
    await withdrawUnwritten(context).catch((failure: unknown) => {
      context.space.heard(failure)
      context.trace({ kind: 'failed', error: failure })
    })
    throw storageFailure(notRecorded, error)
  }
}

const notRecorded = 'The action could not be written on this device, and nothing was recorded.'

/**
 * Takes back what the outbox did not take. On a full disk that may fail as well: until it succeeds, when there is room
 * again, it stays on the screen and is not sent.
 */
export async function withdrawUnwritten(context: DeviceContext): Promise<void> {
  const ids = [...context.unwithdrawn]
  if (ids.length === 0) return
  await withdraw(context, ids)
  for (const id of ids) {
    context.unwithdrawn.delete(id)
    context.unwritten.delete(id)
  }
  await context.flush()
}

/** PGlite did not commit: the outbox must not know the action either. */
async function takeOutOfOutbox(context: DeviceContext, id: string, writing: Promise<void>): Promise<void> {
  await writing.then(
    () => context.outbox.rewrite({ ids: [id], change: () => null }),
    () => undefined,
  )
}

/** Takes pending actions out of PGlite, as if they had never run; what came after them runs again. */
export async function withdraw(context: DeviceContext, ids: readonly string[]): Promise<void> {
  await context.store.transaction(async (tx) => {
    await takeBackLayer(tx)
    await tx.pending.deletePending(ids)
    await putLayerBack(context, tx)
  })
}

function prepare(context: DeviceContext, name: string, call: { input: unknown }) {
  const definition = context.registry.get(name)
  if (!definition) throw new DeviceFailure('unknown-action', `There is no action "${name}" in the registry.`)
  const { version } = definition
  const input = inputText(name, call.input)
  const resolved = resolveAction(context.registry, { name, version, input: JSON.parse(input) })
  if (resolved.kind !== 'known') {
    const why = resolved.kind === 'invalid' ? resolved.message : 'it is unknown'
    throw new DeviceFailure('invalid-input', `The input of "${name}" does not fit: ${why}.`)
  }
  return { definition, input: resolved.input, record: { name, version, input } }
}

/** What the caller gets to see. The rule's own words pass; a bug or a constraint is an error with its SQLSTATE. */
function rejectionOf(context: DeviceContext, name: string, outcome: Extract<RunOutcome, { kind: 'rejected' }>): Error {
  const { reason, details, error } = outcome
  context.trace({ kind: 'not-run', name, reason, error })
  if (reason !== 'error' || error === null) return new ActionRejected(reason, details)
  const database = error instanceof SqlError ? { sqlState: error.code, constraint: error.constraint } : {}
  return new DeviceFailure('error', `"${name}" failed: ${error.message}`, { ...database, cause: error })
}
