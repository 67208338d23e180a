/**
 * The words on the wire between device and server: `sync.exchange` and what it answers (section "Exchange" of
 * docs/SPEC.md). Both sides validate what they receive with these schemas: bad input changes nothing (NET-1, ING-0).
 */
import { z } from 'zod'

export const protocolVersion = 1

/** Bounds of one exchange. A request beyond them is answered as invalid before any work. */
export const limits = {
  batchActionsMax: 100,
  heldActionsMax: 20,
  inputBytesMax: 128 * 1024,
  requestBytesMax: 4 * 1024 * 1024,
  inputDepthMax: 32,
  cursorsMax: 2_000,
  pendingIdsMax: 10_000,
  pageEntriesMax: 1_000,
  audiencesPerActionMax: 64,
  patchesPerActionMax: 10_000,
  digestsMax: 4,
} as const

const text = (max: number) => z.string().max(max)
const clock = z.string().regex(/^[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f-]{36}$/, 'not a clock')
/** As Postgres writes it: an id in capitals would be another text and the same uuid (AB-06). */
const id = z.uuid().lowercase()
const whole = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

/** One execution of an action, as its device offers it. The author is the session's user, never a field. */
export const offeredAction = z.strictObject({
  id,
  name: text(100),
  version: z.number().int().min(1).max(1_000_000),
  input: z.json(),
  ordinal: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  clock,
  /** The device knew it as confirmed before its last reset (AUD-4). */
  wasConfirmed: z.boolean(),
})
export type OfferedAction = z.infer<typeof offeredAction>

export const cursor = z.strictObject({ audience: text(200), seq: whole, token: text(64) })
export type Cursor = z.infer<typeof cursor>

/** Of all rows of an audience, as `store/digest.ts` makes it: equal where the rows are equal. */
export const digest = z.strictObject({ audience: text(200), digest: text(100) })
export type Digest = z.infer<typeof digest>

export const exchangeRequest = z.strictObject({
  protocol: z.literal(protocolVersion),
  clientId: id,
  build: text(100),
  schema: text(100),
  epoch: text(64).nullable(),
  cursors: z.array(cursor).max(limits.cursorsMax),
  lastConfirmed: id.nullable(),
  actions: z.array(offeredAction).max(limits.batchActionsMax + limits.heldActionsMax),
  /** Of canonical rows here, as of the cursors: to be compared, now and then (CON-1). */
  digests: z.array(digest).max(limits.digestsMax),
})
export type ExchangeRequest = z.infer<typeof exchangeRequest>

/** Every column of a row as Postgres text (CAP-1). The engine's JavaScript never looks inside a value. */
export const image = z.record(z.string(), z.string().nullable())
export type Image = z.infer<typeof image>

/** What became of one row: its new image, or null when it is gone (then only the key travels, AUD-6). */
export const rowChange = z.strictObject({ table: text(100), key: z.string(), image: image.nullable() })
export type RowChange = z.infer<typeof rowChange>

export const receiptStatus = z.enum(['applied', 'rejected', 'refused', 'held'])

/** What became of an action, as the server tells its author. The greatest revision wins (ING-4). */
export const receipt = z.strictObject({
  actionId: z.uuid(),
  clientId: z.uuid(),
  name: text(100),
  version: z.number().int(),
  revision: whole,
  status: receiptStatus,
  reason: z.string().nullable(),
  details: z.json().nullable(),
  /** The canonical clock; differs from the offered one when the action was restamped. Null when refused or held. */
  clock: clock.nullable(),
  restamped: z.boolean(),
  /** Hash of what the action did to rows, to be compared with the device's preview. Null when it did nothing. */
  effect: z.string().nullable(),
  /** Heads of the audiences it named, once everything of its ingest was appended. */
  positions: z.record(z.string(), whole),
})
export type Receipt = z.infer<typeof receipt>

/**
 * One numbered line of an audience's log. `stamp` (microseconds) orders ingests that share an audience, `place` the
 * entries of one ingest, over all its audiences (ING-5).
 */
