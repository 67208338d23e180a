/** What the contracts of the engine's databases write down: one readable record per number. */
import { encodeClock } from '@/lib/sync/core/hlc'
import type { LogEntry, Receipt } from '@/lib/sync/core/protocol'
import type { PendingRow } from '@/lib/sync/store/device/pending'
import type { ReceiptRow } from '@/lib/sync/store/device/receipts'
import type { AcceptedAction, IdRow } from '@/lib/sync/store/server/history'
import type { AudienceHead } from '@/lib/sync/store/server/log'
import { roomOf, uuid } from './act'

export const clientId = uuid(0xc1)
export const otherClientId = uuid(0xc2)
export const room = roomOf(1)
export const otherRoom = roomOf(2)

/** Later for greater numbers. */
export const clockAt = (step: number, client = clientId): string =>
  encodeClock({ ms: Date.UTC(2031, 5, 1) + step, counter: 0, clientId: client })

export function acceptedAction(number: number, but: Partial<AcceptedAction> = {}): AcceptedAction {
  return {
    id: uuid(number),
    name: 'item.make',
    version: 1,
    input: '{"label":"Ä \\"1\\" \\\\"}',
    author: 'ann',
    clientId,
    ordinal: number,
    clock: clockAt(number),
    writes: [room],
    reads: [],
    status: 'applied',
    reason: null,
    effect: 'e'.repeat(32),
    build: '1764150000000',
    ...but,
  }
}

export function receiptOf(number: number, but: Partial<Receipt> = {}): Receipt {
  return {
    actionId: uuid(number),
    clientId,
    name: 'item.make',
    version: 1,
    revision: 1,
    status: 'applied',
    reason: null,
    details: null,
    clock: clockAt(number),
    restamped: false,
    effect: null,
    positions: { [room]: number },
    ...but,
  }
}

export const refusal: Partial<Receipt> = {
  status: 'refused',
  reason: 'authority',
  details: { rooms: [room, null], n: 1.5 },
  clock: null,
  positions: {},
}

export function idRow(number: number, but: Partial<Receipt> = {}): IdRow {
  return { hash: `hash-${number}`, author: 'ann', ordinal: number, receipt: receiptOf(number, but) }
}

export const tokenOf = (audience: string, seq: number) => (seq === 0 ? '' : `token ${audience} ${seq}`)

/** The entry with this number; the stamp names its ingest. */
export function logEntry(seq: number, stamp: number, but: Partial<LogEntry> = {}): LogEntry {
  const audience = but.audience ?? room
  return {
    audience,
    seq,
    token: tokenOf(audience, seq),
    previousToken: tokenOf(audience, seq - 1),
    stamp,
    place: seq,
    ingest: uuid(0x1000 + stamp),
    kind: 'action',
    action: { id: uuid(seq), name: 'item.make', version: 1, author: 'ann', clock: clockAt(seq) },
    causes: [],
    changes: [{ table: 'items', key: `["${uuid(seq)}"]`, image: { id: uuid(seq), value: '1', holder: null } }],
    receipts: [],
    ...but,
  }
}

export function headAt(audience: string, seq: number, but: Partial<AudienceHead> = {}): AudienceHead {
  return {
    audience,
    head: seq,
    headToken: tokenOf(audience, seq),
    floor: 0,
    floorToken: '',
    sealedUntil: '',
    lastStamp: seq * 10,
    maxClock: clockAt(seq),
    ...but,
  }
}

export function pendingRow(number: number, but: Partial<PendingRow> = {}): PendingRow {
  return {
    id: uuid(number),
    name: 'item.make',
    version: 1,
    input: '{"b":1,"a":[null]}',
    ordinal: number,
    clock: clockAt(number),
    place: 'layer',
    wasConfirmed: false,
    mayBeRejected: false,
    hold: null,
    failures: 0,
    effect: null,
    shown: null,
    value: null,
    ...but,
  }
}

/** As it is kept when all that is known of an action is its receipt. */
export function receiptRow(receipt: Receipt, but: Partial<ReceiptRow> = {}): ReceiptRow {
  return {
    receipt,
    clock: receipt.clock ?? '',
    input: null,
    effect: null,
    shown: null,
    difference: null,
    told: null,
    isSeen: true,
    ...but,
  }
}

/** By a text of theirs, for lists whose order is nobody's promise. */
export function sortedBy<Value>(values: Iterable<Value>, textOf: (value: Value) => string): Value[] {
  return [...values].sort((left, right) => (textOf(left) < textOf(right) ? -1 : 1))
}
