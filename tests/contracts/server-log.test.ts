/** The log: every implementation of the server's database answers the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noHead } from '@/lib/sync/store/server/log'
import type { ServerStore, ServerTransaction } from '@/lib/sync/store/server/transaction'
import { uuid } from './act'
import { servers } from './implementations'
import { clockAt, headAt, logEntry, otherRoom, receiptOf, refusal, room, tokenOf } from './records'

type Opened = Awaited<ReturnType<(typeof servers)[number]['open']>>

describe.each(servers)('the log in the server’s database: $name', ({ open }) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (store: ServerStore) => Promise<void>) =>
    it(name, async () => {
      await work((await opened.empty()).store)
    })

  /** Ingests: 1 2 | 3 4 5 | 6, and one entry of another audience in between. */
  const withSix = async ({ log }: ServerTransaction) => {
    await log.appendEntries([])
    const stamps = [10, 10, 20, 20, 20, 30]
    await log.appendEntries([
      ...stamps.map((stamp, index) => logEntry(index + 1, stamp)),
      logEntry(1, 20, { audience: otherRoom }),
    ])
    await log.saveHeads([headAt(room, 6), headAt(otherRoom, 1)])
  }

  test('an audience without log has head 0 and the empty token', async (store) => {
    await store.transaction(({ log }) => log.saveHeads([headAt(room, 2)]))
    await store.transaction(({ log }) => log.saveHeads([]))
    const heads = await store.read(({ log }) => log.readHeads([otherRoom, room]))
    expect(heads).toEqual(
      new Map([
        [otherRoom, { audience: otherRoom, ...noHead }],
        [room, headAt(room, 2)],
      ]),
    )
  })

  test('[HLC-4] a head moves on as it is given, the greatest clock only upwards, the floor stays', async (store) => {
    await store.transaction(withSix)
    await store.transaction(({ horizon }) => horizon.moveFloor(room, { seq: 2, token: tokenOf(room, 2) }))
    const saved = headAt(room, 7, { floor: 5, floorToken: 'x', sealedUntil: 'x', maxClock: clockAt(3) })
    await store.transaction(({ log }) => log.saveHeads([saved, headAt('user:ann', 1, { floor: 1, maxClock: '' })]))
    const heads = await store.read(({ log }) => log.readHeads([room, 'user:ann']))
    expect([...heads.values()]).toEqual([
      headAt(room, 7, { floor: 2, floorToken: tokenOf(room, 2), maxClock: clockAt(6) }),
      headAt('user:ann', 1, { maxClock: '' }),
    ])
    await store.transaction(({ log }) => log.saveHeads([headAt(room, 8, { maxClock: clockAt(9) })]))
    expect((await store.read(({ log }) => log.readHeads([room]))).get(room)?.maxClock).toBe(clockAt(9))
  })

  test('[ING-5] a number is given once in an audience', async (store) => {
    await store.transaction(withSix)
    await expect(store.transaction(({ log }) => log.appendEntries([logEntry(6, 40)]))).rejects.toMatchObject({
      name: 'SqlError',
      code: '23505',
    })
  })

  test('[ING-5] entries above a cursor, in order and whole, audience by audience', async (store) => {
    const correction = logEntry(7, 40, {
      ...{ kind: 'correction' as const, action: null, causes: [uuid(8), uuid(9)] },
      ...{ changes: [{ table: 'items', key: `["${uuid(1)}"]`, image: null }] },
    })
    const told = logEntry(8, 40, { kind: 'receipts', action: null, changes: [], receipts: [receiptOf(7, refusal)] })
    await store.transaction(withSix)
    await store.transaction(({ log }) => log.appendEntries([told, correction]))
    const read = await store.read(({ log }) =>
      log.readEntries(
        [
          { audience: room, seq: 5 },
          { audience: otherRoom, seq: 0 },
          { audience: 'public', seq: 0 },
        ],
        100,
      ),
    )
    expect([...read]).toEqual([
      [room, [logEntry(6, 30), correction, told]],
      [otherRoom, [logEntry(1, 20, { audience: otherRoom })]],
      ['public', []],
    ])
    expect(await store.read(({ log }) => log.readEntries([], 100))).toEqual(new Map())
  })

  const pages = [
    { seq: 0, entriesMax: 1, numbers: [1, 2] },
    { seq: 0, entriesMax: 2, numbers: [1, 2] },
    { seq: 0, entriesMax: 3, numbers: [1, 2, 3, 4, 5] },
    { seq: 2, entriesMax: 3, numbers: [3, 4, 5] },
    { seq: 3, entriesMax: 1, numbers: [4, 5] },
    { seq: 4, entriesMax: 2, numbers: [5, 6] },
    { seq: 0, entriesMax: 100, numbers: [1, 2, 3, 4, 5, 6] },
    { seq: 6, entriesMax: 5, numbers: [] },
    { seq: 9, entriesMax: 5, numbers: [] },
    { seq: 0, entriesMax: 0, numbers: [] },
  ]
  it.each(pages)(
    '[ORD-1] a page of $entriesMax above $seq ends with its ingest',
    async ({ seq, entriesMax, numbers }) => {
      const { store } = await opened.empty()
      await store.transaction(withSix)
      const cursors = [
        { audience: room, seq },
        { audience: otherRoom, seq: 1 },
      ]
      const read = await store.read(({ log }) => log.readEntries(cursors, entriesMax))
      expect(read.get(room)?.map((entry) => entry.seq)).toEqual(numbers)
      expect(read.get(otherRoom)).toEqual([])
    },
  )

  const at = (seq: number, token: string, audience = room) => ({ audience, seq, token })
  /** Of the log above, sealed up to 2. */
  const doBelong = {
    'no cursor at all': [],
    'the head': [at(6, tokenOf(room, 6))],
    'an entry in between': [at(4, tokenOf(room, 4))],
    'the floor': [at(2, tokenOf(room, 2))],
    'what lies below the floor, whatever its token': [at(1, tokenOf(room, 1))],
    'the beginning': [at(0, '')],
    'an audience without log': [at(0, '', 'user:ann')],
    several: [at(0, ''), at(1, tokenOf(otherRoom, 1), otherRoom)],
  }
  const doNotBelong = {
    'the head under another token': [at(6, 'x')],
    'the head without a token': [at(6, '')],
    'an entry under the token of another': [at(4, tokenOf(room, 5))],
    'the floor under another token': [at(2, 'x')],
    'what lies above the head': [at(7, tokenOf(room, 7))],
    'the beginning with a token, where nothing was cut off': [at(0, 'x', otherRoom)],
    'the token of another audience': [at(4, tokenOf(room, 4), otherRoom)],
    'one stranger among others': [at(0, ''), at(1, 'x', otherRoom)],
  }
  const unknownAudience = {
    'a number in an audience without log': [at(1, '', 'user:ann')],
    'a token for an audience without log': [at(0, 'x', 'user:ann')],
    'both, as after a restore to before that audience': [at(3, tokenOf('user:ann', 3), 'user:ann')],
  }
  async function belong(cursors: readonly ReturnType<typeof at>[]): Promise<boolean> {
    const { store } = await opened.empty()
    await store.transaction(withSix)
    await store.transaction(({ horizon }) => horizon.moveFloor(room, { seq: 2, token: tokenOf(room, 2) }))
    return store.read(({ log }) => log.cursorsBelong(cursors))
  }
  it.each(Object.entries(doBelong))('[ING-0] belongs to this history: %s', async (_, cursors) => {
    expect(await belong(cursors)).toBe(true)
  })
  it.each(Object.entries(doNotBelong))('[ING-0] does not belong to this history: %s', async (_, cursors) => {
    expect(await belong(cursors)).toBe(false)
  })
  it.each(Object.entries(unknownAudience))('[ING-0] does not belong either: %s', async (_, cursors) => {
    expect(await belong(cursors)).toBe(false)
  })
})
