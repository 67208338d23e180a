/**
 * One look at the log for one reader: who they are allowed to follow now, and what came since their position, from the
 * same consistent read (AUD-6). Cost follows what is new.
 */
import { cutPage } from '../../core/page'
import type { LogEntry } from '../../core/protocol'
import { encodePosition, type ShapePosition } from '../../core/shape-position'
import {
  planShape,
  positionAfter,
  type ShapeAudience,
  type ShapeDefinition,
  type ShapePlan,
  type ShapeQuery,
  shapeBounds,
} from '../../core/shape-protocol'
import type { PageBounds } from '../engine'
import { tellable } from '../receipt-details'
import { readDefinition } from './definition'
import type { SharedReads } from './readings'

export type ShapeReading = { readonly definition: ShapeDefinition } & (
  | Extract<ShapePlan, { kind: 'invalid' | 'must-refetch' }>
  | {
      readonly kind: 'entries'
      readonly entries: readonly LogEntry[]
      readonly position: string
      readonly isFromStart: boolean
      /** There is more to read after these. */
      readonly more: boolean
    }
)

export interface ShapeAsked {
  readonly userId: string
  readonly query: ShapeQuery
}

export async function readShape(
  reads: SharedReads,
  page: PageBounds,
  { userId, query }: ShapeAsked,
): Promise<ShapeReading> {
  const definition = await readDefinition(reads, { userId, bounds: shapeBounds })
  const plan = planShape(query, definition)
  switch (plan.kind) {
    case 'invalid':
    case 'must-refetch':
      return { ...plan, definition }
    case 'now':
      return {
        ...{ kind: 'entries', definition, entries: [], isFromStart: false, more: false },
        position: encodePosition(definition.audiences.map(({ head }) => head)),
      }
    case 'read': {
      const { from, isFromStart } = plan
      const { audiences, held } = definition
      const found = await readPage(reads, page, { audiences, from })
      const entries = found.map((entry) => tellableEntry(entry, held))
      const reached = positionAfter(from, audiences, entries)
      const more = audiences.some(({ head }, index) => (reached[index] ?? head) < head)
      return { kind: 'entries', definition, entries, position: encodePosition(reached), isFromStart, more }
    }
  }
}

/** Entries without receipts are the same for all readers. */
function tellableEntry(entry: LogEntry, held: readonly string[]): LogEntry {
  return entry.receipts.length === 0 ? entry : { ...entry, receipts: tellable(entry.receipts, held) }
}

interface From {
  readonly audiences: readonly ShapeAudience[]
  readonly from: ShapePosition
}

async function readPage(reads: SharedReads, bounds: PageBounds, { audiences, from }: From): Promise<LogEntry[]> {
  const behind = audiences.flatMap(({ audience, head }, index) => {
    const seq = from[index] ?? head
    return seq < head ? [{ audience, seq, head }] : []
  })
  const found = await reads.entries(behind, bounds.entriesMax)
  const runs = behind.map(({ audience, head }) => {
    const entries = found.get(audience) ?? []
    return { audience, entries, isCut: (entries.at(-1)?.seq ?? 0) < head }
  })
  const { entries, oversized } = cutPage(runs, bounds)
  return [...entries, ...oversized.flatMap((audience) => tooLarge(found.get(audience) ?? []))]
}

/** No entry has this token: it follows nothing, so the device that meets it exchanges. */
const noToken = 'too-large'

/**
 * An ingest with more text than any answer holds. In its place goes its last entry, without content and without a
 * predecessor: whoever reads it sees a gap, and the exchange that follows says "take a snapshot" (SNAP-1).
 */
function tooLarge(entries: readonly LogEntry[]): LogEntry[] {
  const [first] = entries
  const last = entries.filter((entry) => entry.stamp === first?.stamp).at(-1)
  return last ? [{ ...last, previousToken: noToken, changes: [], receipts: [], causes: [] }] : []
}
