import { type SQL, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  addComment,
  addFocus,
  addMember,
  changeSettings,
  createIssue,
  createLabel,
  createProject,
  voteForIssue,
} from '@/lib/actions'
import { type ActionContext, defineAction } from '@/lib/sync/action'
import { encodeClock } from '@/lib/sync/core/hlc'
import { type Catalog, readCatalog } from '@/lib/sync/store/catalog'
import type { Store } from '@/lib/sync/store/driver'
import { namedAudiences } from '@/lib/sync/store/resolve-action'
import { type RunOutcome, runAction } from '@/lib/sync/store/run-action'
import { closeDatabases, emptyDatabase, storeKinds } from '@/tests/support/databases'
import { Desk } from '@/tests/support/desk'
import { model } from './model'

const roles = ['owner', 'editor', 'viewer', 'stranger'] as const
type Role = (typeof roles)[number]

interface Ids {
  readonly project: string
  readonly other: string
  readonly otherColumn: string
  readonly emptyColumn: string
  readonly column: string
  readonly issue: string
  readonly spare: string
  readonly label: string
}

interface Attempt {
  readonly what: string
  /** Who may; everybody else changes nothing. */
  readonly allowed: readonly Role[]
  statement(context: ActionContext<unknown>, ids: Ids): SQL
  /** Audiences the action names, besides the project. */
  readonly naming?: (ids: Ids, author: string) => readonly string[]
}

const everybody: readonly Role[] = ['owner', 'editor', 'viewer']
const editors: readonly Role[] = ['owner', 'editor']
const me = (_ids: Ids, author: string) => [`user:${author}`]

