/**
 * Rows that rules ask for, and the rejection when they are gone. All reads are by key, so their order cannot matter.
 */
import { and, eq } from 'drizzle-orm'
import { columns, comments, issues, labels, type MemberRole, members } from '@/db/schema'
import { type ActionDb, reject } from '@/lib/sync/action'

export type Issue = typeof issues.$inferSelect
export type Column = typeof columns.$inferSelect
export type Member = typeof members.$inferSelect

interface InProject {
  readonly projectId: string
}

export async function findIssue(db: ActionDb, at: InProject & { issueId: string }): Promise<Issue> {
  const [issue] = await db
    .select()
    .from(issues)
    .where(and(eq(issues.id, at.issueId), eq(issues.projectId, at.projectId)))
  return issue ?? reject('issue-gone')
}

export async function findColumn(db: ActionDb, at: InProject & { columnId: string }): Promise<Column> {
  const [column] = await db
    .select()
    .from(columns)
    .where(and(eq(columns.id, at.columnId), eq(columns.projectId, at.projectId)))
  return column ?? reject('column-gone')
}

export async function findLabel(db: ActionDb, at: InProject & { labelId: string }) {
  const [label] = await db
    .select()
    .from(labels)
    .where(and(eq(labels.id, at.labelId), eq(labels.projectId, at.projectId)))
  return label ?? reject('label-gone')
}

export async function findComment(db: ActionDb, at: InProject & { commentId: string }) {
  const [comment] = await db
    .select()
    .from(comments)
    .where(and(eq(comments.id, at.commentId), eq(comments.projectId, at.projectId)))
  return comment ?? reject('comment-gone')
}

/** Null when the person is not, or no longer, a member. */
export async function findMember(db: ActionDb, at: InProject & { userId: string }): Promise<Member | null> {
  const [member] = await db
    .select()
    .from(members)
    .where(and(eq(members.projectId, at.projectId), eq(members.userId, at.userId)))
  return member ?? null
}

/** A name for a sentence in the inbox; null when the person has left. */
export async function nameOf(db: ActionDb, at: InProject & { userId: string | null }): Promise<string | null> {
  if (at.userId === null) return null
  return (await findMember(db, { projectId: at.projectId, userId: at.userId }))?.name ?? null
}

export const mayEdit = (role: MemberRole) => role !== 'viewer'
