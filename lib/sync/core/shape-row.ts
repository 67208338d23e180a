/**
 * A log entry as a row of the shape on `sync.log`, the way Electric writes rows: every value is Postgres text, and
 * `electric-schema` says how to read it (SHP-3).
 */
import { z } from 'zod'
import { type LogEntry, logEntry } from './protocol'

export type ShapeRow = Readonly<Record<string, string | null>>

const columns = {
  audience: { type: 'text', not_null: true, pk_index: 0 },
  seq: { type: 'int8', not_null: true, pk_index: 1 },
  token: { type: 'text', not_null: true },
  previous_token: { type: 'text', not_null: true },
  stamp: { type: 'int8', not_null: true },
  place: { type: 'int4', not_null: true },
  ingest: { type: 'uuid', not_null: true },
  kind: { type: 'text', not_null: true },
  action: { type: 'jsonb' },
  causes: { type: 'jsonb', not_null: true },
  changes: { type: 'jsonb', not_null: true },
  receipts: { type: 'jsonb', not_null: true },
}

export const shapeColumns = Object.keys(columns)

/** The header `electric-schema`, as Electric describes these columns. */
export const shapeSchema = JSON.stringify(columns)

export function rowOfEntry(entry: LogEntry): ShapeRow {
  return {
    audience: entry.audience,
    seq: String(entry.seq),
    token: entry.token,
    previous_token: entry.previousToken,
    stamp: String(entry.stamp),
    place: String(entry.place),
    ingest: entry.ingest,
    kind: entry.kind,
    action: entry.action && JSON.stringify(entry.action),
    causes: JSON.stringify(entry.causes),
    changes: JSON.stringify(entry.changes),
    receipts: JSON.stringify(entry.receipts),
  }
}

/** What a client library made of such a row: whole numbers of eight bytes may have become bigints. */
const whole = z.union([z.bigint(), z.number(), z.string()]).transform(Number).pipe(logEntry.shape.seq)

const readRow = logEntry.omit({ previousToken: true }).extend({
  ...{ seq: whole, stamp: whole, place: whole },
  previous_token: z.string(),
})

/** Null: not a row of this log, or one of a version this app does not know. The device exchanges instead. */
export function entryOfRow(row: unknown): LogEntry | null {
  const read = readRow.safeParse(row)
  if (!read.success) return null
  const { previous_token: previousToken, ...entry } = read.data
  return { ...entry, previousToken }
}
