/** What must be true of one device between two steps. */
import type { PendingRow } from '@/lib/sync/store/device/pending'
import type { DeviceLook, ServerLook } from '../ground'
import type { Person } from '../person'
import { broken } from './broken'
import { heldBy } from './held'

/** While one process runs, in one history. */
export function checkCursors(person: Person, before: DeviceLook['cursors'], { cursors }: DeviceLook): void {
  for (const [audience, { seq }] of before) {
    const now = cursors.get(audience)
    if (now && now.seq < seq) broken('REC-1', `${person.name} went back from ${seq} to ${now.seq} in ${audience}`)
  }
}

/**
 * Clocks of actions the server never knew increase with the ordinal (HLC-1, HLC-2). One it has taken has its canonical
 * clock there; one that is held or was confirmed before a reset comes in its own time. Where a disk was full
 * while clocks were written, the two stores may differ, and the server puts the order right (HLC-4).
 */
export function checkClocks(person: Person, { pending }: DeviceLook, { ids }: ServerLook): void {
  if (person.hadFullDisk) return
  let before: PendingRow | null = null
  for (const row of pending) {
    if (ids.get(row.id)) person.known.add(row.id)
    if (row.wasConfirmed || row.hold !== null || person.known.has(row.id) || person.refused.has(row.id)) continue
    // What was not promised yet may lose its outbox record, and with it the restamp that the record before it kept.
    if (!person.acknowledged.has(row.id)) continue
    if (before !== null && before.clock >= row.clock) {
      broken('HLC-2', `${row.name} ${row.ordinal} of ${person.name} is not later than ${before.name} ${before.ordinal}`)
    }
    before = row
  }
}

/** What was acknowledged is in the outbox until the server has it, or has refused it for good (EXE-1, OUT-1). */
export function checkKept(person: Person, look: DeviceLook, { ids }: ServerLook): void {
  const pending = new Set(look.pending.map((row) => row.id))
  for (const { receipt } of look.receipts.values())
    if (receipt.status === 'refused') person.refused.add(receipt.actionId)
  for (const id of person.acknowledged) {
    if (person.outbox.has(id) || pending.has(id) || person.refused.has(id) || ids.get(id)) continue
    broken('OUT-1', `${person.name} was told that ${id} is saved, and it is nowhere`)
  }
  for (const id of person.failed) {
    if (ids.get(id)) broken('EXE-1', `${person.name} was told that ${id} was not recorded, and the server has it`)
  }
}

/** A little less than the outbox keeps what is confirmed. */
const markedMsMin = 13 * 24 * 60 * 60 * 1000

/** What was confirmed before its device started over is held, not refused, until retention ends (AUD-4). */
export function checkMarked(person: Person, { receipts, pending }: DeviceLook, nowMs: number): void {
  for (const { id, wasConfirmed } of pending) {
    const confirmedAtMs = person.outbox.confirmedAtMs(id)
    if (wasConfirmed && confirmedAtMs !== null) person.marked.set(id, Math.min(confirmedAtMs, nowMs))
  }
  for (const [id, sinceMs] of person.marked) {
    const receipt = receipts.get(id)?.receipt
    if (receipt?.status !== 'refused' || nowMs - sinceMs > markedMsMin) continue
    broken('AUD-4', `${receipt.name} of ${person.name} was confirmed before, and is refused: ${receipt.reason}`)
  }
}

/**
 * Confirmed means here: the entries of an applied action have been applied on this device too (REC-3). Not in what the
 * user has left already: a snapshot that was read later says no position there, and an older answer may still come.
 */
export function checkConfirmed(
  person: Person,
  { receipts, pending, cursors, audiences }: DeviceLook,
  server: ServerLook,
): void {
  const isPending = new Set(pending.map((row) => row.id))
  for (const { receipt, input } of receipts.values()) {
    if (input === null || receipt.status !== 'applied' || isPending.has(receipt.actionId)) continue
    // A later revision may be here before the entries of the replay that made it.
    if (receipt.revision > 1) continue
    for (const [audience, seq] of Object.entries(receipt.positions)) {
      const cursor = cursors.get(audience)
      if (!audiences?.has(audience) || cursor === undefined || cursor.seq >= seq) continue
      if (!heldBy(server, person.userId).has(audience)) continue
      broken(
        'REC-3',
        `${person.name} takes ${receipt.name} for confirmed at ${seq} of ${audience} and has read ${cursor.seq}`,
      )
    }
  }
}

/** Saved means saved: the status does not say so while something waits. */
export function checkStatus({ device, name }: Person, look: DeviceLook): void {
  if (device?.status.get().kind !== 'synced') return
  const waiting = look.pending.filter((row) => row.hold === null)
  if (waiting.length > 0) broken('EXE-1', `${name} says synced while ${waiting.length} actions wait`)
}
