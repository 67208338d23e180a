/**
 * What an answer means for the pending actions of a device (REC-1, REC-3). Pure: receipts, cursors and arrived entries
 * in, a plan out.
 *
 * ```
 *   layer ──entry with its id, or rejected──▶ log ──positions reached──▶ settled (leaves `pending`)
 *     ▲  └── refused ─────────────────────────────────────────────────▶ settled
 *   rows ┘ after a reset: the rows still hold it from the former history; the first answer puts it into the layer
 * ```
 */
import type { Receipt } from './protocol'

/**
 * Where the effect of a pending action is. `layer`: in the provisional layer, replayed. `log`: in canonical state, or
 * nowhere because it was rejected; not replayed. `rows`: in rows of a history that a reset ended.
 */
export type Place = 'layer' | 'log' | 'rows'

export interface PendingAction {
  readonly id: string
  readonly ordinal: number
  readonly place: Place
}

/** What a device knows of audiences: the cursors it has, and the last list the server gave it. */
export interface AudienceView {
  readonly cursors: ReadonlyMap<string, { readonly seq: number }>
  /** Null before the first answer. */
  readonly audiences: ReadonlySet<string> | null
}

export interface RebaseQuestion extends AudienceView {
  readonly pending: readonly PendingAction[]
  /** The newest known receipt by action id. */
  readonly receipts: ReadonlyMap<string, Pick<Receipt, 'status' | 'positions'>>
  /** Ids of actions whose entries this answer applied. */
  readonly arrivedIds: ReadonlySet<string>
  /** The answer changes rows. */
  readonly changesRows: boolean
}

export interface RebasePlan {
  /** Confirmed, rejected or refused, and everything of it was applied here: no longer pending. */
  readonly settled: readonly string[]
  /** Still pending, with another place than before. */
  readonly moved: ReadonlyMap<string, Place>
  /** To run again on top, in ordinal order (REC-2). */
  readonly replay: readonly string[]
  /** False: the provisional layer can stay as it is. */
  readonly isNeeded: boolean
}

export function planRebase(question: RebaseQuestion): RebasePlan {
  const { pending, receipts, changesRows } = question
  const settled: string[] = []
  const moved = new Map<string, Place>()
  const replay: string[] = []
  let layerChanges = false
  for (const action of [...pending].sort((left, right) => left.ordinal - right.ordinal)) {
    const receipt = receipts.get(action.id)
    const wasInLayer = action.place === 'layer'
    if (receipt && isSettled(receipt, question)) {
      settled.push(action.id)
      layerChanges ||= wasInLayer
      continue
    }
    const place = placeOf(action, question)
    if (place !== action.place) moved.set(action.id, place)
    if (place === 'layer') replay.push(action.id)
    layerChanges ||= (place === 'layer') !== wasInLayer
  }
  return { settled, moved, replay, isNeeded: changesRows || layerChanges }
}

function placeOf(action: PendingAction, { receipts, arrivedIds }: RebaseQuestion): Place {
  const status = receipts.get(action.id)?.status
  return action.place === 'log' || arrivedIds.has(action.id) || status === 'rejected' ? 'log' : 'layer'
}

/**
 * An action is offered until it is settled, not until it has a receipt (OUT-1, CX-42): a receipt of a history that was
 * restored away names positions this device never reaches.
 */
export function isSettled(receipt: Pick<Receipt, 'status' | 'positions'>, view: AudienceView): boolean {
  if (receipt.status === 'refused') return true
  if (receipt.status === 'held') return false
  return hasReached(receipt.positions, view)
}

/** Audiences no longer held are left out: their entries never come. Those without a cursor yet are not reached. */
export function hasReached(positions: Receipt['positions'], { cursors, audiences }: AudienceView): boolean {
  if (audiences === null) return false
  return Object.entries(positions).every(
    ([audience, seq]) => !audiences.has(audience) || (cursors.get(audience)?.seq ?? -1) >= seq,
  )
}

/** The receipts that change what is known: the greatest revision wins, of equal ones the later (ING-4, CX-13b). */
export function newestReceipts(
  arrived: readonly Receipt[],
  knownRevisions: ReadonlyMap<string, number>,
): Map<string, Receipt> {
  const newest = new Map<string, Receipt>()
  for (const receipt of arrived) {
    const revision = newest.get(receipt.actionId)?.revision ?? knownRevisions.get(receipt.actionId) ?? -1
    if (receipt.revision >= revision) newest.set(receipt.actionId, receipt)
  }
  return newest
}
