/** How a large audience leaves a server and waits on a device until all of it is there: memory and SQL answer the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyLine } from '@/lib/sync/core/copy-text'
import type { SnapshotTable } from '@/lib/sync/core/snapshot-stream'
import type { HeldCursor } from '@/lib/sync/core/squash'
import type { DeviceStore, DeviceTransaction } from '@/lib/sync/store/device/transaction'
import type { ServerTransaction } from '@/lib/sync/store/server/transaction'
import { folder, item, member, note, type SetRow, seat, setTo } from './captured'
import { devices, servers } from './implementations'
import { otherRoom, receiptOf, room, sortedBy, tokenOf } from './records'

const there = { audience: otherRoom }
const strange = 'a\tb\nc\\d \\N "Ä" 🦊'
const ours = [folder(21), note(31, 21, { body: strange }), item(41), item(42, { holder: 'ann' }), member(1, 'ann')]
const theirs = [item(43, there), member(3, 'ann', there)]

describe.each(servers)('a large audience on its way out of $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (tx: ServerTransaction) => Promise<void>) =>
    it(name, async () => {
      const { store } = await opened.empty()
      await store.transaction((tx) => setTo(tx, ...ours, ...theirs))
      await store.read(work)
    })

  test('[SNAP-1] rows are counted per table, and no further than asked', async ({ rows }) => {
    const counted = await rows.countRows(room)
    expect(sortedBy(counted, ({ table }) => table).map(({ table, count }) => [table, count])).toEqual([
      ['folders', 1],
      ['items', 2],
      ['members', 1],
      ['notes', 1],
    ])
    expect(await rows.countRows('room:none')).toEqual([])
    expect([await rows.hasMoreRows(room, 5), await rows.hasMoreRows(room, 4)]).toEqual([false, true])
    expect(await rows.hasMoreRows('room:none', 0)).toBe(false)
  })

  test('[SNAP-1, CAP-1] rows leave as lines of COPY, every character of them', async ({ rows }) => {
    const text = async (table: string) => {
      const pieces: string[] = []
      for await (const piece of rows.copyRows(room, table)) pieces.push(piece)
      return pieces.join('').split('\n').slice(0, -1).sort()
    }
    const lines = (...images: readonly SetRow[]) =>
      images.map(({ table, image }) => {
        const columns = rows.columnsByTable().get(table) ?? []
        return copyLine(columns.map((column) => image[column as keyof typeof image] ?? null)).slice(0, -1)
      })
    expect(await text('notes')).toEqual(lines(note(31, 21, { body: strange })))
    expect(await text('items')).toEqual(lines(item(41), item(42, { holder: 'ann' })).sort())
    expect(await text('seats')).toEqual([])
  })

  it('[SNAP-1, AUD-6] receipts beside a snapshot are the author’s own: those asked for, and later ones of the client', async () => {
    const { store } = await opened.empty()
    const rows = [1, 2, 3, 4].map((number) => {
      const receipt = receiptOf(number)
      return { hash: `h${number}`, author: number === 4 ? 'ben' : 'ann', ordinal: number, receipt }
    })
    const { clientId } = receiptOf(1)
    await store.transaction(async ({ history }) => {
      await history.registerClient({ clientId, userId: 'ann', nowMs: 1 })
      await history.addReceipts(rows)
    })
    const idsFor = (author: string, ids: readonly number[], after: number) =>
      store.read(async ({ history }) => {
        const found = await history.receiptsFor(author, {
          ids: ids.map((id) => receiptOf(id).actionId),
          clientId,
          after,
        })
        return found.map(({ actionId }) => actionId)
      })
    const named = (...numbers: readonly number[]) => numbers.map((number) => receiptOf(number).actionId).sort()
    expect(await idsFor('ann', [1], 9)).toEqual(named(1))
    expect(await idsFor('ann', [1], 2)).toEqual(named(1, 3))
    expect(await idsFor('ann', [4], 9)).toEqual([])
    expect(await idsFor('ben', [1, 4], 9)).toEqual(named(4))
  })
})

const columns: Readonly<Record<string, readonly string[]>> = {
  items: ['id', 'audience', 'label', 'value', 'holder'],
  seats: ['id', 'audience', 'place', 'holder'],
}

async function stage(tx: DeviceTransaction, ...rows: readonly SetRow[]): Promise<void> {
  for (const { table, image } of rows) {
    const names = columns[table] ?? []
    const target: SnapshotTable = { table, columns: [...names], count: 1 }
    await tx.stage.add(target, copyLine(names.map((name) => image[name as keyof typeof image] ?? null)))
  }
}

describe.each(devices)('the stage of a device on $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const cursor = (audience: string, stamp: number): HeldCursor => ({
    ...{ audience, seq: 1, token: tokenOf(audience, 1), stamp },
  })

  /** On rows that are here, with cursors that say how old they are. */
  const test = (name: string, work: (store: DeviceStore) => Promise<void>) =>
    it(name, async () => {
      const store = await (await opened.empty()).start()
      await store.transaction(async (tx) => {
        await tx.rows.enterEngine()
        await tx.rows.setRows([item(41), item(42), item(43, there), seat(51, 1, { holder: 'ann' })])
        await tx.rows.settleConstraints()
        await tx.meta.writeCursors([cursor(room, 50), cursor(otherRoom, 70)])
      })
      await work(store)
    })

  const swap = (store: DeviceStore, stamp: number) =>
    store.transaction(async (tx) => {
      await tx.rows.enterEngine()
      const changed = await tx.stage.swapIn({ audience: room, stamp })
      await tx.rows.settleConstraints()
      return { changed, rows: (await tx.rows.allRows()).map(({ key, image }) => [key, image]) }
    })
  const shown = (...rows: readonly SetRow[]) => rows.map(({ key, image }) => [key, image])

  test('[SNAP-1] rows become those on the stage: new ones, other ones, and none that is not there', async (store) => {
    await store.transaction((tx) => tx.stage.open())
    await store.transaction((tx) => stage(tx, item(41, { value: '7', label: strange })))
    await store.transaction((tx) => stage(tx, item(44), seat(52, 1, { holder: 'ben' })))
    const { changed, rows } = await swap(store, 90)
    expect(rows).toEqual(
      shown(item(41, { value: '7', label: strange }), item(43, there), item(44), seat(52, 1, { holder: 'ben' })),
    )
    expect(changed).toBe(5)
  })

  test('[SNAP-1] the same rows again change nothing', async (store) => {
    await store.transaction((tx) => tx.stage.open())
    await store.transaction((tx) => stage(tx, item(41), item(42), seat(51, 1, { holder: 'ann' })))
    expect((await swap(store, 90)).changed).toBe(0)
  })

  test('[APP-1] a row that moved away later stays where it is, one that moved away before comes back', async (store) => {
    const both = async (stamp: number) => {
      await store.transaction((tx) => tx.stage.open())
      await store.transaction((tx) => stage(tx, item(43), item(41), item(42), seat(51, 1, { holder: 'ann' })))
      const { rows } = await swap(store, stamp)
      return rows.find(([key]) => key === item(43).key)?.[1]
    }
    expect(await both(60), 'read before').toEqual(item(43, there).image)
    expect(await both(70), 'equal stamps: what is here stays').toEqual(item(43, there).image)
    expect(await both(80), 'read later').toEqual(item(43).image)
  })

  test('[FM-07] opening the stage again drops what a crash left on it', async (store) => {
    await store.transaction((tx) => tx.stage.open())
    await store.transaction((tx) => stage(tx, item(49)))
    await store.transaction((tx) => tx.stage.open())
    await store.transaction((tx) => stage(tx, item(41)))
    expect((await swap(store, 90)).rows).toEqual(shown(item(41), item(43, there)))
    await store.transaction((tx) => tx.stage.clear())
    await store.transaction((tx) => tx.stage.clear())
  })
})
