/**
 * Cuts what an exchange reads into a page that ends between ingests (section "Exchange" of docs/SPEC.md): a device that
 * applied a page has seen whole ingests only, so it never confirms an action without its effect (CX-12b).
 */
import type { LogEntry } from './protocol'

export interface AudienceRun {
  readonly audience: string
  /** Entries above the cursor in number order, at most as many as were asked for. */
  readonly entries: readonly LogEntry[]
  /** True when the audience has more entries than were read. */
  readonly isCut: boolean
}

export interface Page {
  readonly entries: readonly LogEntry[]
  readonly more: boolean
}

/**
 * Everything up to the greatest stamp that is complete in every audience, then at most about `entriesMax` of it, in
 * stamp order. One ingest larger than the page goes out whole: a page never ends inside one.
 */
export function cutPage(runs: readonly AudienceRun[], entriesMax: number): Page {
  const all = runs.flatMap((run) => run.entries)
  all.sort((left, right) => left.stamp - right.stamp || compareText(left.ingest, right.ingest))
  const firstIncomplete = Math.min(
    ...runs.filter((run) => run.isCut).map((run) => run.entries.at(-1)?.stamp ?? 0),
    Number.POSITIVE_INFINITY,
  )
  const complete = all.filter((entry) => entry.stamp < firstIncomplete)
  let end = 0
  while (end < complete.length && (end < entriesMax || sameIngest(complete[end - 1], complete[end]))) end += 1
  return { entries: complete.slice(0, end), more: end < all.length || firstIncomplete !== Number.POSITIVE_INFINITY }
}

function sameIngest(left: LogEntry | undefined, right: LogEntry | undefined): boolean {
  return left !== undefined && right !== undefined && left.ingest === right.ingest
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
