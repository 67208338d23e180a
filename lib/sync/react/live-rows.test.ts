import { eq } from 'drizzle-orm'
import { bigint, boolean, integer, jsonb, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import type { DeviceClient, LiveListener, LiveStatement, RawRow } from '../device/client'
import { createReadable } from '../device/readable'
import { type SyncStatus, startingStatus } from '../device/views'
import { createLiveRows, type LiveSelect, liveKey } from './live-rows'

const seats = pgTable('seats', {
  id: integer().primaryKey(),
  name: text().notNull(),
  free: boolean().notNull(),
  price: numeric().notNull(),
  visits: bigint({ mode: 'number' }).notNull(),
  at: timestamp({ withTimezone: true }),
  extra: jsonb(),
})
const people = pgTable('people', { id: integer().primaryKey(), name: text().notNull() })

const asked = <Row>(select: LiveSelect<Row>) => ({ key: liveKey(select, 'ann'), select })

/** A device that answers when the test says so. */
function createFakeClient() {
  const watched: { statement: LiveStatement; listener: LiveListener; isStopped: boolean }[] = []
  const watch: DeviceClient['watch'] = (statement, listener) => {
    const entry = { statement, listener, isStopped: false }
    watched.push(entry)
    return () => {
      entry.isStopped = true
    }
  }
  const status = createReadable<SyncStatus>({ ...startingStatus, kind: 'synced', lastExchangeAtMs: 1 })
  return { client: { watch, status: status as DeviceClient['status'] } as DeviceClient, watched, status }
}

/** The state after the next change. */
function nextState<Row>(live: ReturnType<typeof createLiveRows<Row>>) {
  return new Promise<ReturnType<typeof live.get>>((resolve) => {
    const stop = live.subscribe(() => {
      stop()
      resolve(live.get())
    })
  })
}

const raw: RawRow[] = [
  [1, 'A', true, '12.50', '9007199254740991', '2026-03-02 08:00:00.5+00', '{"x": [1]}'],
  [2, 'B', false, '1', '0', null, null],
]

describe('live rows', () => {
  test('[LIVE-1] rows are mapped as drizzle maps them', async () => {
    const live = createLiveRows<typeof seats.$inferSelect>()
    const { client, watched } = createFakeClient()
    const select = live.db.select().from(seats).where(eq(seats.id, 7)).orderBy(seats.id)
    live.follow(client, asked(select))
    expect(watched[0]?.statement.params).toEqual([7])
    watched[0]?.listener.onRows(raw)
    expect(await nextState(live)).toEqual({
      key: liveKey(select, 'ann'),
      isStale: false,
      error: null,
      rows: [
        {
          ...{ id: 1, name: 'A', free: true, price: '12.50', visits: 9007199254740991, extra: { x: [1] } },
          at: new Date('2026-03-02T08:00:00.500Z'),
        },
        { id: 2, name: 'B', free: false, price: '1', visits: 0, at: null, extra: null },
      ],
    })
  })

  test('[LIVE-1] joins give rows by table, and null where nothing joined', async () => {
    const live = createLiveRows<unknown>()
    const { client, watched } = createFakeClient()
    const select = live.db
      .select({ seat: { id: seats.id }, person: people })
      .from(seats)
      .leftJoin(people, eq(people.id, seats.id))
    live.follow(client, asked(select as unknown as LiveSelect<unknown>))
    watched[0]?.listener.onRows([
      [1, 5, 'Ann'],
      [2, null, null],
    ])
    expect((await nextState(live)).rows).toEqual([
      { seat: { id: 1 }, person: { id: 5, name: 'Ann' } },
      { seat: { id: 2 }, person: null },
    ])
  })

  test('[LIVE-1] a row whose values did not change keeps its object, wherever it moves', async () => {
    const live = createLiveRows<{ id: number; name: string }>()
    const { client, watched } = createFakeClient()
    live.follow(client, asked(live.db.select().from(people)))
    watched[0]?.listener.onRows([
      [1, 'A'],
      [2, 'B'],
    ])
    const [a, b] = (await nextState(live)).rows
    watched[0]?.listener.onRows([
      [3, 'C'],
      [2, 'B'],
      [1, 'A2'],
    ])
    const { rows } = await nextState(live)
    expect(rows[1]).toBe(b)
    expect(rows[2]).not.toBe(a)
    expect(rows[2]).toEqual({ id: 1, name: 'A2' })
  })

  test('[LIVE-1] answers are shown in the order they came, and a stopped query shows nothing more', async () => {
    const live = createLiveRows<{ id: number; name: string }>()
    const { client, watched } = createFakeClient()
    const stop = live.follow(client, asked(live.db.select().from(people)))
    watched[0]?.listener.onRows([[1, 'first']])
    watched[0]?.listener.onRows([[1, 'second']])
    await nextState(live)
    expect((await nextState(live)).rows).toEqual([{ id: 1, name: 'second' }])
    stop()
    expect(watched[0]?.isStopped).toBe(true)
    watched[0]?.listener.onRows([[1, 'third']])
    const other = live.db.select().from(people).orderBy(people.name)
    live.follow(client, asked(other))
    watched[1]?.listener.onRows([[9, 'other']])
    expect(await nextState(live)).toMatchObject({ key: liveKey(other, 'ann'), rows: [{ id: 9 }] })
  })

  test('[LIVE-1] a failure keeps the rows and says why', async () => {
    const live = createLiveRows<{ id: number; name: string }>()
    const { client, watched } = createFakeClient()
    live.follow(client, asked(live.db.select().from(people)))
    watched[0]?.listener.onRows([[1, 'A']])
    await nextState(live)
    watched[0]?.listener.onError(new Error('gone'))
    expect(live.get()).toMatchObject({ rows: [{ id: 1 }], error: { message: 'gone' } })
  })

  test('[LIVE-1] the key tells SQL and parameters apart, whatever their type', () => {
    const { db } = createLiveRows()
    const byVisits = (visits: number) => liveKey(db.select().from(seats).where(eq(seats.visits, visits)), 'ann')
    expect(byVisits(1)).toBe(byVisits(1))
    expect(byVisits(1)).not.toBe(byVisits(2))
    expect(liveKey(db.select().from(people), 'ann')).not.toBe(liveKey(db.select().from(people).limit(1), 'ann'))
  })
})
