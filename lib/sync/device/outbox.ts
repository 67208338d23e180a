/**
 * The outbox: what this device did, outside PGlite and strictly durable, so that losing the database never loses work
 * (EXE-1, OUT-1). It also keeps who the device is: client id, last ordinal, last clock.
 *
 * Everything but refused actions stays for a retention, confirmed ones with their canonical clock and a mark, so that
 * they can be offered again when the server lost its history.
 */
import type { Clock } from '../core/hlc'
import type { Hold } from '../core/push-plan'

export interface OutboxRecord {
  readonly id: string
  readonly name: string
  readonly version: number
  /** Canonical JSON. */
  readonly input: string
  readonly ordinal: number
  /** Canonical once confirmed. */
  readonly clock: Clock
  /** The crash-proof mark "was confirmed"; milliseconds of server time, as far as it was known. */
  readonly confirmedAtMs: number | null
  /** Counted failures of pushes that carried it alone (ING-6). */
  readonly failures: number
  readonly hold: Hold | null
}

export interface OutboxState {
  readonly clientId: string
  readonly lastOrdinal: number
  readonly lastClock: Clock | null
  /** Server time minus this device's clock, as last learned. */
  readonly offsetMs: number
  /** Which data directory is in use: the next one when a directory did not open and was left aside (OUT-1). */
  readonly directory: number
  /** Thrown away by their person last: not here any more, and gone from the database when it has heard of it (DEV-1). */
  readonly discarded?: readonly string[]
}

export interface OutboxChange {
  /** Records to change; all of them when absent. */
  readonly ids?: readonly string[]
  /** Null removes the record. Without it the records stay. */
  readonly change?: (record: OutboxRecord) => OutboxRecord | null
  /** New records, in the same transaction. */
  readonly add?: readonly OutboxRecord[]
  readonly state?: OutboxState
}

/** Each call is one strictly durable transaction; calls take effect in the order they are made. */
export interface Outbox {
  /** Records in ordinal order; state is null on a new device. */
  load(): Promise<{ readonly state: OutboxState | null; readonly records: readonly OutboxRecord[] }>
  add(record: OutboxRecord, state: OutboxState): Promise<void>
  rewrite(change: OutboxChange): Promise<void>
  close(): Promise<void>
}

/** An outbox that one opener at a time may write: several tabs have it, and one of them leads (TAB-1). */
export interface LedOutbox extends Outbox {
  /**
   * Durably counts up the term and answers it. Whoever led before writes nothing from now on, however long it slept: each
   * write compares its term with the stored one in the same transaction (FM-26). Terms are times, so that they go on
   * rising when the outbox was taken away (FM-20). On a full disk the term counts, and is written with the first write
   * that finds room (FM-10).
   */
  lead(): Promise<number>
  /** Whether nobody else has taken the lead since. */
  isLeading(): Promise<boolean>
  /** Writes so much and takes it back. Rejects when there is no room. */
  tryWrite(): Promise<void>
}
