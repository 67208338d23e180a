/**
 * What a tab asks of its device, and hears of it. Coarse: an action is one message (TAB-1). How it travels, to the tab's
 * own worker or to another's, is in `tabs/words`; both sides validate what they hear.
 */
import { z } from 'zod'
import type { RawRow } from './client'
import type { DigestReport } from './digests'
import type { ImportReport } from './import-pending'
import type { ReceiptView, SyncStatus } from './views'

const id = z.number().int()

/** How a device is opened. */
export const opening = z.strictObject({
  userId: z.string().min(1),
  build: z.string(),
  isDevelopment: z.boolean(),
})
export type Opening = z.infer<typeof opening>

export const call = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('execute'), name: z.string(), input: z.unknown(), actionId: z.uuid() }),
  z.strictObject({ method: z.literal('markSeen'), actionIds: z.array(z.uuid()) }),
  z.strictObject({ method: z.literal('exportData') }),
  z.strictObject({ method: z.literal('exportPending') }),
  z.strictObject({ method: z.literal('importPending'), text: z.string() }),
  z.strictObject({ method: z.literal('syncNow') }),
  z.strictObject({ method: z.literal('verify') }),
  z.strictObject({ method: z.literal('digestReport') }),
  z.strictObject({ method: z.literal('resync') }),
  z.strictObject({ method: z.literal('discardPending') }),
])
export type Call = z.infer<typeof call>

/** An error as plain data, with everything a caller decides by: reason and details, or code, SQLSTATE, constraint. */
export const failure = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rejected'),
    reason: z.string(),
    details: z.record(z.string(), z.unknown()).nullable(),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    code: z.enum(['invalid-input', 'unknown-action', 'error', 'storage', 'unavailable', 'repeated', 'timeout']),
    message: z.string(),
    sqlState: z.string().nullable(),
    constraint: z.string().nullable(),
  }),
])
export type WireFailure = z.infer<typeof failure>

const difference = z.strictObject({
  table: z.string(),
  key: z.string(),
  column: z.string(),
  previewed: z.string().nullable(),
  now: z.string().nullable(),
})

const receiptView = z.strictObject({
  actionId: z.string(),
  name: z.string(),
  version: z.number(),
  input: z.unknown(),
  status: z.enum(['pending', 'applied', 'corrected', 'rejected', 'refused', 'held']),
  reason: z.string().nullable(),
  details: z.unknown(),
  restamped: z.boolean(),
  mayBeRejected: z.boolean(),
  difference: z.array(difference),
  atMs: z.number(),
  seen: z.boolean(),
}) satisfies z.ZodType<ReceiptView>

const syncStatus = z.strictObject({
  kind: z.enum(['starting', 'loading', 'synced', 'waiting', 'offline', 'signed-out', 'needs-update', 'stopped']),
  pendingCount: z.number(),
  lastExchangeAtMs: z.number().nullable(),
  loading: z.object({ rows: z.number(), ofRows: z.number() }).nullable(),
  message: z.string().nullable(),
  storage: z.enum(['opfs', 'indexeddb', 'memory']).nullable(),
  isFull: z.boolean(),
  begunAs: z.string().nullable(),
}) satisfies z.ZodType<SyncStatus>

export const digestReport = z.strictObject({
  comparedAtMs: z.number().nullable(),
  audiences: z.number(),
  left: z.number(),
  mismatches: z.array(
    z.strictObject({
      audience: z.string(),
      seq: z.number(),
      device: z.string(),
      server: z.string(),
      atMs: z.number(),
    }),
  ),
}) satisfies z.ZodType<DigestReport>

const count = z.number().int()
export const importReport = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('unfit'),
    why: z.enum(['not-ours', 'damaged', 'newer', 'too-large', 'other-user']),
  }),
  z.strictObject({
    kind: z.literal('taken-in'),
    fresh: count,
    alreadyHere: count,
    answered: count,
    notRunnable: count,
  }),
]) satisfies z.ZodType<ImportReport>

/** Rows are many: only their outer shape is looked at. */
const rows = z.custom<readonly RawRow[]>((value) => Array.isArray(value) && value.every(Array.isArray))

export const fromWorker = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('done'), id, value: z.unknown() }),
  z.strictObject({ kind: z.literal('failed'), id, failure }),
  z.strictObject({ kind: z.literal('settled'), actionId: z.string(), receipt: receiptView }),
  z.strictObject({ kind: z.literal('not-settled'), actionId: z.string(), failure }),
  z.strictObject({ kind: z.literal('rows'), id, rows }),
  z.strictObject({ kind: z.literal('watch-failed'), id, failure }),
  z.strictObject({ kind: z.literal('status'), status: syncStatus }),
  z.strictObject({ kind: z.literal('receipts'), receipts: z.array(receiptView) }),
])

/** The half of a worker or message port that both sides need. */
export interface Port {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}
