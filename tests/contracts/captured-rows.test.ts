/** Rows as the engine reads, sets and rolls them back: every implementation of captured tables answers the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerTransaction } from '@/lib/sync/store/server/transaction'
import type { RowTarget } from '@/lib/sync/store/set-rows'
import { uuid } from './act'
import { acted, type Work } from './acting'
import { folder, gone, item, member, note, seat, setTo } from './captured'
import { servers } from './implementations'
import { otherRoom, room, sortedBy } from './records'

const here = (number: number, place: number, holder = 'ann') => seat(number, place, { holder })
const there = { audience: otherRoom }

/** In the order of tables and keys. */
const everything = [
  ...[folder(21), folder(22), item(41), item(42), item(43, there)],
  ...[member(1, 'ann'), member(2, 'ben'), member(3, 'ann', there), note(31, 21), note(32, 21)],
  ...[here(51, 1), here(52, 2), here(53, 3), seat(54, 1, { ...there, holder: 'ann' })],
]

const inOrder = (rows: readonly RowTarget[]) => sortedBy(rows, ({ table, key }) => `${table} ${key}`)
/** The rows above with some of them otherwise, or gone. */
function except(...changed: readonly RowTarget[]): RowTarget[] {
  const byName = new Map([...everything, ...changed].map((row) => [`${row.table} ${row.key}`, row]))
  return inOrder([...byName.values()].filter(({ image }) => image !== null))
}

async function act(tx: ServerTransaction, number: number, work: Work): Promise<void> {
  const outcome = await acted(tx, { number, audiences: { writes: [room] } }, work)
  expect(outcome).toMatchObject({ kind: 'applied' })
}

