/** Issues: creating, editing, handing over. Owners and editors only (policy), except that everybody may vote. */
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { issueLabels, issues, issueVotes } from '@/db/schema'
import { defineAction, reject } from '@/lib/sync/action'
import { acceptingColumn, acceptingParent, called, nextNumber, requireAssignable } from './acceptance'
import { changeIssue } from './change-issue'
import * as field from './input'
import { findIssue, findLabel, nameOf } from './lookups'
import { rankOfIssue } from './rank'

const issue = z.strictObject({ projectId: field.id, issueId: field.id })

/**
 * Numbers have no gap and no duplicate, also when two people create offline: replay gives the later one the next
 * number, and its author is told (the receipt is *corrected*).
 */
export const createIssue = defineAction({
  name: 'issue.create',
  version: 1,
  input: z.strictObject({
    projectId: field.id,
    columnId: field.id,
    title: field.title,
    description: field.longText.optional(),
    priority: field.priority.optional(),
    estimate: field.estimate.nullable().optional(),
    assigneeId: field.userId.nullable().optional(),
    parentId: field.id.nullable().optional(),
    labelIds: z.array(field.id).max(20).optional(),
    after: field.after,
  }),
  audiences: field.project,
  async run({ db, input, id, now, user }) {
    const { projectId, columnId, title, description = '', priority = 'none', estimate = null } = input
    const { assigneeId = null, parentId = null, labelIds = [], after } = input
    const column = await acceptingColumn(db, input, input)
    if (assigneeId !== null) await requireAssignable(db, { projectId, userId: assigneeId })
    if (parentId !== null) await acceptingParent(db, { id: null, projectId, title, isDone: column.isDone }, parentId)
    const number = await nextNumber(db, projectId)
    const issueId = id()
    await db.insert(issues).values({
      ...{ id: issueId, projectId, columnId, number, title, description, priority, estimate, assigneeId, parentId },
      rank: await rankOfIssue(db, { projectId, columnId, after }),
      assignedAt: assigneeId === null ? null : now,
      createdBy: user.id,
      createdAt: now,
      updatedAt: now,
      completedAt: column.isDone ? now : null,
    })
    for (const labelId of new Set(labelIds)) {
      await findLabel(db, { projectId, labelId })
      await db.insert(issueLabels).values({ issueId, labelId, projectId })
    }
    return { issueId, number }
  },
})

/** Carries only the fields a person changed: of two people who edit different fields, both have their way. */
export const editIssue = defineAction({
  name: 'issue.edit',
  version: 1,
  input: issue.extend({
    title: field.title.optional(),
    description: field.longText.optional(),
    priority: field.priority.optional(),
    estimate: field.estimate.nullable().optional(),
    parentId: field.id.nullable().optional(),
  }),
  audiences: field.project,
  async run(context) {
    const { db, input } = context
    const { projectId, issueId, ...changes } = input
    const found = await findIssue(db, input)
    if (changes.parentId) {
      const child = { id: issueId, projectId, title: found.title, isDone: found.completedAt !== null }
      await acceptingParent(db, child, changes.parentId)
    }
    await changeIssue(context, changes)
  },
})

/** To a member who may edit, or to nobody. */
export const assignIssue = defineAction({
  name: 'issue.assign',
  version: 1,
  input: issue.extend({ assigneeId: field.userId.nullable() }),
  audiences: field.project,
  async run(context) {
    const { db, input, now } = context
    const { projectId, assigneeId } = input
    const found = await findIssue(db, input)
    if (found.assigneeId === assigneeId) return
    if (assigneeId !== null) await requireAssignable(db, { projectId, userId: assigneeId })
    await changeIssue(context, { assigneeId, assignedAt: assigneeId === null ? null : now })
  },
})

/** Mine, if nobody has it: of two people who claim it offline the earlier one has it, and the other is told who. */
export const claimIssue = defineAction({
  name: 'issue.claim',
  version: 1,
  input: issue,
  audiences: field.project,
  async run(context) {
    const { db, input, user, now } = context
    const found = await findIssue(db, input)
    if (found.assigneeId === user.id) return
    if (found.assigneeId !== null) {
      const by = await nameOf(db, { projectId: input.projectId, userId: found.assigneeId })
      reject('already-claimed', { ...called(found), by, at: found.assignedAt?.toISOString() ?? null })
    }
    await changeIssue(context, { assigneeId: user.id, assignedAt: now })
  },
})

/** Comments, labels and votes go along by foreign key; children stay, without a parent. */
export const deleteIssue = defineAction({
  name: 'issue.delete',
  version: 1,
  input: issue,
  audiences: field.project,
  async run({ db, input }) {
    await findIssue(db, input)
    await db
      .update(issues)
      .set({ parentId: null })
      .where(and(eq(issues.projectId, input.projectId), eq(issues.parentId, input.issueId)))
    const deleted = await db
      .delete(issues)
      .where(and(eq(issues.id, input.issueId), eq(issues.projectId, input.projectId)))
      .returning({ id: issues.id })
    if (deleted.length === 0) reject('not-allowed')
  },
})

/** Adds to a counter instead of setting it: what three people add offline, ten times each, is thirty. */
export const voteForIssue = defineAction({
  name: 'issue.vote',
  version: 1,
  input: issue.extend({ add: z.int().min(-100).max(100) }),
  audiences: field.project,
  async run({ db, input }) {
    const found = await findIssue(db, input)
    const { issueId, projectId, add } = input
    const [vote] = await db
      .insert(issueVotes)
      .values({ issueId, projectId, total: add })
      .onConflictDoUpdate({
        target: [issueVotes.audience, issueVotes.issueId],
        set: { total: sql`${issueVotes.total} + ${add}` },
      })
      .returning({ total: issueVotes.total })
    if (vote && vote.total < 0) reject('votes-below-zero', called(found))
    return { total: vote?.total ?? 0 }
  },
})
