/** Columns of the board. Owners and editors only (policy). */
import { and, asc, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { columns, issues } from '@/db/schema'
import { type ActionContext, defineAction, reject } from '@/lib/sync/action'
import { countIssues } from './acceptance'
import * as field from './input'
import { findColumn, nameOf } from './lookups'
import { rankOfColumn } from './rank'

const column = z.strictObject({ projectId: field.id, columnId: field.id })

export const addColumn = defineAction({
  name: 'column.add',
  version: 1,
  input: z.strictObject({
    projectId: field.id,
    name: field.name,
    issueLimit: field.issueLimit.nullable().optional(),
    /** Issues that move in are completed by it. */
    isDone: z.boolean().optional(),
    after: field.after,
  }),
  audiences: field.project,
  async run({ db, input, id }) {
    const columnId = id()
    const { projectId, name, issueLimit = null, isDone = false } = input
    const rank = await rankOfColumn(db, input)
    await db.insert(columns).values({ id: columnId, projectId, name, issueLimit, isDone, rank })
    return { columnId }
  },
})

export const renameColumn = defineAction({
  name: 'column.rename',
  version: 1,
  input: column.extend({ name: field.name }),
  audiences: field.project,
  run: (context) => change(context, { name: context.input.name }),
})

/** A limit is never lower than what the column holds: whoever sets it first makes room. */
export const setColumnLimit = defineAction({
  name: 'column.setLimit',
  version: 1,
  input: column.extend({ issueLimit: field.issueLimit.nullable() }),
  audiences: field.project,
  async run(context) {
    const { db, input } = context
    const { name } = await findColumn(db, input)
    const holds = await countIssues(db, input)
    if (input.issueLimit !== null && holds > input.issueLimit) {
      reject('column-holds-more', { column: name, holds, limit: input.issueLimit })
    }
    await change(context, { issueLimit: input.issueLimit })
  },
})

/** A closed column takes no more issues; those in it may stay, or leave. */
export const closeColumn = defineAction({
  name: 'column.close',
  version: 1,
  input: column,
  audiences: field.project,
  async run(context) {
    const { db, input, user, now } = context
    const found = await findColumn(db, input)
    if (found.closedAt) reject('column-closed', closing(found))
    const closedByName = await nameOf(db, { projectId: input.projectId, userId: user.id })
    await change(context, { closedAt: now, closedBy: user.id, closedByName })
  },
})

export const reopenColumn = defineAction({
  name: 'column.reopen',
  version: 1,
  input: column,
  audiences: field.project,
  run: (context) => change(context, { closedAt: null, closedBy: null, closedByName: null }),
})

export const reorderColumn = defineAction({
  name: 'column.reorder',
  version: 1,
  input: column.extend({ after: field.after }),
  audiences: field.project,
  async run(context) {
    const { projectId, columnId, after } = context.input
    await findColumn(context.db, context.input)
    await change(context, { rank: await rankOfColumn(context.db, { projectId, after, moving: columnId }) })
  },
})

/**
 * Takes all issues of a column off the board at once, if every one of them is completed: one issue that somebody
 * reopened, or added, keeps them all where they are.
 */
export const archiveDone = defineAction({
  name: 'column.archiveDone',
  version: 1,
  input: column,
  audiences: field.project,
  async run({ db, input, now }) {
    const { name } = await findColumn(db, input)
    const onBoard = and(
      eq(issues.projectId, input.projectId),
      eq(issues.columnId, input.columnId),
      isNull(issues.archivedAt),
    )
    const open = await db
      .select({ number: issues.number, title: issues.title })
      .from(issues)
      .where(and(onBoard, isNull(issues.completedAt)))
      .orderBy(asc(issues.number))
    if (open[0]) reject('issues-open', { column: name, open: open.length, ...open[0] })
    if ((await countIssues(db, input)) === 0) reject('nothing-to-archive', { column: name })
    const archived = await db
      .update(issues)
      .set({ archivedAt: now, updatedAt: now })
      .where(onBoard)
      .returning({ id: issues.id })
    if (archived.length === 0) reject('not-allowed')
    return { archived: archived.length }
  },
})

type ColumnInput = z.output<typeof column>

async function change(
  { db, input }: ActionContext<ColumnInput>,
  values: Partial<typeof columns.$inferInsert>,
): Promise<void> {
  const changed = await db
    .update(columns)
    .set(values)
    .where(and(eq(columns.id, input.columnId), eq(columns.projectId, input.projectId)))
    .returning({ id: columns.id })
  if (changed.length === 0) reject('column-gone')
}

const closing = (found: typeof columns.$inferSelect) => ({
  column: found.name,
  by: found.closedByName,
  at: found.closedAt?.toISOString() ?? null,
})