const attempts: Record<string, readonly Attempt[]> = {
  projects: [
    {
      what: 'insert another one',
      allowed: [],
      statement: ({ id }) =>
        sql`insert into projects (id, name, key, created_at) values (${id()}, 'x', 'X', '2026-01-01') returning 1`,
    },
    {
      what: 'update',
      allowed: ['owner'],
      statement: (_, { project }) => sql`update projects set name = 'x' where id = ${project} returning 1`,
    },
    {
      what: 'delete',
      allowed: [],
      statement: (_, { project }) => sql`delete from projects where id = ${project} returning 1`,
    },
  ],
  members: [
    {
      what: 'insert somebody',
      allowed: ['owner'],
      statement: (_, { project }) =>
        sql`insert into members (project_id, user_id, name, email, role, added_at)
            values (${project}, 'new', 'New', 'new@example.com', 'viewer', '2026-01-01') returning 1`,
    },
    {
      what: 'insert a friend as an owner',
      allowed: ['owner'],
      statement: ({ user }, { project }) =>
        sql`insert into members (project_id, user_id, name, email, role, added_at)
            values (${project}, ${`friend-of-${user.id}`}, 'F', 'f@example.com', 'owner', '2026-01-01') returning 1`,
    },
    {
      what: 'update one’s own role',
      allowed: ['owner'],
      statement: ({ user }) =>
        sql`update members set role = 'owner', name = 'x' where user_id = ${user.id} returning 1`,
    },
    {
      what: 'delete another member',
      allowed: ['owner'],
      statement: () => sql`delete from members where user_id = 'bystander' returning 1`,
    },
    {
      what: 'delete one’s own row',
      allowed: everybody,
      statement: ({ user }) => sql`delete from members where user_id = ${user.id} returning 1`,
    },
  ],
  columns: [
    {
      what: 'insert',
      allowed: editors,
      statement: ({ id }, { project }) =>
        sql`insert into columns (id, project_id, name, rank, is_done) values (${id()}, ${project}, 'x', 'z', false) returning 1`,
    },
    {
      what: 'update',
      allowed: editors,
      statement: (_, { column }) => sql`update columns set name = 'x' where id = ${column} returning 1`,
    },
    {
      what: 'delete',
      allowed: editors,
      statement: (_, { emptyColumn }) => sql`delete from columns where id = ${emptyColumn} returning 1`,
    },
  ],
  issues: [
    {
      what: 'insert',
      allowed: editors,
      statement: ({ id, user }, { project, column }) =>
        sql`insert into issues (id, project_id, number, title, description, column_id, rank, priority, created_by, created_at, updated_at)
            values (${id()}, ${project}, 99, 'x', '', ${column}, 'z', 'none', ${user.id}, '2026-01-01', '2026-01-01') returning 1`,
    },
    {
      what: 'update',
      allowed: editors,
      statement: (_, { issue }) => sql`update issues set title = 'x' where id = ${issue} returning 1`,
    },
    {
      what: 'delete',
      allowed: editors,
      statement: (_, { issue }) => sql`delete from issues where id = ${issue} returning 1`,
    },
  ],
  issue_counters: [
    {
      what: 'insert a second one',
      allowed: [],
      statement: ({ id }, { project }) =>
        sql`insert into issue_counters (project_id, last_number) values (${project}, 7)
            on conflict (audience, project_id) do update set last_number = length(${id()}) returning 1`,
    },
    { what: 'update', allowed: editors, statement: () => sql`update issue_counters set last_number = 50 returning 1` },
    { what: 'delete', allowed: [], statement: () => sql`delete from issue_counters returning 1` },
  ],
  issue_votes: [
    {
      what: 'insert',
      allowed: everybody,
      statement: (_, { project, spare }) =>
        sql`insert into issue_votes (project_id, issue_id, total) values (${project}, ${spare}, 1) returning 1`,
    },
    { what: 'update', allowed: everybody, statement: () => sql`update issue_votes set total = total + 1 returning 1` },
    { what: 'delete', allowed: editors, statement: () => sql`delete from issue_votes returning 1` },
  ],
  comments: [
    {
      what: 'insert under one’s own name',
      allowed: everybody,
      statement: ({ id, user }, { project, issue }) =>
        sql`insert into comments (id, project_id, issue_id, author_id, author_name, body, created_at)
            values (${id()}, ${project}, ${issue}, ${user.id}, 'Me', 'x', '2026-01-01') returning 1`,
    },
    {
      what: 'insert under another name',
      allowed: [],
      statement: ({ id }, { project, issue }) =>
        sql`insert into comments (id, project_id, issue_id, author_id, author_name, body, created_at)
            values (${id()}, ${project}, ${issue}, 'bystander', 'B', 'x', '2026-01-01') returning 1`,
    },
    {
      what: 'update one’s own',
      allowed: everybody,
      statement: ({ user }) => sql`update comments set body = 'x' where author_id = ${user.id} returning 1`,
    },
    {
      what: 'update another’s',
      allowed: [],
      statement: ({ user }) => sql`update comments set body = 'x' where author_id <> ${user.id} returning 1`,
    },
    {
      what: 'give one’s own to another author',
      allowed: [],
      statement: ({ user }) =>
        sql`update comments set author_id = 'bystander' where author_id = ${user.id} returning 1`,
    },
    {
      what: 'carry those of others to another project, with their issue',
      // Only the editor of this project edits the other one, too.
      allowed: ['editor'],
      naming: ({ other }) => [`project:${other}`],
      statement: (_, { other, otherColumn, spare }) => sql`
        with moved as (update issues set project_id = ${other}, column_id = ${otherColumn}, number = 77 where id = ${spare})
        update comments set project_id = ${other} where issue_id = ${spare} returning 1`,
    },
    {
      what: 'delete one’s own',
      allowed: everybody,
      statement: ({ user }) => sql`delete from comments where author_id = ${user.id} returning 1`,
    },
    {
      what: 'delete another’s',
      allowed: ['owner'],
      statement: ({ user }) => sql`delete from comments where author_id <> ${user.id} returning 1`,
    },
  ],
  labels: [
    {
      what: 'insert',
      allowed: editors,
      statement: ({ id }, { project }) =>
        sql`insert into labels (id, project_id, name, color) values (${id()}, ${project}, 'x', 'red') returning 1`,
    },
    { what: 'update', allowed: editors, statement: () => sql`update labels set color = 'blue' returning 1` },
    { what: 'delete', allowed: editors, statement: () => sql`delete from labels returning 1` },
  ],
  issue_labels: [
    {
      what: 'insert',
      allowed: editors,
      statement: (_, { project, spare, label }) =>
        sql`insert into issue_labels (project_id, issue_id, label_id) values (${project}, ${spare}, ${label}) returning 1`,
    },
    {
      what: 'update',
      allowed: editors,
      statement: (_, { spare }) => sql`update issue_labels set issue_id = ${spare} returning 1`,
    },
    { what: 'delete', allowed: editors, statement: () => sql`delete from issue_labels returning 1` },
  ],
  focus_items: [
    {
      what: 'insert for oneself',
      allowed: roles,
      naming: me,
      statement: ({ user }, { spare }) =>
        sql`insert into focus_items (user_id, issue_id, note, added_at) values (${user.id}, ${spare}, '', '2026-01-01') returning 1`,
    },
    {
      what: 'insert for another',
      allowed: [],
      naming: me,
      statement: (_, { spare }) =>
        sql`insert into focus_items (user_id, issue_id, note, added_at) values ('bystander', ${spare}, '', '2026-01-01') returning 1`,
    },
    {
      what: 'update another’s',
      allowed: [],
      naming: me,
      statement: () => sql`update focus_items set note = 'x' where user_id = 'bystander' returning 1`,
    },
    {
      what: 'delete another’s',
      allowed: [],
      naming: me,
      statement: () => sql`delete from focus_items where user_id = 'bystander' returning 1`,
    },
  ],
  settings: [
    {
      what: 'insert for oneself',
      allowed: roles,
      naming: me,
      statement: ({ user }) =>
        sql`insert into settings (user_id, assign_on_focus) values (${user.id}, true) returning 1`,
    },
    {
      what: 'update another’s',
      allowed: [],
      naming: me,
      statement: () => sql`update settings set assign_on_focus = false where user_id = 'bystander' returning 1`,
    },
    {
      what: 'delete another’s',
      allowed: [],
      naming: me,
      statement: () => sql`delete from settings where user_id = 'bystander' returning 1`,
    },
  ],
}

