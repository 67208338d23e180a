/**
 * Order by hand: the place of a column on the board and of an issue in its column, as fractional indexes (bytewise
 * sorted texts, one of which always fits between two others).
 *
 * The caller says behind which row, and the action computes the rank from the rows it finds. The other way round, ranks
 * computed by the caller, two people who drop an issue at the same spot offline would send the same rank, and nothing
 * would ever fit between the two. Computed at its place in replay order, every rank of a column is different.
 */
import { and, asc, desc, eq, gt } from 'drizzle-orm'
import { generateKeyBetween } from 'fractional-indexing'
import { columns, issues } from '@/db/schema'
import type { ActionDb } from '@/lib/sync/action'

export interface IssuePlace {
  readonly projectId: string
  readonly columnId: string
  /** Null: in front. Undefined, or an issue that is elsewhere by now: at the end. */
  readonly after: string | null | undefined
}

/** One or two index lookups, whatever the number of issues in the column. */
export async function rankOfIssue(db: ActionDb, { projectId, columnId, after }: IssuePlace): Promise<string> {
  const inColumn = and(eq(issues.projectId, projectId), eq(issues.columnId, columnId))
  const rank = { rank: issues.rank }
  if (after === null) {
    const [first] = await db.select(rank).from(issues).where(inColumn).orderBy(asc(issues.rank)).limit(1)
    return generateKeyBetween(null, first?.rank ?? null)
  }
  const [before] =
    after === undefined
      ? []
      : await db
          .select(rank)
          .from(issues)
          .where(and(inColumn, eq(issues.id, after)))
  if (before === undefined) {
    const [last] = await db.select(rank).from(issues).where(inColumn).orderBy(desc(issues.rank)).limit(1)
    return rankBehind(last?.rank ?? null)
  }
  const behind = and(inColumn, gt(issues.rank, before.rank))
  const [next] = await db.select(rank).from(issues).where(behind).orderBy(asc(issues.rank)).limit(1)
  return generateKeyBetween(before.rank, next?.rank ?? null)
}

/** A board has a handful of columns: all are read. `moving` is the column that changes its place, if it has one. */
export async function rankOfColumn(
  db: ActionDb,
  place: { readonly projectId: string; readonly after?: string | null | undefined; readonly moving?: string },
): Promise<string> {
  const all = await db
    .select({ id: columns.id, rank: columns.rank })
    .from(columns)
    .where(eq(columns.projectId, place.projectId))
    .orderBy(asc(columns.rank))
  const others = all.filter((column) => column.id !== place.moving)
  const found = others.findIndex((column) => column.id === place.after)
  const index = place.after === null ? 0 : found === -1 ? others.length : found + 1
  return generateKeyBetween(others[index - 1]?.rank ?? null, others[index]?.rank ?? null)
}

/** Behind the last one, or the first rank of all. */
export const rankBehind = (last: string | null): string => generateKeyBetween(last, null)
