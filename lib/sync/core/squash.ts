/**
 * Turns what an answer brought into one target per row (APP-1). Pure: the device reads where its rows lie now, asks
 * here, and sets the rows.
 *
 * A row lies in one audience at a time, and each audience tells only its own half: a move from A to B is a delete in A
 * and an image in B (AUD-1). Audiences are read at different times – by page, by snapshot, later by a tail – so a half
 * may be older than what the device holds from the other one (CX-38). The two guards decide that row by row:
 *
 *   an image in X counts   when the row is absent here, or lies in X, or lies in Y whose cursor has a smaller stamp
 *   a delete in X counts   when the row lies in X
 *
 * The guards are asked in stamp order against the row as it then is: taking only the last change first would forget
 * that an earlier one of the same answer had moved the row. Within one stamp the last change of each audience counts
 * (its actions in log order, CX-1b), deletes before images, so that a move inside one ingest ends with the row.
 */
import { rowId } from './images'
import type { Image, LogEntry, Snapshot } from './protocol'

export interface HeldCursor {
  readonly audience: string
  readonly seq: number
  readonly token: string
  /** Of the last entry or snapshot applied: how new the device's rows of this audience are. */
  readonly stamp: number
}

/** A row as it lies in canonical state before the answer is applied; audience null when it is absent. */
export interface LocalRow {
  readonly table: string
  readonly key: string
  readonly audience: string | null
}

export interface TargetRow {
  readonly table: string
  readonly key: string
  /** Null: the row shall be gone. */
  readonly image: Image | null
}

interface RowEvent {
  readonly audience: string
  readonly stamp: number
  readonly seq: number
  readonly image: Image | null
}

export interface Arrival {
  /** Entries above the cursors and snapshots, whole ingests, in any order. */
  readonly entries: readonly LogEntry[]
  readonly snapshots: readonly Snapshot[]
}

/** Rows the arrival speaks of, each once: the device looks up where these lie, besides all rows of new snapshots. */
export function namedRows({ entries, snapshots }: Arrival): { table: string; key: string }[] {
  const rows = new Map<string, { table: string; key: string }>()
  for (const { changes } of entries)
    for (const { table, key } of changes) rows.set(rowId({ table, key }), { table, key })
  for (const snapshot of snapshots) {
    for (const { table, key } of snapshot.rows) rows.set(rowId({ table, key }), { table, key })
  }
  return [...rows.values()]
}

/**
 * The rows to set. `local` holds the named rows and, for each snapshot, every row here that lies in its audience (those
 * missing in the snapshot were deleted); a row that is not listed is absent. `cursors` are those before the answer.
 * Rows of lost audiences are given as absent: they are removed before.
 */
export function squash(
  arrival: Arrival,
  local: readonly LocalRow[],
  cursors: ReadonlyMap<string, Pick<HeldCursor, 'stamp'>>,
): TargetRow[] {
  const rows = new Map(local.map((row) => [rowId(row), row]))
  const targets: TargetRow[] = []
  for (const [id, { table, key, events }] of eventsByRow(arrival, local)) {
    const start = rows.get(id)?.audience ?? null
    const end = settle(start, events, (audience) => cursors.get(audience)?.stamp ?? -1)
    if (end.changed && !(start === null && end.image === null)) targets.push({ table, key, image: end.image })
  }
  return targets
}

function settle(start: string | null, events: RowEvent[], stampOf: (audience: string) => number) {
  let audience = start
  let image: Image | null = null
  let changed = false
  let placedAt = start === null ? -1 : stampOf(start)
  for (const event of lastOfEachAudience(events)) {
    const isNewer = audience === null || audience === event.audience || placedAt < event.stamp
    if (event.image === null ? audience !== event.audience : !isNewer) continue
    audience = event.image === null ? null : event.audience
    image = event.image
    changed = true
    placedAt = event.stamp
  }
  return { image, changed }
}

/** In stamp order; within one stamp the last event of each audience, deletes first. */
function lastOfEachAudience(events: RowEvent[]): RowEvent[] {
  const last = new Map<string, RowEvent>()
  for (const event of events) {
    const place = `${event.stamp} ${event.audience}`
    const known = last.get(place)
    if (!known || known.seq <= event.seq) last.set(place, event)
  }
  const isImage = (event: RowEvent) => (event.image === null ? 0 : 1)
  return [...last.values()].sort((left, right) => left.stamp - right.stamp || isImage(left) - isImage(right))
}

interface RowEvents {
  readonly table: string
  readonly key: string
  readonly events: RowEvent[]
}

function eventsByRow({ entries, snapshots }: Arrival, local: readonly LocalRow[]): Map<string, RowEvents> {
  const byRow = new Map<string, RowEvents>()
  const add = (row: { table: string; key: string }, event: RowEvent) => {
    const known = byRow.get(rowId(row))
    if (known) known.events.push(event)
    else byRow.set(rowId(row), { table: row.table, key: row.key, events: [event] })
  }
  for (const { audience, stamp, seq, changes } of entries) {
    for (const change of changes) add(change, { audience, stamp, seq, image: change.image })
  }
  for (const { audience, stamp, seq, rows } of snapshots) {
    const inSnapshot = new Set(rows.map(rowId))
    for (const row of rows) add(row, { audience, stamp, seq, image: row.image })
    for (const row of local) {
      if (row.audience === audience && !inSnapshot.has(rowId(row))) add(row, { audience, stamp, seq, image: null })
    }
  }
  return byRow
}