class Undo extends Error {
  constructor(readonly outcome: RunOutcome) {
    super('The attempt is taken back')
  }
}

describe.each(storeKinds)('policies on %s', (kind) => {
  let store: Store
  let ids: Ids
  let catalog: Catalog
  beforeAll(async () => {
    store = await emptyDatabase('server', kind)
    ids = await furnish(new Desk(store))
    catalog = await store.transaction((open) => readCatalog(open, model.tables))
  })
  afterAll(closeDatabases)

  /** Runs the statement as an action of the author that names the project, and takes it back. */
  async function tryOut(author: string, { statement, naming }: Attempt): Promise<RunOutcome> {
    const definition = defineAction({
      name: 'test.attempt',
      version: 1,
      input: z.null(),
      audiences: () => [`project:${ids.project}`, ...(naming?.(ids, author) ?? [])],
      async run(context) {
        return (await context.db.execute(statement(context, ids))).length
      },
    })
    const id = 'aaaaaaaa-0000-4000-8000-000000000000'
    const record = { id, author, clock: encodeClock({ ms: Date.UTC(2026, 5, 1), counter: 0, clientId: id }) }
    const audiences = namedAudiences(definition, null, record)
    try {
      await store.transaction(async (open) => {
        await open.exec('set constraints all deferred')
        throw new Undo(await runAction(open, { catalog, definition, input: null, record, audiences }))
      })
    } catch (error) {
      if (error instanceof Undo) return error.outcome
      throw error
    }
    throw new Error('A transaction that throws cannot end well')
  }

  for (const [table, ofTable] of Object.entries(attempts)) {
    for (const attempt of ofTable) {
      it.each(roles)(`[AUD-3] ${table}: ${attempt.what} as %s`, async (role) => {
        const outcome = await tryOut(role, attempt)
        if (attempt.allowed.includes(role)) {
          expect(outcome).toMatchObject({ kind: 'applied' })
          expect(outcome.kind === 'applied' && outcome.value).toBeGreaterThan(0)
        } else if (outcome.kind === 'applied') {
          expect(outcome.value, 'rows a policy should have filtered').toBe(0)
        } else {
          expect(outcome).toMatchObject({ reason: 'not-allowed' })
        }
      })
    }
  }

  it('[AUD-3] every captured table is tried', () => {
    expect(Object.keys(attempts).sort(), 'add the new table to `attempts`: who may do what with it').toEqual(
      model.tables,
    )
  })

  it('[AUD-3] a founder writes its first member row as owner only, and for nobody else', async () => {
    const found = (userId: string, role: string): Attempt => ({
      what: 'found',
      allowed: [],
      statement: ({ id }) => sql`
        with project as (insert into projects (id, name, key, created_at) values (${id('project')}, 'x', 'X', '2026-01-01') returning id)
        insert into members (project_id, user_id, name, email, role, added_at)
        select id, ${userId}, 'x', 'x@example.com', ${role}::member_role, '2026-01-01' from project returning 1`,
    })
    const founding = async (attempt: Attempt) => {
      const definition = defineAction({
        name: 'test.found',
        version: 1,
        input: z.null(),
        audiences: (_, { id }) => [`project:${id('project')}`],
        run: async (context) => (await context.db.execute(attempt.statement(context, ids))).length,
      })
      const id = 'bbbbbbbb-0000-4000-8000-000000000000'
      const record = {
        id,
        author: 'stranger',
        clock: encodeClock({ ms: Date.UTC(2026, 5, 1), counter: 0, clientId: id }),
      }
      const audiences = namedAudiences(definition, null, record)
      const outcome = await store
        .transaction(async (open) => {
          await open.exec('set constraints all deferred')
          throw new Undo(await runAction(open, { catalog, definition, input: null, record, audiences }))
        })
        .catch((error: unknown) => (error instanceof Undo ? error.outcome : Promise.reject(error)))
      return outcome.kind === 'applied' ? outcome.value : outcome.reason
    }
    expect(await founding(found('stranger', 'owner'))).toBe(1)
    expect(await founding(found('stranger', 'editor'))).toBe('not-allowed')
    expect(await founding(found('bystander', 'owner'))).toBe('not-allowed')
  })
})

