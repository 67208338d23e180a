import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import type { FirstRowsRequest } from '../core/first-rows'
import { seenLimits } from '../core/first-rows'
import type { RawRow } from './client'
import { createFirstRows, type FirstRowsOptions, type NamedStatement } from './first-rows'
import { createSeenRows } from './seen-rows'

const board = (projectId: string): NamedStatement => ({
  ...{ key: 'board', input: { projectId }, sql: 'select * from issues where project_id = $1', params: [projectId] },
})
const rows: readonly RawRow[] = [['Mast', 1, true, null]]

let users = 0

/** A browser profile: pages come and go, what they keep stays. */
function createBrowser() {
  users += 1
  const marks = new Set<string>()
  const asked: FirstRowsRequest[] = []
  const failures: unknown[] = []
  let pages = 0
  const open = (given: Partial<FirstRowsOptions> = {}) => {
    pages += 1
    const own = `page ${pages}`
    const timers: (() => void)[] = []
    const userId = given.userId ?? `ann-${users}`
    const page = createFirstRows({
      ...{ userId, schema: 'tables', seen: createSeenRows(userId, () => pages) },
      marks: {
        set: () => marks.add(own),
        remove: () => marks.delete(own),
        take: () => {
          const found = marks.size > 0
          marks.clear()
          return found
        },
      },
      ask: async (request) => {
        asked.push(request)
        return null
      },
      hasWork: async () => false,
      schedule: (_ms, work) => {
        timers.push(work)
        return () => undefined
      },
      onFailure: (error) => failures.push(error),
      ...given,
    })
    return { ...page, elapse: () => timers.splice(0).forEach((work) => void work()) }
  }
  return { open, marks, asked, failures }
}

const seenBy = (page: ReturnType<ReturnType<typeof createBrowser>['open']>, statement: NamedStatement) =>
  page.open(statement).read()

describe('rows seen last', () => {
  test('[LIVE-2] what was on the screen is there for the next page, under the same query only', async () => {
    const { open, failures } = createBrowser()
    const page = open()
    page.open(board('1')).keep(rows)
    await page.flush()
    const next = open()
    expect(await seenBy(next, board('1'))).toEqual(rows)
    expect(await seenBy(next, board('2'))).toBeNull()
    expect(await seenBy(next, { ...board('1'), sql: `${board('1').sql} limit 5` })).toBeNull()
    expect(await seenBy(next, { ...board('1'), key: 'list' })).toBeNull()
    expect(await seenBy(open({ schema: 'other tables' }), board('1'))).toBeNull()
    expect(failures).toEqual([])
  })

  test('[LIVE-2, DEV-1] another user of this browser sees nothing of it', async () => {
    const { open } = createBrowser()
    const page = open()
    page.open(board('1')).keep(rows)
    await page.flush()
    expect(await seenBy(open({ userId: `ben-${users}` }), board('1'))).toBeNull()
  })

  test('[LIVE-2] a page that went in the middle of an action leaves nothing from before it', async () => {
    const { open, asked } = createBrowser()
    const page = open()
    page.open(board('1')).keep(rows)
    await page.flush()
    page.acting()
    const next = open()
    expect(await seenBy(next, board('1'))).toBeNull()
    expect(asked).toEqual([])
    // What the database says is kept again.
    next.open(board('1')).keep([['Sail', 1, true, null]])
    await next.flush()
    expect(await seenBy(open(), board('1'))).toEqual([['Sail', 1, true, null]])
  })

  test('[LIVE-2] an action makes unknown what is not on the screen, and ends when the screen is kept', async () => {
    const { open, marks } = createBrowser()
    const page = open()
    const away = page.open(board('1'))
    away.keep(rows)
    await page.flush()
    away.close()
    const here = page.open(board('2'))
    here.keep([['Before', 1, true, null]])
    await page.flush()
    const ended = page.acting()
    expect(marks.size).toBe(1)
    here.keep([['After', 1, true, null]])
    ended()
    page.elapse()
    await page.flush()
    await Promise.resolve()
    expect(marks.size).toBe(0)
    const next = open()
    expect(await seenBy(next, board('1'))).toBeNull()
    expect(await seenBy(next, board('2'))).toEqual([['After', 1, true, null]])
  })

  test('[LIVE-2, DEV-1] what is forgotten is gone, and nothing is kept of somebody who left', async () => {
    const { open } = createBrowser()
    const page = open()
    const opened = page.open(board('1'))
    opened.keep(rows)
    await page.forget()
    expect(await seenBy(open(), board('1'))).toBeNull()
    await page.end()
    opened.keep(rows)
    await page.flush()
    expect(await seenBy(open(), board('1'))).toBeNull()
  })

  test('[LIVE-2] what is kept is bounded: the oldest go, and what is too large never comes', async () => {
    const { open } = createBrowser()
    const page = open()
    for (let place = 0; place <= seenLimits.queriesMax; place += 1) page.open(board(String(place))).keep(rows)
    await page.flush()
    const found = await Promise.all(
      Array.from({ length: seenLimits.queriesMax + 1 }, (_, place) => seenBy(open(), board(String(place)))),
    )
    expect(found.filter((kept) => kept !== null)).toHaveLength(seenLimits.queriesMax)
    const opened = page.open(board('0'))
    opened.keep([['x'.repeat(seenLimits.charactersMax)]])
    await page.flush()
    opened.keep(Array.from({ length: seenLimits.rowsMax + 1 }, () => ['x']))
    await page.flush()
    expect(await seenBy(open(), board('0'))).toBeNull()
  })
})

describe('first rows of the server', () => {
  const server: readonly RawRow[] = [['From the server', 1, true, null]]

  test('[LIVE-2] are asked for when none are kept, by name, without a word of SQL', async () => {
    const { open, asked } = createBrowser()
    const ask = async (request: FirstRowsRequest) => {
      asked.push(request)
      return server
    }
    const page = open({ ask })
    expect(await seenBy(page, board('1'))).toEqual(server)
    expect(asked).toMatchObject([{ key: 'board', input: { projectId: '1' }, schema: 'tables' }])
    expect(JSON.stringify(asked)).not.toContain('select')
    // They are not this device's: the next page asks again.
    expect(await seenBy(open(), board('1'))).toBeNull()
  })

  test('[LIVE-2] are not asked for when this device has work the server may not know', async () => {
    const { open, asked } = createBrowser()
    expect(await seenBy(open({ hasWork: async () => true }), board('1'))).toBeNull()
    expect(await seenBy(open(), { ...board('1'), input: null })).toBeNull()
    expect(asked).toEqual([])
  })

  test('[LIVE-2] a browser that keeps nothing shows nothing, and says so', async () => {
    const { open, failures } = createBrowser()
    const broken = async () => {
      throw new Error('no storage')
    }
    const seen = { read: broken, write: broken, dropAllBut: broken, clear: broken }
    const page = open({ seen })
    const opened = page.open(board('1'))
    expect(await opened.read()).toBeNull()
    opened.keep(rows)
    await page.flush()
    expect(failures).toHaveLength(2)
  })
})
