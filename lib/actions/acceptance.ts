/**
 * What a column and a parent demand of an issue. Every action that puts an issue somewhere asks here, so that at any
 * time: no column holds more than its limit, and no completed issue has an open child.
 */
import { and, asc, count, eq, isNull, sql } from 'drizzle-orm'
import { issueCounters, issues } from '@/db/schema'
import { type ActionDb, reject } from '@/lib/sync/action'
import { type Column, findColumn, findMember, type Issue, mayEdit } from './lookups'

interface Place {
  readonly projectId: string
  readonly columnId: string
}

/** Issues of a column that are on the board. */
export async function countIssues(db: ActionDb, { projectId, columnId }: Place): Promise<number> {
  const [row] = await db
    .select({ holds: count() })
    .from(issues)
    .where(and(eq(issues.projectId, projectId), eq(issues.columnId, columnId), isNull(issues.archivedAt)))
  return row?.holds ?? 0
}

/** The column, if it takes one more issue. `issue` is told to the author of a rejected action. */
export async function acceptingColumn(db: ActionDb, place: Place, issue: { readonly title: string }): Promise<Column> {
  const column = await findColumn(db, place)
  if (column.closedAt) {
    const at = column.closedAt.toISOString()
    reject('column-closed', { ...called(issue), column: column.name, by: column.closedByName, at })
  }
  if (column.issueLimit !== null && (await countIssues(db, place)) >= column.issueLimit) {
    reject('column-full', { ...called(issue), column: column.name, limit: column.issueLimit })
  }
  return column
}

/** Rejects while a child is open. */
export async function requireChildrenDone(db: ActionDb, issue: Issue): Promise<void> {
  const open = await db
    .select({ number: issues.number })
    .from(issues)
    .where(and(eq(issues.projectId, issue.projectId), eq(issues.parentId, issue.id), isNull(issues.completedAt)))
    .orderBy(asc(issues.number))
  if (open.length > 0) reject('children-open', { ...called(issue), children: open.map((child) => child.number) })
}

/** Rejects when the parent is completed: it would have an open child. */
export async function requireOpenParent(db: ActionDb, issue: Issue): Promise<void> {
  if (issue.parentId === null) return
  const [parent] = await db.select().from(issues).where(eq(issues.id, issue.parentId))
  if (parent?.completedAt) reject('parent-completed', { ...called(issue), parent: parent.number })
}

/** The parent, if it may take a child: there, open, and no child itself (families have two generations). */
export async function acceptingParent(
  db: ActionDb,
  child: { readonly id: string | null; readonly projectId: string; readonly title: string; readonly isDone: boolean },
  parentId: string,
): Promise<void> {
  const [parent] = await db
    .select()
    .from(issues)
    .where(and(eq(issues.id, parentId), eq(issues.projectId, child.projectId)))
  if (!parent) return reject('parent-gone', called(child))
  const details = { ...called(child), parent: parent.number }
  if (parent.id === child.id || parent.parentId !== null) reject('parent-is-child', details)
  if (parent.completedAt && !child.isDone) reject('parent-completed', details)
  if (child.id === null) return
  const [grandchild] = await db
    .select({ number: issues.number })
    .from(issues)
    .where(eq(issues.parentId, child.id))
    .orderBy(asc(issues.number))
    .limit(1)
  if (grandchild) reject('has-children', details)
}

/** Only people who may edit can be given an issue. */
export async function requireAssignable(db: ActionDb, at: { projectId: string; userId: string }): Promise<void> {
  const member = (await findMember(db, at)) ?? reject('not-a-member')
  if (!mayEdit(member.role)) reject('viewers-take-no-issues', { name: member.name })
}

/** The next number of the project. Counting in a row, not by `max() + 1`, keeps numbers of deleted issues unused. */
export async function nextNumber(db: ActionDb, projectId: string): Promise<number> {
  const [counter] = await db
    .update(issueCounters)
    .set({ lastNumber: sql`${issueCounters.lastNumber} + 1` })
    .where(eq(issueCounters.projectId, projectId))
    .returning({ lastNumber: issueCounters.lastNumber })
  return counter?.lastNumber ?? reject('project-gone')
}

/** How the inbox names an issue; a new one has no number yet. */
export const called = (issue: { readonly title: string; readonly number?: number }) => ({
  title: issue.title,
  number: issue.number ?? null,
})
