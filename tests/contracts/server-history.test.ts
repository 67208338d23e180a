/** Canonical history and its receipts: every implementation of the server's database answers the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KnownId } from '@/lib/sync/store/server/history'
import type { ServerStore, ServerTransaction } from '@/lib/sync/store/server/transaction'
import { uuid } from './act'
import { servers } from './implementations'
import {
  acceptedAction,
  clientId,
  clockAt,
  idRow,
  otherClientId,
  otherRoom,
  receiptOf,
  refusal,
  room,
  sortedBy,
} from './records'

type Opened = Awaited<ReturnType<(typeof servers)[number]['open']>>

type History = ServerTransaction['history']

const registered = (history: History) =>
  history.registerClient({ clientId, userId: 'ann', nowMs: Date.UTC(2031, 5, 1) })

const idsOf = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id)
const numbered = (...numbers: readonly number[]) => numbers.map(uuid)

describe.each(servers)('history in the server’s database: $name', ({ open }) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (store: ServerStore) => Promise<void>) =>
    it(name, async () => {
      await work((await opened.empty()).store)
    })

  describe('history', () => {
    /** Two at one clock; 5 is of another client and came last. */
    async function withFive({ history }: ServerTransaction) {
      await registered(history)
      await history.registerClient({ clientId: otherClientId, userId: 'ben', nowMs: 0 })
      await history.addAccepted([
        acceptedAction(2, { clock: clockAt(20) }),
        acceptedAction(1, { clock: clockAt(10), writes: [room, 'user:ann'], reads: [otherRoom, 'public'] }),
        acceptedAction(4, { clock: clockAt(20), status: 'rejected', reason: 'seat-taken', effect: null }),
      ])
      await history.addAccepted([acceptedAction(3, { clock: clockAt(40) })])
      await history.addAccepted([
        acceptedAction(5, { clientId: otherClientId, ordinal: 1, author: 'ben', clock: clockAt(15, otherClientId) }),
      ])
    }

    test('[ORA-1] accepted actions come in replay order, whole, once each and only those asked for', async (store) => {
      await store.transaction(withFive)
      const read = (...ids: string[]) => store.read(({ history }) => history.readAccepted(ids))
      expect(idsOf(await read(...numbered(3, 4, 2, 5, 1)))).toEqual(numbered(1, 5, 2, 4, 3))
      expect(await read(uuid(4), uuid(1), uuid(4), uuid(999))).toEqual([
        acceptedAction(1, { clock: clockAt(10), writes: [room, 'user:ann'], reads: [otherRoom, 'public'] }),
        acceptedAction(4, { clock: clockAt(20), status: 'rejected', reason: 'seat-taken', effect: null }),
      ])
      expect(await read()).toEqual([])
    })

    test('[ING-3] places from a clock on, that clock included, in replay order', async (store) => {
      await store.transaction(withFive)
      const since = async (clock: string, limit = 99) => {
        const places = await store.read(({ history }) => history.placesSince(clock, limit))
        return places.map(({ id, clock, author, writes, reads }) => ({ id, clock, author, writes, reads }))
      }
      expect(idsOf(await since(''))).toEqual(numbered(1, 5, 2, 4, 3))
      expect(idsOf(await since(clockAt(20)))).toEqual(numbered(2, 4, 3))
      expect(await since(clockAt(40))).toEqual([
        { id: uuid(3), clock: clockAt(40), author: 'ann', writes: [room], reads: [] },
      ])
      expect(await since(clockAt(41))).toEqual([])
      expect(idsOf(await since('', 2))).toEqual(numbered(1, 5))
    })

    test('[ING-3] places that name one of these audiences, to write or to read, and no others', async (store) => {
      await store.transaction(withFive)
      const naming = async (clock: string, ...audiences: string[]) =>
        idsOf(await store.read(({ history }) => history.placesNaming(clock, audiences)))
      expect(await naming('', room)).toEqual(numbered(1, 5, 2, 4, 3))
      expect(await naming(clockAt(20), room, otherRoom)).toEqual(numbered(2, 4, 3))
      expect(await naming('', otherRoom)).toEqual(numbered(1))
      expect(await naming('', 'user:ann', 'user:ben')).toEqual(numbered(1))
      expect(await naming('', 'public', 'it’s "odd", {1}')).toEqual(numbered(1))
      expect(await naming(clockAt(11), 'user:ann')).toEqual([])
      expect(await naming('')).toEqual([])
    })

    test('[ING-4] a replay changes status, reason and effect of accepted actions, and nothing else', async (store) => {
      await store.transaction(withFive)
      const [first, fourth] = numbered(1, 4) as [string, string]
      await store.transaction(async ({ history }) => {
        await history.reviseAccepted([])
        await history.reviseAccepted([
          { id: first, status: 'rejected', reason: 'error', effect: null },
          { id: fourth, status: 'applied', reason: null, effect: 'f'.repeat(32) },
          { id: uuid(999), status: 'applied', reason: null, effect: null },
        ])
      })
      const read = await store.read(({ history }) => history.readAccepted([first, fourth, uuid(2), uuid(999)]))
      expect(read).toEqual([
        acceptedAction(1, {
          ...{ clock: clockAt(10), writes: [room, 'user:ann'], reads: [otherRoom, 'public'] },
          ...{ status: 'rejected', reason: 'error', effect: null },
        }),
        acceptedAction(2, { clock: clockAt(20) }),
        acceptedAction(4, { clock: clockAt(20), effect: 'f'.repeat(32) }),
      ])
    })

    test('[HLC-4] a client keeps its first user, and the greatest ordinal and clock it was accepted with', async (store) => {
      const read = (id: string) => store.read(({ history }) => history.readClient(id))
      expect(await read(clientId)).toBeNull()
      await store.transaction(({ history }) => registered(history))
      expect(await read(clientId)).toEqual({ userId: 'ann', lastOrdinal: 0, lastClock: '' })
      await store.transaction(withFive)
      await store.transaction(({ history }) => history.registerClient({ clientId, userId: 'eve', nowMs: 7 }))
      expect(await read(clientId)).toEqual({ userId: 'ann', lastOrdinal: 4, lastClock: clockAt(40) })
      const other = { userId: 'ben', lastOrdinal: 1, lastClock: clockAt(15, otherClientId) }
      expect(await read(otherClientId)).toEqual(other)
    })

    test('[HLC-4] the greatest clock of a client before an ordinal, as its receipts tell', async (store) => {
      await store.transaction(({ history }) =>
        history.addReceipts([
          idRow(1, { clock: clockAt(10) }),
          idRow(2, { clock: clockAt(20) }),
          idRow(3, { clock: clockAt(40) }),
          idRow(4, refusal),
          { ...idRow(5, { clientId: otherClientId, clock: clockAt(15, otherClientId) }), ordinal: 1 },
        ]),
      )
      await store.read(async ({ history }) => {
        expect(await history.clockBefore(clientId, 1)).toBe('')
        expect(await history.clockBefore(clientId, 3)).toBe(clockAt(20))
        expect(await history.clockBefore(clientId, 4)).toBe(clockAt(40))
        expect(await history.clockBefore(otherClientId, 9)).toBe(clockAt(15, otherClientId))
        expect(await history.clockBefore(uuid(0xc3), 9)).toBe('')
      })
    })

    test('an action is accepted once', async (store) => {
      await store.transaction(withFive)
      await expect(
        store.transaction(({ history }) => history.addAccepted([acceptedAction(6), acceptedAction(1)])),
      ).rejects.toMatchObject({ name: 'SqlError', code: '23505' })
      expect(await store.read(({ history }) => history.readAccepted([uuid(6)]))).toEqual([])
    })
  })

  describe('receipts', () => {
    const known = (found: ReadonlyMap<string, KnownId>) =>
      sortedBy(found, ([id]) => id).map(([key, { id, hash, author, revision, receipt }]) => [
        key,
        { id, hash, author, revision, receipt },
      ])

    test('[ING-2] ids and receipts are kept, also of what was refused', async (store) => {
      await store.transaction(async ({ history }) => {
        await history.addReceipts([])
        await history.addReceipts([idRow(1), idRow(7, refusal), idRow(2)])
      })
      const found = await store.read(({ history }) => history.knownIds(numbered(7, 1, 1, 999)))
      const row = { author: 'ann', revision: 1 }
      expect(known(found)).toEqual([
        [uuid(1), { ...row, id: uuid(1), hash: 'hash-1', receipt: receiptOf(1) }],
        [uuid(7), { ...row, id: uuid(7), hash: 'hash-7', receipt: receiptOf(7, refusal) }],
      ])
      expect(await store.read(({ history }) => history.knownIds([]))).toEqual(new Map())
    })

    test('[ING-2] a known id is never written over', async (store) => {
      await store.transaction(({ history }) => history.addReceipts([idRow(1)]))
      await expect(
        store.transaction(({ history }) => history.addReceipts([idRow(2), idRow(1, refusal)])),
      ).rejects.toMatchObject({ name: 'SqlError', code: '23505' })
      const found = await store.read(({ history }) => history.knownIds(numbered(1, 2)))
      expect(known(found).map(([id]) => id)).toEqual([uuid(1)])
    })

    test('[ING-4] a new receipt takes the place of the old one; hash, author and ordinal stay', async (store) => {
      await store.transaction(({ history }) => history.addReceipts([idRow(1), idRow(2)]))
      const changed = receiptOf(1, { revision: 3, status: 'rejected', reason: 'seat-taken' })
      await store.transaction(async ({ history }) => {
        await history.reviseReceipts([])
        await history.reviseReceipts([
          { hash: 'other', author: 'eve', ordinal: 99, receipt: changed },
          idRow(999, { revision: 2 }),
        ])
      })
      await store.read(async ({ history }) => {
        const expected = { id: uuid(1), hash: 'hash-1', author: 'ann', revision: 3, receipt: changed }
        expect(known(await history.knownIds(numbered(1, 999)))).toEqual([[uuid(1), expected]])
        expect(await history.idsByOrdinal(clientId, [1, 99, 999])).toEqual(new Map([[1, uuid(1)]]))
        expect(await history.lastOrdinal(clientId)).toBe(2)
      })
    })

    test('[HLC-4] who holds an ordinal, and the greatest one of a client, also for what was refused', async (store) => {
      await store.transaction(({ history }) =>
        history.addReceipts([idRow(1), idRow(12, refusal), idRow(3), idRow(20, { clientId: otherClientId })]),
      )
      await store.read(async ({ history }) => {
        expect(await history.lastOrdinal(clientId)).toBe(12)
        expect(await history.lastOrdinal(uuid(0xc3))).toBe(0)
        const held = await history.idsByOrdinal(clientId, [20, 12, 1, 2])
        expect(sortedBy(held, ([ordinal]) => String(ordinal))).toEqual([
          [1, uuid(1)],
          [12, uuid(12)],
        ])
        expect(await history.idsByOrdinal(clientId, [])).toEqual(new Map())
      })
    })

    test('[AUD-5] the latest receipts of an author by clock, those without a clock last', async (store) => {
      await store.transaction(({ history }) =>
        history.addReceipts([
          idRow(9, refusal),
          idRow(1, { clock: clockAt(30) }),
          idRow(8, refusal),
          idRow(3, { clock: clockAt(30) }),
          idRow(2, { clock: clockAt(50) }),
          { ...idRow(4, { clock: clockAt(60) }), author: 'ben' },
        ]),
      )
      const latest = async (author: string, limit: number) =>
        (await store.read(({ history }) => history.latestReceipts(author, limit))).map(({ actionId }) => actionId)
      expect(await latest('ann', 9)).toEqual(numbered(2, 1, 3, 8, 9))
      expect(await latest('ann', 2)).toEqual(numbered(2, 1))
      expect(await latest('cat', 9)).toEqual([])
      const [whole] = await store.read(({ history }) => history.latestReceipts('ben', 1))
      expect(whole).toEqual(receiptOf(4, { clock: clockAt(60) }))
    })

    test('[OUT-1] an epoch is made once', async (store) => {
      const epoch = () => store.read(({ history }) => history.readEpoch())
      expect(await epoch()).toBeNull()
      await store.transaction(({ history }) => history.createEpoch('first'))
      await store.transaction(({ history }) => history.createEpoch('second'))
      expect(await epoch()).toBe('first')
    })
  })
})
