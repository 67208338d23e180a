/** First rows of the server, on both databases: what the user may see, read only, bounded. */
import { drizzle } from 'drizzle-orm/pg-proxy'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIssue } from '@/lib/actions'
import { namedQueries } from '@/lib/queries/named'
import { firstRowsLimits } from '@/lib/sync/core/first-rows'
import { readFirstRows } from '@/lib/sync/server/first-rows'
import { SqlError, type Store } from '@/lib/sync/store/driver'
import { addProject, type Board } from '../support/board'
import { closeDatabases, emptyDatabase, releaseDatabases, storeKinds } from '../support/databases'
import { Desk } from '../support/desk'

afterEach(releaseDatabases)
afterAll(closeDatabases)

const writer = drizzle(async () => ({ rows: [] }))

describe.each(storeKinds)('first rows on %s', (kind) => {
  let store: Store
  let board: Board
  beforeEach(async () => {
    store = await emptyDatabase('server', kind)
    const desk = new Desk(store)
    board = { desk, ...(await addProject(desk, 'ann')) }
    const { projectId, todo: columnId } = board
    await desk.run(createIssue, { projectId, columnId, title: 'Mast' }, 'ann')
  })

  const read = (userId: string, key: string, input: Record<string, string> = { projectId: board.projectId }) => {
    const select = namedQueries.get(key)?.(writer, input)
    if (!select) throw new Error(`There is no query ${key} of this input`)
    return readFirstRows(store, { userId, statement: select.toSQL() })
  }

  test('[LIVE-2] every named query answers those who take part', async () => {
    for (const [key, input] of [
      ...['projects', 'members', 'focus'].map((name) => [name, {}] as const),
      ...['project', 'project-members', 'columns', 'labels', 'board', 'attached-labels', 'comment-counts'].map(
        (name) => [name, { projectId: board.projectId }] as const,
      ),
    ]) {
      expect([key, Array.isArray(await read('vera', key, input))]).toEqual([key, true])
    }
    expect((await read('vera', 'board'))?.[0]).toContain('Mast')
    expect(await read('ann', 'columns')).toHaveLength(3)
    const issueId = String((await read('ann', 'board'))?.[0]?.[0])
    expect(await read('vera', 'issue', { issueId })).toHaveLength(1)
  })

  test('[LIVE-2, AUD-2] who does not take part gets nothing, whatever ids they name', async () => {
    for (const key of ['project', 'project-members', 'columns', 'board']) expect(await read('eve', key)).toEqual([])
    expect(await read('eve', 'projects', {})).toEqual([])
    expect(await read('eve', 'members', {})).toEqual([])
  })

  test('[LIVE-2] nothing can be written on the way, and nothing outside the captured tables be read', async () => {
    const asked = (sql: string) => readFirstRows(store, { userId: 'ann', statement: { sql, params: [] } })
    await expect(asked('delete from issues returning *')).rejects.toThrow(SqlError)
    await expect(asked('select * from sync.log')).rejects.toThrow(/permission denied/)
    expect(await read('ann', 'board')).toHaveLength(1)
  })

  test('[LIVE-2] more rows than a first paint takes are not answered by half', async () => {
    const series = (count: number) =>
      readFirstRows(store, {
        userId: 'ann',
        statement: { sql: `select n from generate_series(1, ${count}) n`, params: [] },
      })
    expect(await series(firstRowsLimits.rowsMax)).toHaveLength(firstRowsLimits.rowsMax)
    expect(await series(firstRowsLimits.rowsMax + 1)).toBeNull()
  })
})

test('[LIVE-2] a query that does not end is ended', async () => {
  const store = await emptyDatabase('server', 'postgres')
  const endless = readFirstRows(store, { userId: 'ann', statement: { sql: 'select pg_sleep(60)', params: [] } })
  await expect(endless).rejects.toMatchObject({ code: '57014' })
})
