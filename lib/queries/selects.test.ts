import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pg-proxy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filteredIssues, filterOf } from '@/app/_screens/list/filter'
import type { Query } from '@/app/_screens/route'
import { migrations } from '@/db/migrations'
import { columns, type IssuePriority, issueLabels, issues, labels, projects } from '@/db/schema'
import { allProjects } from './selects'

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const apollo = uuid(1)
const [todo, done] = [uuid(11), uuid(12)]
const [bug, docs] = [uuid(21), uuid(22)]
const day = (n: number) => new Date(Date.UTC(2026, 0, n))

let database: PGlite
// The same kind of handle screens get, on a database without rules: these tests are about reading.
const db = drizzle(async (sql, params) => {
  const parsers = Object.fromEntries([1114, 1184].map((oid) => [oid, (text: string) => text]))
  return database.query<unknown[]>(sql, params, { rowMode: 'array', parsers })
})

interface Seed {
  readonly title: string
  readonly description?: string
  readonly priority?: IssuePriority
  readonly assigneeId?: string
  readonly completedAt?: Date
  readonly archivedAt?: Date
  readonly labelIds?: readonly string[]
}

const seeds: readonly Seed[] = [
  { title: 'Fix the login page', assigneeId: 'ann', labelIds: [bug], priority: 'high' },
  { title: 'Über uns, neu geschrieben', description: 'The page about us', labelIds: [docs] },
  { title: 'Login with 100% fewer clicks', priority: 'urgent', labelIds: [bug, docs] },
  { title: 'Old login', completedAt: day(5) },
  { title: 'Ancient login', completedAt: day(2), archivedAt: day(3) },
]

beforeAll(async () => {
  database = await PGlite.create()
  for (const { statements } of migrations) for (const statement of statements) await database.exec(statement)
  await db.insert(projects).values([
    { id: apollo, name: 'Apollo', key: 'APO', createdAt: day(1) },
    { id: uuid(2), name: 'Empty', key: 'EMP', createdAt: day(1) },
  ])
  const column = { projectId: apollo, issueLimit: null, closedAt: null }
  await db.insert(columns).values([
    { ...column, id: todo, name: 'To do', rank: 'a0', isDone: false },
    { ...column, id: done, name: 'Done', rank: 'a1', isDone: true },
  ])
  await db.insert(labels).values([
    { id: bug, projectId: apollo, name: 'Bug', color: 'red' },
    { id: docs, projectId: apollo, name: 'Docs', color: 'blue' },
  ])
  for (const [index, { labelIds = [], ...seed }] of seeds.entries()) {
    const number = index + 1
    const id = uuid(100 + number)
    const columnId = seed.completedAt ? done : todo
    const row = { id, projectId: apollo, number, columnId, rank: `a${number}`, createdBy: 'ann', description: '' }
    await db
      .insert(issues)
      .values({ ...row, priority: 'none', createdAt: day(number), updatedAt: day(number), ...seed })
    for (const labelId of labelIds) await db.insert(issueLabels).values({ issueId: id, labelId, projectId: apollo })
  }
})

afterAll(() => database.close())

async function numbers(query: Query): Promise<number[]> {
  return (await filteredIssues(db, apollo, filterOf(query))).map(({ number }) => number)
}

describe('the list', () => {
  it('shows open issues that are on the board, the last changed one first', async () => {
    expect(await numbers({})).toEqual([3, 2, 1])
  })

  it.each([
    ['done', [4]],
    ['archived', [5]],
    ['all', [5, 4, 3, 2, 1]],
    ['nonsense', [3, 2, 1]],
  ])('knows the state %s', async (state, expected) => expect(await numbers({ state })).toEqual(expected))

  it.each([
    ['LOGIN', [3, 1]],
    ['login page', [1]],
    ['über', [2]],
    ['ÜBER', [2]],
    ['about us', [2]],
    ['100%', [3]],
    ['_', []],
    ['2', [2]],
    ['#2', [2]],
    ['apo-2', [2]],
    ['   ', [3, 2, 1]],
    ["'; drop table issues; --", []],
  ])('finds %o', async (q, expected) => expect(await numbers({ q })).toEqual(expected))

  it('filters by person, priority, label and column', async () => {
    expect(await numbers({ person: 'ann' })).toEqual([1])
    expect(await numbers({ person: 'nobody' })).toEqual([3, 2])
    expect(await numbers({ priority: 'urgent' })).toEqual([3])
    expect(await numbers({ label: bug })).toEqual([3, 1])
    expect(await numbers({ label: docs, q: 'login' })).toEqual([3])
    expect(await numbers({ column: done, state: 'all' })).toEqual([5, 4])
  })

  it('takes an id that is none for no filter, instead of failing', async () => {
    expect(await numbers({ label: 'x', column: '1; select' })).toEqual([3, 2, 1])
  })

  it('orders by priority and by number', async () => {
    expect(await numbers({ sort: 'priority' })).toEqual([3, 1, 2])
    expect(await numbers({ sort: 'number', state: 'all' })).toEqual([5, 4, 3, 2, 1])
  })
})

describe('the projects', () => {
  it('count what is open on the board and what is done', async () => {
    const counts = (await allProjects(db)).map(({ name, openCount, doneCount }) => ({ name, openCount, doneCount }))
    expect(counts).toEqual([
      { name: 'Apollo', openCount: 3, doneCount: 2 },
      { name: 'Empty', openCount: 0, doneCount: 0 },
    ])
  })
})
