/** One exchange of a device: built when it is sent, carried out when it is answered, told to the push loop as an event. */

import { unreachable } from '../core/invariant'
import type { ExchangeAnswer, ExchangeRequest, SyncAnswer, UpdateAnswer } from '../core/protocol'
import { protocolVersion } from '../core/protocol'
import type { Failure, Pace, PushEvent, Single } from '../core/push-loop'
import { planPush, pushBounds } from '../core/push-plan'
import type { PendingRow } from '../store/device/pending'
import type { DeviceContext } from './context'
import { compareDigests, takeDigests } from './digests'
import { receive, receiveReceipts } from './receive'
import { endRetention, reset } from './recover'
import { fork, restamp } from './renumber'
import { noteSettled } from './settled'
import type { Transport, TransportOutcome } from './transport'

export interface Exchanging {
  readonly transport: Transport
  readonly build: string
  readonly schema: string
  /** Aborts when the deadline has passed. */
  deadline(): { readonly signal: AbortSignal; end(): void }
  /** Actions that left `pending` with this answer. */
  onSettled(ids: readonly string[]): Promise<void>
  /** Audiences whose rows come as a stream. */
  onLarge(audiences: readonly string[]): void
}

interface Built {
  readonly request: ExchangeRequest
  /** How often the device had started over: an answer to what was asked before does not count (SNAP-1). */
  readonly beginnings: number
  readonly offered: readonly PendingRow[]
  readonly isAlone: boolean
}

export async function exchange(context: DeviceContext, exchanging: Exchanging, pace: Pace): Promise<PushEvent> {
  const built = await buildRequest(context, exchanging, pace)
  if (built.isAlone) await rehold(context, built.offered)
  const sentAtMs = context.now()
  const { signal, end } = exchanging.deadline()
  const outcome = await exchanging.transport.exchange(built.request, { signal })
  end()
  context.trace({ kind: 'exchanged', outcome: outcome.kind, offered: built.offered.length })
  if (outcome.kind !== 'answer') return failure(outcome, built)
  await learnOffset(context, { serverTimeMs: outcome.answer.serverTimeMs, sentAtMs })
  if (context.beginnings !== built.beginnings) return { kind: 'told', waitMs: 0 }
  return obey(context, exchanging, { answer: outcome.answer, built })
}

async function buildRequest(context: DeviceContext, { build, schema }: Exchanging, pace: Pace): Promise<Built> {
  return context.store.transaction(async (tx) => {
    const meta = await tx.meta.readMeta()
    const cursors = await tx.meta.readCursors()
    const answered = context.isOutdated ? await tx.receipts.receiptsOfPending() : new Map()
    const pending = (await tx.pending.readPending()).filter(
      (row) => !context.unwritten.has(row.id) && !answered.has(row.id),
    )
    const plan = planPush({
      pending: pending.map((row) => ({ ...row, bytes: row.input.length * 2 })),
      pace,
      nowMs: context.now(),
      serverBuild: meta.serverBuild,
      isFollowing: meta.epoch !== null || context.isOutdated,
      bounds: pushBounds,
    })
    const byId = new Map(pending.map((row) => [row.id, row]))
    const offered = plan.ids.flatMap((id) => byId.get(id) ?? [])
    const digests = offered.length > 0 ? [] : await takeDigests(context, tx, { meta, cursors })
    const request: ExchangeRequest = {
      protocol: protocolVersion,
      clientId: context.identity.clientId,
      build,
      schema,
      epoch: meta.epoch,
      cursors: [...cursors.values()].map(({ audience, seq, token }) => ({ audience, seq, token })),
      lastConfirmed: meta.lastConfirmed,
      actions: offered.map(({ id, name, version, input, ordinal, clock, wasConfirmed }) => {
        return { id, name, version, input: JSON.parse(input), ordinal, clock, wasConfirmed }
      }),
      digests,
    }
    return { request, offered, isAlone: plan.isAlone, beginnings: context.beginnings }
  })
}

/** A poison action tried alone counts as tried now, whatever comes of it: a crash of the server must not repeat it. */
async function rehold(context: DeviceContext, rows: readonly PendingRow[]): Promise<void> {
  const held = rows.flatMap((row) => (row.hold ? [{ ...row, hold: { ...row.hold, atMs: context.now() } }] : []))
  await context.store.transaction((tx) => tx.pending.saveNumbers(held))
  const holds = new Map(held.map((row) => [row.id, row.hold]))
  await context.outbox.rewrite({
    ids: [...holds.keys()],
    change: (record) => ({ ...record, hold: holds.get(record.id) ?? record.hold }),
  })
}

/** No exchange takes longer: by then its deadline has passed. */
const exchangeMsMax = 60_000

/**
 * Server time minus ours, taken in the middle of the exchange. Where our clock jumped meanwhile there is no middle: then the
 * answer came just now. Kept durable when it moved by more than a moment.
 */