export const logEntry = z.strictObject({
  audience: z.string(),
  seq: whole,
  token: z.string(),
  previousToken: z.string(),
  stamp: whole,
  place: whole,
  ingest: z.string(),
  kind: z.enum(['action', 'correction', 'receipts']),
  action: z
    .strictObject({ id: z.uuid(), name: z.string(), version: z.number().int(), author: z.string(), clock })
    .nullable(),
  /** For a correction: newcomers of the ingest that named this audience. */
  causes: z.array(z.uuid()),
  changes: z.array(rowChange),
  receipts: z.array(receipt),
})
export type LogEntry = z.infer<typeof logEntry>

/** All rows of one audience at one stamp. A `user:` snapshot replaces the receipts of the device. */
export const snapshot = z.strictObject({
  audience: z.string(),
  seq: whole,
  token: z.string(),
  stamp: whole,
  /** The greatest clock of what made these rows, for the device's own next ones (HLC-2); null before the first. */
  maxClock: clock.nullable(),
  rows: z.array(z.strictObject({ table: z.string(), key: z.string(), image })),
  receipts: z.array(receipt),
})
export type Snapshot = z.infer<typeof snapshot>

/** Asks for the rows of one audience as a stream; the pending actions of this device are answered from the same read. */
export const snapshotRequest = z.strictObject({
  protocol: z.literal(protocolVersion),
  clientId: id,
  schema: text(100),
  audience: text(200),
  pendingIds: z.array(id).max(limits.pendingIdsMax),
  /** Of this client when it asked: what it does afterwards may reach the server before the read. */
  lastOrdinal: whole,
})
export type SnapshotRequest = z.infer<typeof snapshotRequest>

/** The first line of such a stream: a snapshot whose rows follow (SNAP-1). */
export const snapshotHead = snapshot.omit({ rows: true }).extend({
  epoch: z.string(),
  build: z.string(),
  serverTimeMs: whole,
  rowCount: whole,
})
export type SnapshotHead = z.infer<typeof snapshotHead>

/** `sync`: everything is in order. */
const syncAnswer = z.strictObject({
  kind: z.literal('sync'),
  epoch: z.string(),
  build: z.string(),
  serverTimeMs: whole,
  /** Receipts of the offered actions, by id. */
  receipts: z.array(receipt),
  /** All audiences of the user: what is missing here is lost, what is new comes as a snapshot (AUD-5). */
  audiences: z.array(z.string()),
  entries: z.array(logEntry),
  snapshots: z.array(snapshot),
  /** Audiences too large for an answer: each is to be asked for as a stream (SNAP-1). */
  large: z.array(z.string()),
  /** The server's own, for each audience asked about that has nothing newer than the device's cursor. */
  digests: z.array(digest),
  /** There is more to read: exchange again. */
  more: z.boolean(),
})

/** Nothing was ingested; the device must do something first. */
const stopAnswer = z.discriminatedUnion('kind', [
  /** Another history: drop cursors and receipts, offer the whole outbox again (OUT-1). */
  z.strictObject({ kind: z.literal('reset'), epoch: z.string(), serverTimeMs: whole }),
  /** A clock of the push is ahead: restamp above `above` (HLC-3). Known ids are answered. */
  z.strictObject({
    kind: z.literal('ahead'),
    serverTimeMs: whole,
    above: clock.nullable(),
    receipts: z.array(receipt),
  }),
  /** Another action holds this client's ordinal: a copied profile. Take a new client id (HLC-4). */
  z.strictObject({ kind: z.literal('fork'), serverTimeMs: whole }),
])

/** The tables of this device are not those of the server: what it offered was taken, and it gets no rows (DEP-2). */
const updateAnswer = syncAnswer
  .pick({ epoch: true, build: true, serverTimeMs: true, receipts: true })
  .extend({ kind: z.literal('update') })
export type UpdateAnswer = z.infer<typeof updateAnswer>

export const exchangeAnswer = z.union([syncAnswer, updateAnswer, stopAnswer])
export type ExchangeAnswer = z.infer<typeof exchangeAnswer>
export type SyncAnswer = z.infer<typeof syncAnswer>
