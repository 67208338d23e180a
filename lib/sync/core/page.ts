/**
 * Cuts what an exchange reads into a page that ends between ingests (section "Exchange" of docs/SPEC.md): a device that
 * applied a page has seen whole ingests only, so it never confirms an action without its effect (CX-12b).
 */
import type { LogEntry } from './protocol'

export interface AudienceRun {
  readonly audience: string
  /** Entries above the cursor in number order, and no ingest in part: as many as were asked for, and to the end of the last. */
  readonly entries: readonly LogEntry[]
  /** True when the audience has more entries than were read. */
  readonly isCut: boolean
}

export interface PageMax {
  readonly entriesMax: number
  /** Of JSON, about. */
  readonly charactersMax: number
}

export interface Page {
  readonly entries: readonly LogEntry[]
  readonly more: boolean
  /** Audiences of an ingest that is too large for any page: only a snapshot leads past it (SNAP-1). */
  readonly oversized: readonly string[]
}

/**
 * Everything up to the least stamp at which an audience was cut, at most about `entriesMax` of it, in stamp order. All
 * entries of one ingest share its stamp, so a page that ends between stamps ends between ingests; one ingest with more
 * entries than the page goes out whole. No page is empty while there is more, unless the next ingest has too many
 * characters for any answer.
 */
export function cutPage(runs: readonly AudienceRun[], { entriesMax, charactersMax }: PageMax): Page {
  const all = runs.flatMap((run) => run.entries)
  all.sort((left, right) => left.stamp - right.stamp || left.place - right.place)
  const bound = Math.min(
    ...runs.filter((run) => run.isCut).map((run) => run.entries.at(-1)?.stamp ?? 0),
    Number.POSITIVE_INFINITY,
  )
  const complete = all.filter((entry) => entry.stamp <= bound)
  let end = 0
  let characters = 0
  while (end < complete.length && end < entriesMax) {
    const ingest = ingestAt(complete, end)
    characters += ingest.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0)
    if (characters > charactersMax) {
      const oversized = end === 0 ? [...new Set(ingest.map((entry) => entry.audience))] : []
      return { entries: complete.slice(0, end), more: end > 0, oversized }
    }
    end += ingest.length
  }
  const more = end < all.length || bound !== Number.POSITIVE_INFINITY
  return { entries: complete.slice(0, end), more, oversized: [] }
}

function ingestAt(entries: readonly LogEntry[], start: number): LogEntry[] {
  let end = start + 1
  while (end < entries.length && entries[end]?.stamp === entries[start]?.stamp) end += 1
  return entries.slice(start, end)
}