async function learnOffset(context: DeviceContext, times: { serverTimeMs: number; sentAtMs: number }): Promise<void> {
  const nowMs = context.now()
  const tookMs = nowMs - times.sentAtMs
  const hasJumped = tookMs < 0 || tookMs > exchangeMsMax
  const offsetMs = Math.round(times.serverTimeMs - nowMs + (hasJumped ? 0 : tookMs / 2))
  const moved = Math.abs(offsetMs - context.identity.offsetMs)
  context.identity = { ...context.identity, offsetMs }
  if (moved > 1_000) await context.outbox.rewrite({ state: context.identity })
}

type Answered = { readonly answer: ExchangeAnswer; readonly built: Built }

async function obey(context: DeviceContext, exchanging: Exchanging, { answer, built }: Answered): Promise<PushEvent> {
  switch (answer.kind) {
    case 'update':
      return takeUpdate(context, exchanging, { answer, built })
    case 'sync':
      return takeSync(context, exchanging, { answer, built })
    case 'reset':
      return startOver(context)
    case 'ahead':
      return { kind: 'told', waitMs: await restamp(context, answer) }
    case 'fork':
      await fork(context)
      return { kind: 'told', waitMs: 0 }
    default:
      return unreachable(answer)
  }
}

async function startOver(context: DeviceContext): Promise<PushEvent> {
  context.trace({ kind: 'reset', offered: await reset(context) })
  return { kind: 'told', waitMs: 0 }
}

async function takeSync(
  context: DeviceContext,
  exchanging: Exchanging,
  { answer, built }: { readonly answer: SyncAnswer; readonly built: Built },
): Promise<PushEvent> {
  const received = await receive(context, answer)
  if (received.kind === 'other-history') return startOver(context)
  if (received.kind === 'other-user') return { kind: 'unauthorised' }
  context.isOutdated = false
  await noteSettled(context, received, exchanging.onSettled)
  await endRetention(context)
  exchanging.onLarge(answer.large)
  const isDamaged = await compareDigests(context, built.request, answer.digests)
  const offered = built.offered.length
  // Asking again at once for what an answer should have brought could go on for ever: a gap waits like a failure.
  if (received.hasGap) return { ...failed('invalid', built), offered: 0 }
  const again = isDamaged || (received.isNews && (answer.more || (await hasUnsent(context))))
  return { kind: 'answered', offered, again }
}

/** This app must be updated. Until then everything it has is sent, and what is answered is not offered again and again. */
async function takeUpdate(
  context: DeviceContext,
  exchanging: Exchanging,
  { answer, built }: { readonly answer: UpdateAnswer; readonly built: Built },
): Promise<PushEvent> {
  context.isOutdated = true
  const received = await receiveReceipts(context, answer)
  if (received.kind === 'other-history') return startOver(context)
  await noteSettled(context, received, exchanging.onSettled)
  if (received.isNews && (await hasUnsent(context))) {
    return { kind: 'answered', offered: built.offered.length, again: true }
  }
  return { ...failed('refused', built), offered: 0 }
}

async function hasUnsent(context: DeviceContext): Promise<boolean> {
  return context.store.transaction(async (tx) => {
    const answered = await tx.receipts.receiptsOfPending()
    return (await tx.pending.readPending()).some(
      (row) => row.hold === null && !answered.has(row.id) && !context.unwritten.has(row.id),
    )
  })
}

function failure(outcome: Exclude<TransportOutcome, { kind: 'answer' }>, built: Built): PushEvent {
  switch (outcome.kind) {
    case 'signed-out':
      return { kind: 'unauthorised' }
    case 'back-off':
      return { ...failed(outcome.isRateLimit ? 'busy' : 'server', built), retryAfterMs: outcome.retryAfterMs }
    case 'offline':
    case 'invalid':
    case 'refused':
    case 'too-large':
      return failed(outcome.kind, built)
    default:
      return unreachable(outcome)
  }
}

function failed(why: Failure, { offered, isAlone }: Built): Extract<PushEvent, { kind: 'failed' }> {
  const [only] = offered
  const single: Single | null = offered.length === 1 && only ? { id: only.id, failures: only.failures } : null
  return { kind: 'failed', why, offered: offered.length, single, isAlone, retryAfterMs: null }
}

/** Counted failures and the hold they lead to, in both stores (ING-6). A reset keeps these marks. */
export async function noteFailure(context: DeviceContext, id: string, isHeld: boolean): Promise<void> {
  const changed = await context.store.transaction(async (tx) => {
    const serverBuild = (await tx.meta.readMeta()).serverBuild
    const rows = (await tx.pending.readPending()).filter((row) => row.id === id)
    const hold = { kind: 'poison', reason: 'failing', build: serverBuild, atMs: context.now() } as const
    const noted = rows.map((row) => ({ ...row, failures: row.failures + 1, hold: isHeld ? hold : row.hold }))
    await tx.pending.saveNumbers(noted)
    return noted
  })
  const [row] = changed
  if (!row) return
  if (isHeld) context.trace({ kind: 'held', actionId: id, reason: 'failing' })
  const { failures, hold } = row
  await context.outbox.rewrite({ ids: [id], change: (record) => ({ ...record, failures, hold }) })
}
