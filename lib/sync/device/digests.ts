/**
 * Compares rows here with the server's by digests, and heals what differs (CON-1, FM-21). A device that follows the rules never
 * finds anything: this is for damaged disks, and for bugs nobody has met yet.
 *
 * ```
 *  exchange with digests of canonical rows, as of the cursors ─▶ nothing newer there? its own digests
 *        equal: compared                                    different: noted with both, the cursor is dropped
 *                                                                       └▶ the next exchange brings a snapshot
 * ```
 */
import { planDigests } from '../core/plan-digests'
import type { Digest, ExchangeRequest } from '../core/protocol'
import type { HeldCursor } from '../core/squash'
import type { DigestMismatch, Meta } from '../store/device/meta'
import type { DeviceTransaction } from '../store/device/transaction'
import type { DeviceContext } from './context'
import { putLayerBack, takeBackLayer } from './layer'

/** For a bug report; older ones go. */
const mismatchesKept = 20

/** What people and support are told. */
export interface DigestReport {
  /** When all audiences were compared last; null when they never were. Milliseconds of this device's own clock. */
  readonly comparedAtMs: number | null
  readonly audiences: number
  /** Could not be compared yet: there was news, or no network. */
  readonly left: number
  /** What was found and healed, the newest last. */
  readonly mismatches: readonly DigestMismatch[]
}

interface Known {
  readonly meta: Meta
  readonly cursors: ReadonlyMap<string, HeldCursor>
}

/** Digests that go with the next exchange: mostly none. */
export async function takeDigests(
  context: DeviceContext,
  tx: DeviceTransaction,
  { meta, cursors }: Known,
): Promise<Digest[]> {
  const [audiences, nowMs] = [[...cursors.keys()], context.now()]
  const plan = planDigests({ audiences, left: context.digestsLeft, checkedAtMs: meta.digestsAtMs, nowMs })
  context.digestsLeft = plan.left
  if (plan.isDone) await tx.meta.writeMeta({ digests_at_ms: String(nowMs) })
  if (plan.ask.length === 0) return []
  const pending = await tx.pending.readPending()
  // Their rows are of a history that is gone, until the first answer of the new one.
  if (pending.some((row) => row.place === 'rows')) return []
  const hasLayer = pending.some((row) => row.place === 'layer')
  if (hasLayer) await takeBackLayer(tx)
  const digests: Digest[] = []
  for (const audience of plan.ask) digests.push({ audience, digest: await tx.rows.digest(audience) })
  if (hasLayer) await putLayerBack(context, tx)
  return digests
}

/** Answers whether something differs: then its cursor is gone, and the device is to exchange again. */
export async function compareDigests(
  context: DeviceContext,
  { digests: here, cursors }: Pick<ExchangeRequest, 'digests' | 'cursors'>,
  answered: readonly Digest[],
): Promise<boolean> {
  if (answered.length === 0) return false
  const isAnswered = new Set(answered.map(({ audience }) => audience))
  context.digestsLeft = context.digestsLeft?.filter((audience) => !isAnswered.has(audience)) ?? null
  context.trace({ kind: 'digests-compared', audiences: answered.length })
  const mismatches = answered.flatMap(({ audience, digest: server }): DigestMismatch[] => {
    const device = here.find((one) => one.audience === audience)?.digest
    if (device === undefined || device === server) return []
    const seq = cursors.find((cursor) => cursor.audience === audience)?.seq ?? 0
    return [{ audience, seq, device, server, atMs: context.now() }]
  })
  for (const { audience, device, server } of mismatches) {
    context.trace({ kind: 'digest-mismatch', audience, device, server })
  }
  if (mismatches.length === 0) return false
  await context.store.transaction(async (tx) => {
    const known = (await tx.meta.readMeta()).mismatches
    await tx.meta.writeMeta({ mismatches: JSON.stringify([...known, ...mismatches].slice(-mismatchesKept)) })
    await tx.meta.dropCursors(mismatches.map(({ audience }) => audience))
  })
  return true
}

/** All audiences now, a few with each exchange. Where an exchange brings no answer it ends, and goes on with the next ones. */
export async function compareAll(context: DeviceContext, exchangeNow: () => Promise<void>): Promise<DigestReport> {
  const cursors = await context.store.transaction((tx) => tx.meta.readCursors())
  context.digestsLeft = [...cursors.keys()]
  const left = () => context.digestsLeft?.length ?? 0
  for (let before = Number.POSITIVE_INFINITY; left() < before; ) {
    before = left()
    await exchangeNow()
  }
  return digestReport(context)
}

export async function digestReport(context: DeviceContext): Promise<DigestReport> {
  const { meta, cursors } = await context.store.transaction(async (tx) => ({
    meta: await tx.meta.readMeta(),
    cursors: await tx.meta.readCursors(),
  }))
  const left = context.digestsLeft?.length ?? 0
  return { comparedAtMs: meta.digestsAtMs, audiences: cursors.size, left, mismatches: meta.mismatches }
}
