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

export interface Page {
  readonly entries: readonly LogEntry[]
  readonly more: boolean
}

/**
 * Everything up to the least stamp at which an audience was cut, at most about `entriesMax` of it, in stamp order. All
 * entries of one ingest share its stamp, so a page that ends between stamps ends between ingests; one ingest larger
 * than the page goes out whole, and no page is empty while there is more.
 */
export function cutPage(runs: readonly AudienceRun[], entriesMax: number): Page {
  const all = runs.flatMap((run) => run.entries)
  all.sort((left, right) => left.stamp - right.stamp || left.place - right.place)
  const bound = Math.min(
    ...runs.filter((run) => run.isCut).map((run) => run.entries.at(-1)?.stamp ?? 0),
    Number.POSITIVE_INFINITY,
  )
  const complete = all.filter((entry) => entry.stamp <= bound)
  let end = Math.min(entriesMax, complete.length)
  while (end > 0 && end < complete.length && complete[end - 1]?.stamp === complete[end]?.stamp) end += 1
  return { entries: complete.slice(0, end), more: end < all.length || bound !== Number.POSITIVE_INFINITY }
}
