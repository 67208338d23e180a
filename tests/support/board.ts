/**
 * The usual beginning of a rule's test: a project of Ann, who owns it, with Ben (editor) and Vera (viewer), and the
 * columns `todo`, `doing` (at most two issues) and `done`.
 */
import { eq } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { issues } from '@/db/schema'
import { addMember, createIssue, createProject } from '@/lib/actions'
import { createActionDb } from '@/lib/sync/store/action-db'
import type { Store } from '@/lib/sync/store/driver'
import { emptyDatabase } from './databases'
import { Desk } from './desk'

export interface Board {
  readonly desk: Desk
  readonly projectId: string
  readonly todo: string
  readonly doing: string
  readonly done: string
}

export async function openBoard(): Promise<Board> {
  const desk = new Desk(await emptyDatabase('server'))
  return { desk, ...(await addProject(desk, 'ann')) }
}

/** Another project, of that owner, with the same columns. */
export async function addProject(desk: Desk, owner: string): Promise<Omit<Board, 'desk'>> {
  const columns = [{ name: 'To do' }, { name: 'Doing', issueLimit: 2 }, { name: 'Done', isDone: true }]
  const input = { name: 'Regatta', key: 'REG', owner: card(owner), columns }
  const { projectId, columnIds } = await desk.run(createProject, input, owner)
  const [todo = '', doing = '', done = ''] = columnIds
  for (const [userId, role] of [
    ['ben', 'editor'],
    ['vera', 'viewer'],
  ] as const) {
    if (userId !== owner) await desk.run(addMember, { projectId, userId, ...card(userId), role }, owner)
  }
  return { projectId, todo, doing, done }
}

export const card = (userId: string) => ({
  name: userId.charAt(0).toUpperCase() + userId.slice(1),
  email: `${userId}@example.com`,
})

/** The id of a new issue in `todo`, or elsewhere. */
export async function addIssue(board: Board, title: string, rest: { columnId?: string; parentId?: string } = {}) {
  const input = { projectId: board.projectId, columnId: board.todo, title, ...rest }
  return (await board.desk.run(createIssue, input, 'ann')).issueId
}

/** All rows of a table as drizzle maps them. */
export function rowsOf<Table extends PgTable>(store: Store, table: Table): Promise<Table['$inferSelect'][]> {
  return store.transaction(
    (sql) =>
      createActionDb(sql)
        .select()
        .from(table as PgTable) as Promise<Table['$inferSelect'][]>,
  )
}

export async function issueRow(board: Board, issueId: string): Promise<typeof issues.$inferSelect> {
  const [row] = await board.desk.store.transaction((sql) =>
    createActionDb(sql).select().from(issues).where(eq(issues.id, issueId)),
  )
  if (!row) throw new Error('The issue is not there')
  return row
}

/** Titles of a column, top to bottom, without archived issues. */
export async function titlesIn(board: Board, columnId: string): Promise<string[]> {
  const rows = (await rowsOf(board.desk.store, issues)).filter((row) => row.columnId === columnId && !row.archivedAt)
  return rows.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map((row) => row.title)
}
