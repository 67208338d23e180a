/** What the engine of a device asks of its database, besides captured rows: memory and PGlite answer the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hold } from '@/lib/sync/core/push-plan'
import type { ShownRow } from '@/lib/sync/core/shown'
import type { HeldCursor } from '@/lib/sync/core/squash'
import type { PendingRow } from '@/lib/sync/store/device/pending'
import type { DeviceStore, DeviceTransaction } from '@/lib/sync/store/device/transaction'
import { uuid } from './act'
import { devices, type EmptyDevice } from './implementations'
import { clockAt, otherRoom, pendingRow, receiptOf, room, tokenOf } from './records'

const numbered = (...numbers: readonly number[]) => numbers.map(uuid)
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)

const hold: Hold = { kind: 'answered', reason: 'unknown-version', build: null, atMs: 1_900_000_000_123 }
const shown: ShownRow[] = [
  { table: 'items', key: `["${uuid(1)}"]`, columns: { label: 'Ä "1" \\', value: '9007199254740993', holder: null } },
  { table: 'seats', key: `["${uuid(2)}"]`, columns: null },
]
const cursorAt = (audience: string, seq: number): HeldCursor => ({
  ...{ audience, seq, token: tokenOf(audience, seq), stamp: 1_900_000_000_123_456 + seq },
})

describe.each(devices)('the device’s database: $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (store: DeviceStore, device: EmptyDevice) => Promise<void>) =>
    it(name, async () => {
      const device = await opened.empty()
      await work(await device.start(), device)
    })

  describe('meta', () => {
    const readMeta = (store: DeviceStore) => store.transaction(({ meta }) => meta.readMeta())
    const mismatch = { audience: room, seq: 4, device: '1-a', server: '1-b', atMs: 78 }
    const nothing = {
      ...{ epoch: null, audiences: null, lastConfirmed: null, servedClock: null, serverBuild: null, clientId: null },
      ...{ digestsAtMs: null, mismatches: [] },
      ...{ lastOrdinal: 0, lastExchangeAtMs: null },
    }
    const texts = {
      ...{ epoch: 'one', audiences: JSON.stringify([room, 'public']), last_confirmed: uuid(7) },
      ...{ served_clock: clockAt(9), server_build: 'build-2', client_id: uuid(0xc1) },
      ...{ last_ordinal: '12', last_exchange_at_ms: '1900000000123' },
      ...{ digests_at_ms: '77', mismatches: JSON.stringify([mismatch]) },
    }

    test('[OUT-1] a new database knows nothing', async (store) => {
      expect(await readMeta(store)).toEqual(nothing)
      await store.transaction(({ meta }) => meta.writeMeta({}))
      expect(await readMeta(store)).toEqual(nothing)
    })

    test('[REC-1] what is written is read again, as values', async (store) => {
      await store.transaction(({ meta }) => meta.writeMeta(texts))
      expect(await readMeta(store)).toEqual({
        ...{ epoch: 'one', audiences: new Set([room, 'public']), lastConfirmed: uuid(7), servedClock: clockAt(9) },
        ...{ serverBuild: 'build-2', clientId: uuid(0xc1), lastOrdinal: 12, lastExchangeAtMs: 1_900_000_000_123 },
        ...{ digestsAtMs: 77, mismatches: [mismatch] },
      })
    })

    test('[OUT-1] null removes a key, another value takes its place, and what is not named stays', async (store) => {
      await store.transaction(({ meta }) => meta.writeMeta(texts))
      const before = await readMeta(store)
      const changes = {
        epoch: null,
        last_confirmed: null,
        audiences: '[]',
        server_build: 'build-2',
        last_ordinal: '13',
      }
      await store.transaction(({ meta }) => meta.writeMeta(changes))
      const after = { ...before, epoch: null, lastConfirmed: null, audiences: new Set(), lastOrdinal: 13 }
      expect(await readMeta(store)).toEqual(after)
      await store.transaction(({ meta }) => meta.writeMeta({ epoch: 'two', last_exchange_at_ms: null }))
      expect(await readMeta(store)).toEqual({ ...after, epoch: 'two', lastExchangeAtMs: null })
    })

    test('[TAB-2] the next process finds what this one committed', async (store, device) => {
      await store.transaction(async ({ meta, pending }) => {
        await meta.writeMeta({ epoch: 'one', client_id: uuid(0xc1) })
        await pending.insertPending([pendingRow(1)])
      })
      const next = await device.start()
      expect(await readMeta(next)).toEqual({ ...nothing, epoch: 'one', clientId: uuid(0xc1) })
      expect(await next.transaction(({ pending }) => pending.readPending())).toEqual([pendingRow(1)])
    })
  })

  describe('cursors', () => {
    const readCursors = async (store: DeviceStore) => [...(await store.transaction(({ meta }) => meta.readCursors()))]

    test('[AUD-5] exactly those that were written, by audience', async (store) => {
      const write = (...cursors: HeldCursor[]) => store.transaction(({ meta }) => meta.writeCursors(cursors))
      expect(await readCursors(store)).toEqual([])
      await write(cursorAt('user:ann', 3), cursorAt(otherRoom, 1), cursorAt('Public', 1), cursorAt('public', 0))
      expect(await readCursors(store)).toEqual([
        ['Public', cursorAt('Public', 1)],
        ['public', cursorAt('public', 0)],
        [otherRoom, cursorAt(otherRoom, 1)],
        ['user:ann', cursorAt('user:ann', 3)],
      ])
      await write(cursorAt('user:ann', 3), cursorAt(otherRoom, 5), cursorAt(room, 2))
      expect(await readCursors(store)).toEqual([
        [room, cursorAt(room, 2)],
        [otherRoom, cursorAt(otherRoom, 5)],
        ['user:ann', cursorAt('user:ann', 3)],
      ])
      await write()
      expect(await readCursors(store)).toEqual([])
    })

    test('[OUT-1] a reset drops all of them', async (store) => {
      await store.transaction(({ meta }) => meta.writeCursors(new Map([[room, cursorAt(room, 2)]]).values()))
      expect(await readCursors(store)).toEqual([[room, cursorAt(room, 2)]])
      await store.transaction(({ meta }) => meta.dropCursors('all'))
      expect(await readCursors(store)).toEqual([])
    })

    test('[CON-1] one that is dropped by its name leaves the others', async (store) => {
      const cursors = [room, otherRoom, 'user:ann'].map((audience) => cursorAt(audience, 2))
      await store.transaction(({ meta }) => meta.writeCursors(cursors))
      await store.transaction(({ meta }) => meta.dropCursors([room, 'user:ann', 'public']))
      expect(await readCursors(store)).toEqual([[otherRoom, cursorAt(otherRoom, 2)]])
    })
  })

  describe('pending actions', () => {
    const readPending = (store: DeviceStore) => store.transaction(({ pending }) => pending.readPending())
    const change = (store: DeviceStore, work: (pending: DeviceTransaction['pending']) => Promise<void>) =>
      store.transaction(({ pending }) => work(pending))
    const having = (store: DeviceStore, ...rows: PendingRow[]) =>
      change(store, async (pending) => {
        await pending.insertPending([])
        await pending.insertPending(rows)
      })

    test('[EXE-1] whole and in ordinal order, at one ordinal by id', async (store) => {
      const rows = [
        pendingRow(1, { ordinal: 20, place: 'log', wasConfirmed: true, effect: 'e'.repeat(32), shown: [] }),
        pendingRow(2, { ordinal: 9, mayBeRejected: true, hold, failures: 3, shown }),
        pendingRow(4, { ordinal: 10, place: 'rows' }),
        pendingRow(3, { ordinal: 10 }),
      ] as const
      await having(store, ...rows)
      expect(await readPending(store)).toEqual([rows[1], rows[3], rows[2], rows[0]])
    })

    test('[EXE-1] an action is pending once', async (store) => {
      await having(store, pendingRow(1))
      const twice = change(store, (pending) => pending.insertPending([pendingRow(2), pendingRow(1, { ordinal: 9 })]))
      await expect(twice).rejects.toMatchObject({ name: 'SqlError', code: '23505' })
      expect(await readPending(store)).toEqual([pendingRow(1)])
    })

    test('[LIVE-1] the latest ones first, and how many of all wait for the server', async (store) => {
      const latest = async (limit: number) => {
        const { rows, waitingCount } = await store.transaction(({ pending }) => pending.readLatestPending(limit))
        return { ids: idsOf(rows), waitingCount }
      }
      expect(await latest(5)).toEqual({ ids: [], waitingCount: 0 })
      await having(
        store,
        pendingRow(4, { ordinal: 3 }),
        pendingRow(1),
        pendingRow(2, { hold }),
        pendingRow(3),
        pendingRow(10),
      )
      expect(await latest(2)).toEqual({ ids: numbered(10, 3), waitingCount: 4 })
      expect(await latest(9)).toEqual({ ids: numbered(10, 3, 4, 2, 1), waitingCount: 4 })
      expect(await latest(0)).toEqual({ ids: [], waitingCount: 4 })
    })

    test('[REC-3] those that are deleted are gone, also when they are not there', async (store) => {
      await having(store, pendingRow(1), pendingRow(2), pendingRow(3))
      await change(store, (pending) => pending.deletePending([]))
      await change(store, (pending) => pending.deletePending(numbered(3, 9, 1)))
      expect(await readPending(store)).toEqual([pendingRow(2)])
    })

    test('[REC-4] runs change what the author sees, and nothing else', async (store) => {
      await having(store, pendingRow(1, { hold, failures: 2 }), pendingRow(2, { shown, effect: 'e' }), pendingRow(3))
      await change(store, async (pending) => {
        await pending.saveRuns([])
        await pending.saveRuns([
          { id: uuid(1), mayBeRejected: false, effect: 'f'.repeat(32), shown, value: '7' },
          { id: uuid(2), mayBeRejected: true, effect: null, shown: [], value: null },
          { id: uuid(9), mayBeRejected: true, effect: null, shown: [], value: null },
        ])
      })
      expect(await readPending(store)).toEqual([
        pendingRow(1, { hold, failures: 2, effect: 'f'.repeat(32), shown, value: '7' }),
        pendingRow(2, { mayBeRejected: true, effect: null, shown: [] }),
        pendingRow(3),
      ])
    })

    test('[REC-3] places change by id', async (store) => {
      await having(store, pendingRow(1, { shown }), pendingRow(2), pendingRow(3, { place: 'rows' }))
      await change(store, async (pending) => {
        await pending.savePlaces(new Map())
        await pending.savePlaces(
          new Map([[uuid(1), 'log'] as const, [uuid(3), 'layer'] as const, [uuid(9), 'log'] as const]),
        )
      })
      expect(await readPending(store)).toEqual([pendingRow(1, { shown, place: 'log' }), pendingRow(2), pendingRow(3)])
    })

    test('[OUT-1] numbers change as the outbox has them, and a hold ends', async (store) => {
      await having(
        store,
        pendingRow(1, { shown, mayBeRejected: true }),
        pendingRow(2, { hold, failures: 4 }),
        pendingRow(3),
      )
      const numbers = (id: number, but: Partial<PendingRow>) => pendingRow(id, { place: 'rows', input: 'x', ...but })
      const first = { ordinal: 31, clock: clockAt(50), hold, failures: 1, wasConfirmed: true }
      await change(store, async (pending) => {
        await pending.saveNumbers([])
        await pending.saveNumbers([numbers(1, first), numbers(2, { ordinal: 30 }), numbers(9, {})])
      })
      expect(await readPending(store)).toEqual([
        pendingRow(3),
        pendingRow(2, { ordinal: 30 }),
        pendingRow(1, { ...first, shown, mayBeRejected: true }),
      ])
    })

    test('[TAB-1] what the first run answered stays the answer', async (store) => {
      const run = (value: string | null) => ({ id: uuid(1), mayBeRejected: false, effect: null, shown: [], value })
      await having(store, pendingRow(1))
      for (const value of [null, '{"id":"a"}', '{"id":"b"}', null]) {
        await change(store, (pending) => pending.saveRuns([run(value)]))
      }
      expect((await readPending(store))[0]?.value).toBe('{"id":"a"}')
    })

    test('[EXE-1] an id is known again while it is pending and after it settled', async (store) => {
      await having(store, pendingRow(1, { value: '"one"' }), pendingRow(3, { value: '"three"' }))
      await store.transaction(async ({ receipts }) => {
        await receipts.saveReceipts([receiptOf(2), receiptOf(3)])
        await receipts.settlePending([uuid(3)])
      })
      const done = (id: number) => store.transaction(({ pending }) => pending.readDone(uuid(id)))
      const { name, input } = pendingRow(1)
      expect(await done(1)).toEqual({ name, input, value: '"one"' })
      expect(await done(2)).toEqual({ name, input: null, value: null })
      expect(await done(3)).toEqual({ name, input, value: '"three"' })
      expect(await done(4)).toBeNull()
      await change(store, (pending) => pending.deletePending([uuid(1)]))
      expect(await done(1)).toBeNull()
    })

    test('[TAB-1] answers that were given long ago are forgotten', async (store) => {
      await having(store, pendingRow(1, { value: '1' }), pendingRow(2, { value: '2' }), pendingRow(3, { value: '3' }))
      await store.transaction(async ({ receipts }) => {
        await receipts.saveReceipts([receiptOf(1), receiptOf(2)])
        await receipts.settlePending(numbered(1, 2))
        await receipts.forgetValues(clockAt(2))
      })
      const value = (id: number) => store.transaction(async ({ pending }) => (await pending.readDone(uuid(id)))?.value)
      expect([await value(1), await value(2), await value(3)]).toEqual([null, '2', '3'])
    })

    const blind = [
      pendingRow(1, { mayBeRejected: true, effect: 'e', shown, hold, place: 'rows' }),
      pendingRow(2, { effect: 'e', shown }),
    ]
    test('[REC-4] what failed before the first snapshot was never seen', async (store) => {
      await having(store, ...blind)
      await change(store, (pending) => pending.forgetBlindRuns())
      expect(await readPending(store)).toEqual([{ ...blind[0], mayBeRejected: false, shown: null }, blind[1]])
    })

    test('[REC-4] what failed on rows of the server was seen', async (store) => {
      await having(store, ...blind)
      await store.transaction(async ({ meta, pending }) => {
        await meta.writeCursors([cursorAt(room, 0)])
        await pending.forgetBlindRuns()
      })
      expect(await readPending(store)).toEqual(blind)
    })

    test('[OUT-1] what the log of a lost history confirmed is in the rows', async (store) => {
      await having(store, pendingRow(1, { place: 'log', shown }), pendingRow(2), pendingRow(3, { place: 'rows' }))
      await change(store, (pending) => pending.moveFromLogToRows())
      expect((await readPending(store)).map(({ place }) => place)).toEqual(['rows', 'layer', 'rows'])
    })
  })

  describe('transactions', () => {
    const everywhere = async ({ meta, pending, receipts, rows }: DeviceTransaction, number: number) => {
      await meta.writeMeta({ epoch: `epoch ${number}` })
      await meta.writeCursors([cursorAt(room, number)])
      await pending.deletePending([uuid(1)])
      await pending.insertPending([pendingRow(number)])
      await receipts.saveReceipts([receiptOf(number + 100)])
      await rows.enterEngine()
      const image = { id: uuid(number), audience: room, label: 'thing', value: '1', holder: null }
      await rows.setRows([{ table: 'items', key: `["${uuid(number)}"]`, image }])
    }
    const traces = (store: DeviceStore) =>
      store.transaction(async ({ meta, pending, receipts, rows }) => ({
        epoch: (await meta.readMeta()).epoch,
        cursors: [...(await meta.readCursors()).values()].map(({ seq }) => seq),
        pending: idsOf(await pending.readPending()),
        receipts: (await receipts.latestReceipts(9)).map(({ receipt }) => receipt.actionId),
        rows: (await rows.allRows()).map(({ image }) => image.id),
      }))
    const first = { epoch: 'epoch 1', cursors: [1], pending: [uuid(1)], receipts: [uuid(101)], rows: [uuid(1)] }

    test('[EXE-1] nothing stays of a transaction that throws, and the next one works', async (store) => {
      expect(await store.transaction(async (tx) => everywhere(tx, 1).then(() => 'done'))).toBe('done')
      const failing = store.transaction(async (tx) => {
        await everywhere(tx, 2)
        throw new TypeError('planted')
      })
      await expect(failing).rejects.toThrow(new TypeError('planted'))
      expect(await traces(store)).toEqual(first)
      await store.transaction((tx) => everywhere(tx, 2))
      expect(await traces(store)).toEqual({
        ...{ epoch: 'epoch 2', cursors: [2], pending: [uuid(2)], receipts: numbered(102, 101), rows: numbered(1, 2) },
      })
    })
  })
})