/** A project with a member of each role, each with a comment, and a second one that the editor also edits. */
async function furnish(desk: Desk): Promise<Ids> {
  const card = (name: string) => ({ name, email: `${name}@example.com` })
  const { projectId: project, columnIds } = await desk.run(
    createProject,
    { name: 'One', key: 'ONE', owner: card('owner') },
    'owner',
  )
  const { projectId: other, columnIds: otherColumns } = await desk.run(
    createProject,
    { name: 'Two', key: 'TWO', owner: card('editor') },
    'editor',
  )
  const column = columnIds[0]!
  await desk.run(addMember, { projectId: project, userId: 'bystander', ...card('bystander'), role: 'owner' }, 'owner')
  for (const role of ['editor', 'viewer'] as const) {
    await desk.run(addMember, { projectId: project, userId: role, ...card(role), role }, 'owner')
  }
  const { labelId: label } = await desk.run(createLabel, { projectId: project, name: 'bug', color: 'red' }, 'owner')
  const issueInput = { projectId: project, columnId: column, title: 'An issue', labelIds: [label] }
  const { issueId: issue } = await desk.run(createIssue, issueInput, 'owner')
  const { issueId: spare } = await desk.run(
    createIssue,
    { projectId: project, columnId: column, title: 'Spare' },
    'owner',
  )
  await desk.run(voteForIssue, { projectId: project, issueId: issue, add: 3 }, 'owner')
  await desk.run(addComment, { projectId: project, issueId: spare, body: 'Hello' }, 'bystander')
  for (const author of everybody)
    await desk.run(addComment, { projectId: project, issueId: issue, body: 'Hello' }, author)
  await desk.run(addFocus, { projectId: project, issueId: issue }, 'bystander')
  await desk.run(changeSettings, { assignOnFocus: true }, 'bystander')
  return { project, other, otherColumn: otherColumns[0]!, column, emptyColumn: columnIds[1]!, issue, spare, label }
}
