/** What must be true of canonical history while it grows: order, admission, the log. */
import { decodeClock } from '@/lib/sync/core/hlc'
import type { LogEntry } from '@/lib/sync/core/protocol'
import type { AcceptedAction } from '@/lib/sync/store/server/history'
import type { AudienceHead } from '@/lib/sync/store/server/log'
import { everyAction } from '../app/actions'
import type { ServerLook } from '../ground'
import { broken } from './broken'

export const arrivalOrdered = new Set(
  everyAction.filter((action) => action.order === 'arrival').map((action) => action.name),
)

/** A clock that a server may accept is not further ahead; servers of a world differ by a moment (HLC-3). */
const aheadMsMax = 10_000 + 1_000

export interface Admitted {
  readonly arrived: readonly AcceptedAction[]
  /** Ids that were looked at before; grows. */
  readonly known: Set<string>
  /** Whether a user may have held an audience when the newest ones were accepted. */
  readonly mayHold: (userId: string, audience: string) => boolean
  /** Whether the server chose its clock. */
  readonly isStampedByServer: (action: AcceptedAction) => boolean
  readonly serverNowMs: number
}

/** Of actions that were accepted since the last look. */
export function checkAdmitted({ arrived, known, mayHold, isStampedByServer, serverNowMs }: Admitted): void {
  // Founded, and perhaps left again, in the same push.
  const founded = new Set(
    arrived
      .filter(({ id, name }) => !known.has(id) && name === 'room.found')
      .flatMap(({ author, writes }) => writes.map((audience) => `${author} ${audience}`)),
  )
  for (const action of arrived) {
    if (known.has(action.id)) continue
    const { name, ordinal, clock, author } = action
    checkClock(action, arrived, known)
    // A clock the server gave itself follows what its audiences hold, however wrong its own clock is now.
    if (!isStampedByServer(action) && decodeClock(clock).ms > serverNowMs + aheadMsMax) {
      broken('HLC-3', `${name} ${ordinal} of ${author} was accepted ${decodeClock(clock).ms - serverNowMs} ms ahead`)
    }
    for (const audience of [...action.writes, ...action.reads]) {
      if (founded.has(`${author} ${audience}`) || mayHold(author, audience)) continue
      broken('AUD-4', `${name} of ${author} was accepted for ${audience}, which ${author} does not hold`)
    }
    known.add(action.id)
  }
}

/**
 * Canonical clocks of one client increase with the ordinal (HLC-4): each is greater than those of smaller ordinals that
 * were accepted before it. One that was held comes later than it was done, and others may be ahead of it by then. An
 * arrival-ordered one comes after everything its audiences hold (ACT-5).
 */
function checkClock(action: AcceptedAction, arrived: readonly AcceptedAction[], known: ReadonlySet<string>): void {
  const isLast = arrivalOrdered.has(action.name)
  const named = new Set([...action.writes, ...action.reads])
  for (const other of arrived) {
    if (!known.has(other.id) || other.clock < action.clock) continue
    if (other.clientId === action.clientId && other.ordinal < action.ordinal) {
      broken('HLC-4', `${action.name} ${action.ordinal} comes before ${other.name} ${other.ordinal} of the same client`)
    }
    if (isLast && [...other.writes, ...other.reads].some((audience) => named.has(audience))) {
      broken('ACT-5', `${action.name} arrived later than ${other.name} and stands before it`)
    }
  }
}

/** Dense numbers, tokens in a chain, nothing of another audience, and not more than an ingest may say (ING-5). */
export class LogWatch {
  private heads = new Map<string, { seq: number; token: string }>()

  forget(): void {
    this.heads = new Map()
  }

  check({ entries, heads }: ServerLook): void {
    const fresh = [...entries.values()].filter(({ audience, seq }) => seq > (this.heads.get(audience)?.seq ?? 0))
    for (const entry of fresh.sort((left, right) => left.seq - right.seq)) {
      this.follow(entry)
      checkEntry(entry)
    }
    for (const [audience, { seq }] of this.heads) {
      if (heads.get(audience)?.head !== seq) broken('ING-5', `the head of ${audience} is not its last entry`)
    }
    for (const head of heads.values()) checkFloor(head, entries)
  }

  private follow(entry: LogEntry): void {
    const last = this.heads.get(entry.audience) ?? { seq: 0, token: '' }
    if (entry.seq !== last.seq + 1) broken('ING-5', `${entry.audience} jumps from ${last.seq} to ${entry.seq}`)
    if (entry.previousToken !== last.token) broken('ING-5', `${entry.audience} ${entry.seq} follows another entry`)
    this.heads.set(entry.audience, { seq: entry.seq, token: entry.token })
  }
}

/** What is left of an audience's log begins right behind its floor, and the floor has the token that stands there (HOR-1). */
function checkFloor({ audience, floor, floorToken }: AudienceHead, { values }: ServerLook['entries']): void {
  if (floor === 0) return
  for (const entry of values()) {
    if (entry.audience !== audience) continue
    if (entry.seq === floor && entry.token !== floorToken) broken('HOR-1', `the floor of ${audience} has another token`)
    if (entry.seq === floor + 1 && entry.previousToken !== floorToken) {
      broken('HOR-1', `${audience} ${entry.seq} does not follow its floor`)
    }
  }
}

function checkEntry(entry: LogEntry): void {
  for (const { table, key, image } of entry.changes) {
    if (image !== null && image.audience !== entry.audience) {
      broken('AUD-6', `${entry.audience} tells ${table} ${key} of another audience`)
    }
  }
  if (entry.receipts.length > 0 && entry.kind !== 'receipts')
    broken('AUD-6', `receipts stand in an entry of ${entry.kind}`)
}
