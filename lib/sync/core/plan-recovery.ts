/**
 * What a device must do on start so that PGlite and the outbox tell the same story (EXE-1, OUT-1, CX-16). Pure.
 *
 * ```
 *                        outbox has it                      outbox does not
 *  pending in PGlite     numbers, clock, marks: outbox wins  write it to the outbox
 *  receipt, settled      mark it confirmed, or remove it     –
 *  neither               insert it and run it                –
 * ```
 */
import { type Clock, laterClock } from './hlc'
import type { Receipt } from './protocol'
import type { Hold } from './push-plan'

/** What both stores keep of an action. */
export interface Kept {
  readonly id: string
  readonly ordinal: number
  readonly clock: Clock
  readonly failures: number
  readonly hold: Hold | null
}

export interface KeptInOutbox extends Kept {
  readonly confirmedAtMs: number | null
}

export interface RecoveryQuestion<Pending extends Kept, Outboxed extends KeptInOutbox> {
  readonly pending: readonly Pending[]
  readonly outbox: readonly Outboxed[]
  /** Settled receipts of this device's actions, by action id. */
  readonly settled: ReadonlyMap<string, Pick<Receipt, 'status' | 'clock'>>
  readonly isConfirmedMark: (pending: Pending) => boolean
}

export interface RecoveryPlan<Pending, Outboxed> {
  /** In the outbox only: to be inserted and run. */
  readonly insert: readonly Outboxed[]
  /** In PGlite only: to be written to the outbox. */
  readonly write: readonly Pending[]
  /** In both, and different: PGlite takes what the outbox has. */
  readonly correct: readonly Outboxed[]
  /** Settled, but not marked: the canonical clock by action id. */
  readonly mark: ReadonlyMap<string, Clock>
  /** Refused: the outbox forgets them. */
  readonly remove: readonly string[]
  /** The provisional layer must be built anew. */
  readonly needsRerun: boolean
}

export function planRecovery<Pending extends Kept, Outboxed extends KeptInOutbox>(
  question: RecoveryQuestion<Pending, Outboxed>,
): RecoveryPlan<Pending, Outboxed> {
  const pendingById = new Map(question.pending.map((row) => [row.id, row]))
  const outboxIds = new Set(question.outbox.map((record) => record.id))
  const insert: Outboxed[] = []
  const correct: Outboxed[] = []
  const mark = new Map<string, Clock>()
  const remove: string[] = []
  let needsRerun = false
  for (const record of question.outbox) {
    const row = pendingById.get(record.id)
    const outcome = question.settled.get(record.id)
    if (row) {
      const isMarked = question.isConfirmedMark(row) === (record.confirmedAtMs !== null)
      if (!isSame(row, record) || !isMarked) correct.push(record)
      needsRerun ||= row.clock !== record.clock || row.ordinal !== record.ordinal
    } else if (!outcome) {
      insert.push(record)
    } else if (outcome.status === 'refused') {
      remove.push(record.id)
    } else if (record.confirmedAtMs === null) {
      mark.set(record.id, outcome.clock ?? record.clock)
    }
  }
  const write = question.pending.filter((row) => !outboxIds.has(row.id))
  return { insert, write, correct, mark, remove, needsRerun: needsRerun || insert.length > 0 }
}

function isSame(row: Kept, record: Kept): boolean {
  return (
    row.ordinal === record.ordinal &&
    row.clock === record.clock &&
    row.failures === record.failures &&
    row.hold?.kind === record.hold?.kind &&
    row.hold?.atMs === record.hold?.atMs
  )
}

export interface KnownIdentity {
  readonly clientId: string
  readonly lastOrdinal: number
  readonly lastClock: Clock | null
}

export interface IdentityQuestion {
  /** Null when the outbox is new, or was lost. */
  readonly outbox: KnownIdentity | null
  readonly database: {
    readonly clientId: string | null
    readonly lastOrdinal: number
    readonly servedClock: Clock | null
  }
  /** Everything that is kept of this device's actions, by the numbers that count from now on. */
  readonly actions: readonly Pick<Kept, 'ordinal' | 'clock'>[]
  readonly newClientId: string
}

/**
 * Who the device is, with ordinal and clock above everything either store knows (EXE-1, HLC-1). The outbox wins, also
 * with a clock that was lowered by a restamp (CX-9d): a stale clock in PGlite alone does not count.
 */
export function planIdentity({ outbox, database, actions, newClientId }: IdentityQuestion): KnownIdentity {
  const clocks = [outbox?.lastClock ?? null, database.servedClock, ...actions.map((action) => action.clock)]
  const isSameClient = outbox === null || database.clientId === null || database.clientId === outbox.clientId
  return {
    clientId: outbox?.clientId ?? database.clientId ?? newClientId,
    lastOrdinal: Math.max(
      outbox?.lastOrdinal ?? 0,
      isSameClient ? database.lastOrdinal : 0,
      ...actions.map((action) => action.ordinal),
    ),
    lastClock: clocks.reduce<Clock | null>(laterClock, null),
  }
}
