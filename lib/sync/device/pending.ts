/** A pending action is in the database and in the outbox; this is how the one is made from the other (EXE-1, OUT-1). */
import type { Place } from '../core/plan-rebase'
import type { PendingRow } from '../store/device/pending'
import type { OutboxRecord } from './outbox'

/** An action of the outbox that PGlite does not know: it has not run here yet. */
export function pendingOf(record: OutboxRecord, place: Place): PendingRow {
  const { id, name, version, input, ordinal, clock, hold, failures } = record
  const wasConfirmed = record.confirmedAtMs !== null
  const neverRan = { mayBeRejected: false, effect: null, shown: null, value: null }
  return { id, name, version, input, ordinal, clock, hold, failures, place, wasConfirmed, ...neverRan }
}

export function recordOf(row: PendingRow): OutboxRecord {
  const { id, name, version, input, ordinal, clock, hold, failures } = row
  return { id, name, version, input, ordinal, clock, hold, failures, confirmedAtMs: null }
}
