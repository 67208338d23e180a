import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import type { DeviceClient, LiveListener, RawRow } from '../device/client'
import type { OpenedRows } from '../device/first-rows'
import { createReadable } from '../device/readable'
import { type SyncStatus, startingStatus } from '../device/views'
import { createLiveRows, liveKey } from './live-rows'

const people = pgTable('people', { id: integer().primaryKey(), name: text().notNull() })
const synced: SyncStatus = { ...startingStatus, kind: 'synced', lastExchangeAtMs: 1 }

/** One query on a page that just opened; `seen` is what it may show first. */
function openPage(seen: readonly RawRow[] | null | Error, status = startingStatus) {
  const live = createLiveRows<{ id: number; name: string }>()
  const select = live.db.select().from(people)
  const asked = { key: liveKey(select, 'ann'), select }
  const kept: (readonly RawRow[])[] = []
  const failures: unknown[] = []
  const opened: OpenedRows = {
    read: async () => {
      if (seen instanceof Error) throw seen
      return seen
    },
    keep: (rows) => kept.push(rows),
    unfit: (error) => failures.push(error),
    close: () => undefined,
  }
  let listener: LiveListener | null = null
  const states: ReturnType<typeof live.get>[] = []
  live.subscribe(() => states.push(live.get()))
  const device = createReadable<SyncStatus>(status)
  const client = {
    status: device as DeviceClient['status'],
    watch: (_statement, heard) => {
      listener = heard
      return () => undefined
    },
  } as DeviceClient
  const follow = () => live.follow(client, asked)
  const answer = async (rows: readonly RawRow[]) => {
    listener?.onRows(rows)
    await settled()
  }
  return {
    ...{ live, asked, opened, kept, failures, states, device, follow, answer },
    fail: (error: Error) => listener?.onError(error),
  }
}

/** Mapping takes some turns of the microtask queue. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}
const ann: RawRow = [1, 'Ann']
const ben: RawRow = [2, 'Ben']

describe('first paint', () => {
  test('[LIVE-2] rows seen last are there before the device, and say that they are stale', async () => {
    const page = openPage([ann])
    page.live.paint(page.opened, page.asked)
    await settled()
    expect(page.live.get()).toMatchObject({ key: page.asked.key, rows: [{ id: 1, name: 'Ann' }], isStale: true })
    expect(page.kept).toEqual([])
  })

  test('[LIVE-2] when the database answers the same, the list and its rows are the same objects', async () => {
    const page = openPage([ann, ben], synced)
    page.live.paint(page.opened, page.asked)
    await settled()
    const { rows } = page.live.get()
    page.follow()
    await page.answer([ann, ben])
    expect(page.live.get().isStale).toBe(false)
    expect(page.live.get().rows).toBe(rows)
    await page.answer([ann, [2, 'Benno']])
    expect(page.live.get().rows[0]).toBe(rows[0])
    expect(page.live.get().rows[1]).toEqual({ id: 2, name: 'Benno' })
    expect(page.kept).toEqual([
      [ann, ben],
      [ann, [2, 'Benno']],
    ])
  })

  test('[LIVE-2] what was seen never replaces what is live, however late it comes', async () => {
    const page = openPage([ann], synced)
    page.follow()
    await page.answer([ben])
    page.live.paint(page.opened, page.asked)
    await settled()
    expect(page.states.map(({ rows, isStale }) => [rows.length, isStale])).toEqual([[1, false]])
    expect(page.live.get().rows).toEqual([{ id: 2, name: 'Ben' }])
  })

  test('[LIVE-2] nor when it was asked for before the database answered', async () => {
    const page = openPage([ann], synced)
    let arrive: (rows: readonly RawRow[]) => void = () => undefined
    const slow = new Promise<readonly RawRow[]>((resolve) => {
      arrive = resolve
    })
    page.live.paint({ ...page.opened, read: () => slow }, page.asked)
    page.follow()
    await page.answer([ben])
    arrive([ann])
    await settled()
    expect(page.live.get()).toMatchObject({ rows: [{ id: 2, name: 'Ben' }], isStale: false })
  })

  test('[LIVE-2] a new database that has not heard the server blanks nothing', async () => {
    const page = openPage([ann, ben])
    page.live.paint(page.opened, page.asked)
    await settled()
    page.follow()
    await page.answer([])
    page.device.set({ ...startingStatus, kind: 'loading' })
    await settled()
    expect(page.live.get().rows).toHaveLength(2)
    await page.answer([ann])
    page.device.set(synced)
    await settled()
    expect(page.live.get()).toMatchObject({ rows: [{ id: 1 }], isStale: false })
    expect(page.states.every(({ rows }) => rows.length > 0)).toBe(true)
    expect(page.kept).toEqual([[ann]])
  })

  test('[LIVE-2] what the person does meanwhile is seen at once', async () => {
    const page = openPage([ann, ben])
    page.live.paint(page.opened, page.asked)
    await settled()
    page.follow()
    page.device.set({ ...startingStatus, kind: 'loading', pendingCount: 1 })
    await page.answer([[3, 'Cleo']])
    expect(page.live.get()).toMatchObject({ rows: [{ id: 3 }], isStale: false })
  })

  test('[LIVE-2] rows are kept under their own query only, when another one is on its way', async () => {
    const page = openPage(null, synced)
    page.follow()
    const select = page.live.db.select().from(people).limit(1)
    page.live.paint(page.opened, { key: liveKey(select, 'ann'), select })
    await page.answer([ann, ben])
    expect(page.kept).toEqual([])
  })

  test('[LIVE-2] rows that cannot be shown are told of, and the page waits for the database', async () => {
    const page = openPage(new Error('torn'))
    page.live.paint(page.opened, page.asked)
    await settled()
    expect(page.failures).toEqual([new Error('torn')])
    expect(page.live.get().key).toBeNull()
  })

  test('[LIVE-2] a failure of the database keeps what was seen, and says why', async () => {
    const page = openPage([ann])
    page.live.paint(page.opened, page.asked)
    await settled()
    page.follow()
    page.fail(new Error('gone'))
    expect(page.live.get()).toMatchObject({ rows: [{ id: 1 }], error: { message: 'gone' } })
  })

  test('[LIVE-2, DEV-1] the rows of one user are not those of another, whose query is the same', () => {
    const { live, asked } = openPage([ann])
    expect(liveKey(asked.select, 'ben')).not.toBe(asked.key)
    expect(asked.key.startsWith('ann ')).toBe(true)
    expect(live.get().rows).toEqual([])
  })
})