describe.each(servers)('captured rows of $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  /** On the rows above, in engine mode. */
  const test = (name: string, work: (tx: ServerTransaction) => Promise<void>) =>
    it(name, async () => {
      const { store } = await opened.empty()
      await store.transaction((tx) => setTo(tx, ...[...everything].reverse()))
      await store.transaction(async (tx) => {
        await tx.rows.enterEngine()
        await work(tx)
      })
    })

  describe('what is there', () => {
    test('[CAP-1] columns in table order, and which of them hold exact numbers', async ({ rows }) => {
      expect(sortedBy(rows.columnsByTable(), ([table]) => table)).toEqual([
        ['accounts', ['id', 'audience', 'holder', 'balance']],
        ['folders', ['id', 'audience', 'title']],
        ['items', ['id', 'audience', 'label', 'value', 'holder']],
        ['members', ['id', 'audience', 'user_id', 'role']],
        ['notes', ['id', 'audience', 'folder_id', 'body']],
        ['seats', ['id', 'audience', 'place', 'holder']],
      ])
      expect([rows.isExactNumber('items', 'value'), rows.isExactNumber('seats', 'place')]).toEqual([true, true])
      expect([rows.isExactNumber('items', 'holder'), rows.isExactNumber('notes', 'value')]).toEqual([false, false])
    })

    test('[SNAP-1] all rows, and those of one audience, by table and key', async ({ rows }) => {
      expect(await rows.allRows()).toEqual(everything)
      const elsewhere = [item(43, there), member(3, 'ann', there), seat(54, 1, { ...there, holder: 'ann' })]
      expect(await rows.audienceRows(otherRoom)).toEqual(elsewhere)
      expect(await rows.audienceRows(room)).toEqual(everything.filter(({ image }) => image.audience === room))
      expect(await rows.audienceRows('public')).toEqual([])
    })

    test('[CON-1] a digest tells the rows of one audience, whatever else there is and in whatever order', async (tx) => {
      const before = await tx.rows.digest(room)
      expect(before).toMatch(/^11-/)
      await setTo(tx, gone(item(41)), item(43, { ...there, value: '-1' }))
      await setTo(tx, item(41))
      expect(await tx.rows.digest(room)).toBe(before)
      for (const change of [item(41, { value: '-7' }), item(41, { label: '' }), gone(item(41)), item(44)]) {
        await setTo(tx, change)
        expect(await tx.rows.digest(room), JSON.stringify(change)).not.toBe(before)
        await setTo(tx, item(41), gone(item(44)))
      }
      expect(await tx.rows.digest(room)).toBe(before)
      expect(await tx.rows.digest('public')).toMatch(/^0-/)
    })

    test('[APP-1] the rows that exist among those asked for, once each', async ({ rows }) => {
      const wanted = [here(52, 9), item(99), item(41), item(41), note(21, 21)]
      expect(inOrder(await rows.currentRows(wanted))).toEqual([item(41), here(52, 2)])
      expect(await rows.currentRows([])).toEqual([])
    })

    test('[AUD-4] who holds what: by rows, the private audience and what is public', async (tx) => {
      const { rows } = tx
      expect(await rows.heldAudiences('ann')).toEqual(['public', room, otherRoom, 'user:ann'])
      expect(await rows.heldAudiences('eve')).toEqual(['public', 'user:eve'])
      const named = ['user:ben', otherRoom, 'user:ann', room, 'public', 'room:none']
      expect(await rows.missingAudiences('ben', named)).toEqual([otherRoom, 'user:ann', 'room:none'])
      expect(await rows.missingAudiences('eve', ['public', 'user:eve'])).toEqual([])
      await setTo(tx, gone(member(2, 'ben')))
      expect(await rows.missingAudiences('ben', [room])).toEqual([room])
    })

    test('[AUD-5] rows of lost audiences go, in every table, and are counted', async ({ rows }) => {
      expect(await rows.removeAudiences([])).toBe(0)
      expect(await rows.removeAudiences(['public', 'user:ann'])).toBe(0)
      expect(await rows.removeAudiences([room, 'public'])).toBe(11)
      expect(await rows.allRows()).toEqual(everything.filter(({ image }) => image.audience === otherRoom))
      expect(await rows.removeAudiences([room, otherRoom])).toBe(3)
      expect(await rows.allRows()).toEqual([])
    })
  })

  describe('setting rows', () => {
    test('[APP-1] deletes, inserts and updates, parents and children in any order', async (tx) => {
      const targets = [
        ...[note(39, 29), gone(note(31, 21)), item(41, { value: '-7', holder: 'ben' }), folder(29, { title: '' })],
        ...[gone(item(99)), gone(here(53, 3)), item(42)],
      ]
      await setTo(tx, ...targets)
      expect(await tx.rows.allRows()).toEqual(except(...targets))
      await tx.rows.setRows([])
      expect(await tx.rows.allRows()).toEqual(except(...targets))
    })

    test('[AUD-1] a row moves to another audience, children follow their parent', async (tx) => {
      const moved = [note(32, 21, there), folder(21, there), note(31, 21, there)]
      await setTo(tx, ...moved)
      expect(await tx.rows.allRows()).toEqual(except(...moved))
    })

    const exchanges: Readonly<Record<string, readonly RowTarget[]>> = {
      'two change places': [here(51, 2), here(52, 1)],
      'three in a circle': [here(51, 2), here(52, 3), here(53, 1)],
      'one takes the place of one that goes': [here(51, 2), gone(here(52, 2))],
      'one takes the place of one that moves away': [here(51, 2), seat(52, 2, { ...there, holder: 'ann' })],
      'a new one takes the place of one that moves on': [here(59, 1), here(51, 4)],
    }
    it.each(Object.entries(exchanges))('[ROL-1] unique values trade places: %s', async (_, targets) => {
      const { store } = await opened.empty()
      for (const order of [targets, [...targets].reverse()]) {
        await store.transaction(async (tx) => {
          await tx.rows.enterEngine()
          await tx.rows.removeAudiences([room, otherRoom])
          await setTo(tx, ...everything)
          await setTo(tx, ...order)
          expect(await tx.rows.allRows()).toEqual(except(...targets))
        })
      }
    })

    test('[ROL-1] a unique value that another row keeps is refused at once', async (tx) => {
      const setting = (...targets: RowTarget[]) => tx.inSavepoint(() => tx.rows.setRows(targets))
      const twin = { name: 'SqlError', code: '23505' }
      await expect(setting(item(41, { value: '2' }), here(51, 2))).rejects.toMatchObject(twin)
      await expect(setting(member(9, 'ann'))).rejects.toMatchObject(twin)
      await expect(setting(here(58, 7), here(59, 7))).rejects.toMatchObject(twin)
      expect(await tx.rows.allRows()).toEqual(everything)
    })

    test('[ROL-2] a parent that goes leaves its children, and finds them when it comes back', async (tx) => {
      await tx.rows.setRows([gone(folder(21))])
      expect(await tx.rows.allRows()).toEqual(except(gone(folder(21))))
      await tx.rows.setRows([folder(21, { title: 'again' })])
      await tx.rows.settleConstraints()
      expect(await tx.rows.allRows()).toEqual(except(folder(21, { title: 'again' })))
    })

    test('[ROL-2] a child without a parent in its audience is found when constraints settle', async (tx) => {
      const setting = (target: RowTarget) => tx.inSavepoint(() => setTo(tx, target))
      await expect(setting(folder(21, there))).rejects.toMatchObject({ code: '23503' })
      await expect(setting(note(31, 21, there))).rejects.toMatchObject({ code: '23503' })
      await expect(setting(note(39, 28))).rejects.toMatchObject({ code: '23503' })
      expect(await tx.rows.allRows()).toEqual(everything)
    })
  })

  describe('patches and rolling back', () => {
    const [first, second, third] = [uuid(7), uuid(8), uuid(9)]
    /** Three that build on each other; seats trade places over the first and the last. */
    async function threeActions(tx: ServerTransaction) {
      await act(tx, 7, async (rows) => {
        await rows.put('items', item(41, { value: '2' }).image)
        await rows.delete('folders', uuid(21))
        await rows.put('seats', here(51, 9).image)
      })
      await act(tx, 8, async (rows) => {
        await rows.put('items', item(41, { value: '3' }).image)
        await rows.put('items', item(42, { holder: 'ben' }).image)
        await rows.delete('seats', uuid(53))
      })
      await act(tx, 9, async (rows) => {
        await rows.put('seats', here(52, 1).image)
        await rows.put('seats', here(51, 2).image)
        await rows.put('items', item(42).image)
      })
      await tx.rows.enterEngine()
    }
    const folderGone = [gone(folder(21)), gone(note(31, 21)), gone(note(32, 21))]
    const afterFirst = [item(41, { value: '2' }), ...folderGone, here(51, 9)]
    const afterAll = [item(41, { value: '3' }), ...folderGone, gone(here(53, 3)), here(52, 1), here(51, 2)]

    test('[CAP-1] patches by action, in the order they were captured', async (tx) => {
      await threeActions(tx)
      expect(await tx.rows.allRows()).toEqual(except(...afterAll))
      const patches = await tx.rows.readPatches([third, uuid(99), second])
      expect([...patches]).toEqual([
        [
          third,
          [
            { table: 'seats', key: here(52, 2).key, before: here(52, 2).image, after: here(52, 1).image },
            { table: 'seats', key: here(51, 9).key, before: here(51, 9).image, after: here(51, 2).image },
            { table: 'items', key: item(42).key, before: item(42, { holder: 'ben' }).image, after: item(42).image },
          ],
        ],
        [uuid(99), []],
        [
          second,
          [
            {
              ...{ table: 'items', key: item(41).key },
              ...{ before: item(41, { value: '2' }).image, after: item(41, { value: '3' }).image },
            },
            { table: 'items', key: item(42).key, before: item(42).image, after: item(42, { holder: 'ben' }).image },
            { table: 'seats', key: here(53, 3).key, before: here(53, 3).image, after: null },
          ],
        ],
      ])
      expect(await tx.rows.readPatches([])).toEqual(new Map())
    })

    test('[ROL-1] several actions are rolled back as one net change', async (tx) => {
      await threeActions(tx)
      await tx.rows.rollBack([third, second])
      await tx.rows.settleConstraints()
      expect(await tx.rows.allRows()).toEqual(except(...afterFirst))
    })

    test('[ROL-1] in whatever order their actions are named', async (tx) => {
      await threeActions(tx)
      await tx.rows.rollBack([third, first, second])
      await tx.rows.settleConstraints()
      expect(await tx.rows.allRows()).toEqual(everything)
    })

    test('[ROL-1] the patches stay until they are dropped, and rolling back leaves none', async (tx) => {
      await threeActions(tx)
      const before = await tx.rows.readPatches([first, second, third])
      await tx.rows.rollBack([second, third])
      expect(await tx.rows.readPatches([first, second, third])).toEqual(before)
      await tx.rows.dropPatches([second, third, uuid(99)])
      const left = await tx.rows.readPatches([first, second, third])
      expect([...left.values()].map((patches) => patches.length)).toEqual([5, 0, 0])
      await tx.rows.dropPatches([])
      await tx.rows.rollBack([first, second])
      await tx.rows.settleConstraints()
      expect(await tx.rows.allRows()).toEqual(everything)
    })

    test('[ROL-2] all of the layer is rolled back: a cascade gives its children back', async (tx) => {
      await threeActions(tx)
      await tx.rows.rollBack('all')
      await tx.rows.settleConstraints()
      expect(await tx.rows.allRows()).toEqual(everything)
      await tx.rows.dropPatches('all')
      expect([...(await tx.rows.readPatches([first, second, third])).values()]).toEqual([[], [], []])
      await tx.rows.rollBack('all')
      expect(await tx.rows.allRows()).toEqual(everything)
    })

    test('[ROL-1] nothing to roll back is no change', async (tx) => {
      await tx.rows.rollBack([])
      await tx.rows.rollBack([uuid(99)])
      await tx.rows.rollBack('all')
      expect(await tx.rows.allRows()).toEqual(everything)
    })

    test('[ROL-1] rows that came and went stay gone, and those an action made go', async (tx) => {
      await act(tx, 7, async (rows, { id }) => {
        await rows.put('items', { ...item(0).image, id: id('stays') })
        await rows.put('items', { ...item(0).image, id: id('goes') })
        await rows.delete('items', id('goes'))
      })
      expect((await tx.rows.allRows()).length).toBe(everything.length + 1)
      await tx.rows.rollBack([first])
      expect(await tx.rows.allRows()).toEqual(everything)
    })

    test('[ROL-1] patches go back with the savepoint in which they were captured', async (tx) => {
      await act(tx, 7, (rows) => rows.put('items', item(41, { value: '2' }).image))
      const failing = tx.inSavepoint(async () => {
        await act(tx, 8, (rows) => rows.put('items', item(41, { value: '3' }).image))
        await tx.rows.dropPatches([first])
        throw new TypeError('planted')
      })
      await expect(failing).rejects.toThrow('planted')
      const patches = await tx.rows.readPatches([first, second])
      expect([...patches.values()].map((each) => each.length)).toEqual([1, 0])
      await tx.rows.rollBack('all')
      expect(await tx.rows.allRows()).toEqual(everything)
    })
  })
})
