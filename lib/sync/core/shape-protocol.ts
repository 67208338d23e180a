/**
 * The decisions of the shape server (SHP-3): what a request asks for, and what kind of answer it gets. Pure. The words
 * are those of Electric's HTTP protocol, whose client library reads the answers unmodified.
 *
 * ```
 *  offset=now ────────────────▶ position of the heads, up to date
 *  offset=-1 ─────────────────▶ everything since the grants, snapshot-end ─▶ the rest ─▶ up to date
 *  offset=p… handle=H ────────▶ what came since; live: held until something comes
 *          H is another shape's ─▶ 409, must-refetch        p… is none of this log ─▶ 400
 * ```
 */
import { hashText } from './canonical-json'
import type { LogEntry } from './protocol'
import { decodePosition, type ShapePosition } from './shape-position'
import { rowOfEntry } from './shape-row'

/** One audience of a shape, as one consistent read found it. */
export interface ShapeAudience {
  readonly audience: string
  /** The user holds it since this number (AUD-5). */
  readonly since: number
  /** What is not above is pruned. */
  readonly floor: number
  readonly head: number
}

/** What a user follows. The handle stands for the very audiences and memberships: lost and gained again, it is another. */
export interface ShapeDefinition {
  readonly handle: string
  /** In name order. */
  readonly audiences: readonly ShapeAudience[]
}

export interface ShapeBounds {
  readonly audiencesMax: number
  /** Of all their names together, as they stand in an address. */
  readonly charactersMax: number
}

/** Audiences beyond these are heard of by exchange (SHP-2). */
export const shapeBounds: ShapeBounds = { audiencesMax: 400, charactersMax: 64_000 }

const day = 24 * 60 * 60 * 1_000_000
/** What an address spends on one more parameter beside its value. */
const parameterCharacters = 30

/**
 * Those that were used last, and always `own`. By the day: which ones are followed must not change with every entry,
 * because each change ends the shape.
 */
export function followedAudiences(
  held: readonly { readonly audience: string; readonly lastStamp: number }[],
  { own, bounds }: { readonly own: string; readonly bounds: ShapeBounds },
): string[] {
  const rank = ({ audience, lastStamp }: { audience: string; lastStamp: number }) =>
    audience === own ? Number.POSITIVE_INFINITY : Math.floor(lastStamp / day)
  const byUse = [...held].sort((left, right) => {
    const order = rank(right) - rank(left)
    return order || (left.audience < right.audience ? -1 : 1)
  })
  let characters = 0
  const end = byUse.findIndex(({ audience }, index) => {
    characters += encodeURIComponent(audience).length + parameterCharacters
    return index >= bounds.audiencesMax || characters > bounds.charactersMax
  })
  const followed = end === -1 ? byUse : byUse.slice(0, end)
  return followed.map(({ audience }) => audience).sort()
}

/** Handles are never used again: not for another user, nor after a restore, nor for a membership that began anew. */
export function shapeHandle(
  audiences: readonly Pick<ShapeAudience, 'audience' | 'since'>[],
  { userId, epoch }: { readonly userId: string; readonly epoch: string },
): string {
  const pairs = audiences.map(({ audience, since }) => JSON.stringify([audience, since])).sort()
  return hashText(JSON.stringify([userId, epoch, ...pairs])).slice(0, 32)
}

export interface ShapeQuery {
  readonly offset: string
  readonly handle: string | null
  readonly isLive: boolean
  readonly cursor: string | null
}

export type ShapePlan =
  /** `errors` by parameter, in the form Electric tells them. */
  | { readonly kind: 'invalid'; readonly errors: Readonly<Record<string, readonly string[]>> }
  | { readonly kind: 'must-refetch' }
  /** Nothing before the heads. */
  | { readonly kind: 'now' }
  | { readonly kind: 'read'; readonly from: ShapePosition; readonly isFromStart: boolean }

export function readShapeQuery(parameters: URLSearchParams): ShapeQuery {
  return {
    offset: parameters.get('offset') ?? '',
    handle: parameters.get('handle') || null,
    isLive: parameters.get('live') === 'true',
    cursor: parameters.get('cursor'),
  }
}

export function planShape({ offset, handle, isLive }: ShapeQuery, definition: ShapeDefinition): ShapePlan {
  const invalid = (field: string, message: string): ShapePlan => ({ kind: 'invalid', errors: { [field]: [message] } })
  const { audiences } = definition
  if (offset === '') return invalid('offset', "can't be blank")
  if (offset === '-1' || offset === 'now') {
    if (isLive && offset === '-1') return invalid('live', "can't be true when offset == -1")
    if (offset === 'now') return { kind: 'now' }
    return { kind: 'read', from: audiences.map(({ since, floor }) => Math.max(since, floor)), isFromStart: true }
  }
  if (handle === null) return invalid('handle', "can't be blank when offset != -1")
  if (handle !== definition.handle) return { kind: 'must-refetch' }
  const from = decodePosition(offset, audiences.length)
  if (from === null) return invalid('offset', 'has invalid format')
  const isWithin = audiences.every(({ floor, head }, index) => within(from[index], { floor, head }))
  return isWithin ? { kind: 'read', from, isFromStart: false } : invalid('offset', 'out of bounds for this shape')
}

/** Below the floor entries are missing, above the head there are none: a log that was restored from a copy. */
function within(seq: number | undefined, { floor, head }: { floor: number; head: number }): boolean {
  return seq !== undefined && seq >= floor && seq <= head
}

export type ShapeMessage = Readonly<Record<string, unknown>>

export const upToDate: ShapeMessage = { headers: { control: 'up-to-date' } }
export const snapshotEnd: ShapeMessage = { headers: { control: 'snapshot-end' } }
export const mustRefetch: ShapeMessage = { headers: { control: 'must-refetch' } }

export function insertMessage(entry: LogEntry): ShapeMessage {
  const value = rowOfEntry(entry)
  const key = `"sync"."log"/${JSON.stringify(entry.audience)}/"${entry.seq}"`
  return { key, value, headers: { operation: 'insert', relation: ['sync', 'log'] } }
}

/** The position after these entries. */
export function positionAfter(
  from: ShapePosition,
  audiences: readonly Pick<ShapeAudience, 'audience'>[],
  entries: readonly Pick<LogEntry, 'audience' | 'seq'>[],
): ShapePosition {
  const reached = new Map<string, number>()
  for (const { audience, seq } of entries) reached.set(audience, Math.max(seq, reached.get(audience) ?? 0))
  return from.map((seq, index) => Math.max(seq, reached.get(audiences[index]?.audience ?? '') ?? 0))
}

const cursorStepS = 20
const cursorEpochMs = Date.UTC(2024, 9, 9)

/** `electric-cursor`: what the next request repeats, so that no cache takes it for this one. */
export function nextCacheCursor(nowMs: number, sent: string | null, chance: number): string {
  const cursor = Math.ceil((nowMs - cursorEpochMs) / 1_000 / cursorStepS) * cursorStepS
  const before = Number(sent ?? 0)
  return String(cursor > before || !Number.isSafeInteger(before) ? cursor : before + 1 + Math.floor(chance * 3_600))
}
