/** The way of an issue over the board, and to another project. Owners and editors only (policy). */
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { comments, issueLabels, issues, issueVotes } from '@/db/schema'
import { type ActionDb, defineAction, reject } from '@/lib/sync/action'
import { acceptingColumn, called, nextNumber, requireChildrenDone, requireOpenParent } from './acceptance'
import { changeIssue } from './change-issue'
import * as field from './input'
import { findColumn, findIssue, findMember, type Issue, mayEdit } from './lookups'
import { rankOfIssue } from './rank'

const issue = z.strictObject({ projectId: field.id, issueId: field.id })

/**
 * To a place in its own or another column. A closed column and a full one take nothing new. A column for done issues
 * completes what moves in; leaving it reopens.
 */
export const moveIssue = defineAction({
  name: 'issue.move',
  version: 1,
  input: issue.extend({ columnId: field.id, after: field.after }),
  audiences: field.project,
  async run(context) {
    const { db, input, now } = context
    const { projectId, columnId, after } = input
    const found = await onBoard(db, input)
    const rank = await rankOfIssue(db, { projectId, columnId, after })
    if (found.columnId === columnId) return changeIssue(context, { rank })
    const column = await acceptingColumn(db, input, found)
    const leavesDone = !column.isDone && (await findColumn(db, { projectId, columnId: found.columnId })).isDone
    if (column.isDone && !found.completedAt) await requireChildrenDone(db, found)
    if (leavesDone) await requireOpenParent(db, found)
    const completedAt = column.isDone ? (found.completedAt ?? now) : leavesDone ? null : found.completedAt
    await changeIssue(context, { columnId, rank, completedAt })
  },
})

/** All children first. */
export const completeIssue = defineAction({
  name: 'issue.complete',
  version: 1,
  input: issue,
  audiences: field.project,
  async run(context) {
    const found = await onBoard(context.db, context.input)
    if (found.completedAt) return
    await requireChildrenDone(context.db, found)
    await changeIssue(context, { completedAt: context.now })
  },
})

export const reopenIssue = defineAction({
  name: 'issue.reopen',
  version: 1,
  input: issue,
  audiences: field.project,
  async run(context) {
    const found = await onBoard(context.db, context.input)
    if (!found.completedAt) return
    await requireOpenParent(context.db, found)
    await changeIssue(context, { completedAt: null })
  },
})

/**
 * To another project in which the author may edit too. It gets a number there, its comments and votes go along, its
 * labels and its family stay behind, and it stays with its assignee if they may edit there.
 */
export const transferIssue = defineAction({
  name: 'issue.transfer',
  version: 1,
  input: issue.extend({ toProjectId: field.id, toColumnId: field.id }),
  audiences: ({ projectId, toProjectId }) => [`project:${projectId}`, `project:${toProjectId}`],
  async run(context) {
    const { db, input, now } = context
    const { issueId, toProjectId, toColumnId } = input
    if (input.projectId === toProjectId) reject('same-project')
    const found = await onBoard(db, input)
    const to = { projectId: toProjectId, columnId: toColumnId }
    const column = await acceptingColumn(db, to, found)
    const rank = await rankOfIssue(db, { ...to, after: undefined })
    const number = await nextNumber(db, toProjectId)
    const keepsAssignee = await isAssignable(db, { projectId: toProjectId, userId: found.assigneeId })
    await db.delete(issueLabels).where(eq(issueLabels.issueId, issueId))
    await db.update(issues).set({ parentId: null }).where(eq(issues.parentId, issueId))
    await changeIssue(context, {
      ...{ ...to, rank, number, parentId: null },
      completedAt: column.isDone ? (found.completedAt ?? now) : null,
      ...(keepsAssignee ? {} : { assigneeId: null, assignedAt: null }),
    })
    await db.update(comments).set({ projectId: toProjectId }).where(eq(comments.issueId, issueId))
    await carryVotes(db, { issueId, projectId: input.projectId, toProjectId })
    return { number }
  },
})

async function onBoard(db: ActionDb, at: { projectId: string; issueId: string }): Promise<Issue> {
  const found = await findIssue(db, at)
  if (found.archivedAt) reject('issue-archived', called(found))
  return found
}

async function isAssignable(db: ActionDb, at: { projectId: string; userId: string | null }): Promise<boolean> {
  if (at.userId === null) return false
  const member = await findMember(db, { projectId: at.projectId, userId: at.userId })
  return member !== null && mayEdit(member.role)
}

/** The audience is part of the key of votes, and keys do not change: the row is deleted here and inserted there. */
async function carryVotes(
  db: ActionDb,
  at: { issueId: string; projectId: string; toProjectId: string },
): Promise<void> {
  const [votes] = await db
    .delete(issueVotes)
    .where(and(eq(issueVotes.issueId, at.issueId), eq(issueVotes.projectId, at.projectId)))
    .returning({ total: issueVotes.total })
  if (votes) await db.insert(issueVotes).values({ issueId: at.issueId, projectId: at.toProjectId, total: votes.total })
}
