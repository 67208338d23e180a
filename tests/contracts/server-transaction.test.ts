/** What an ingest and an exchange ask of the server's database, besides captured rows: every implementation answers the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lockPlan } from '@/lib/sync/core/replay-set'
import type { ServerStore, ServerTransaction } from '@/lib/sync/store/server/transaction'
import type { RowTarget } from '@/lib/sync/store/set-rows'
import { uuid } from './act'
import { servers } from './implementations'
import { acceptedAction, clientId, headAt, idRow, logEntry, otherRoom, room, sortedBy } from './records'

type Opened = Awaited<ReturnType<(typeof servers)[number]['open']>>
type History = ServerTransaction['history']

const registered = (history: History) =>
  history.registerClient({ clientId, userId: 'ann', nowMs: Date.UTC(2031, 5, 1) })

const member = (number: number, userId: string, audience = room): RowTarget => ({
  table: 'members',
  key: `["${uuid(number)}"]`,
  image: { id: uuid(number), audience, user_id: userId, role: 'owner' },
})
const gone = ({ table, key }: RowTarget): RowTarget => ({ table, key, image: null })

async function set(tx: ServerTransaction, ...targets: readonly RowTarget[]): Promise<void> {
  await tx.rows.enterEngine()
  await tx.rows.setRows(targets)
}

describe.each(servers)('the server’s database: $name', ({ open }) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (store: ServerStore) => Promise<void>) =>
    it(name, async () => {
      await work((await opened.empty()).store)
    })

  describe('grants', () => {
    const since = (store: ServerStore, userId: string) =>
      store.read(async ({ grants }) => sortedBy(await grants.grantsSince(userId), ([audience]) => audience))
    const pair = (user_id: string, since: number, but: { audience?: string; times?: number } = {}) => ({
      user_id,
      since,
      audience: room,
      times: 1,
      ...but,
    })
    const withMembers = (store: ServerStore) =>
      store.transaction(async (tx) => {
        await set(tx, member(1, 'ann'), member(2, 'ben'), member(3, 'ann', otherRoom))
        await tx.grants.renewGrants([pair('ann', 5), pair('ben', 5), pair('ann', 2, { audience: otherRoom })])
      })

    test('[AUD-5] a membership begins with the number it is given, and only where the rows say so', async (store) => {
      await withMembers(store)
      await store.transaction(({ grants }) => grants.renewGrants([]))
      await store.transaction(({ grants }) =>
        grants.renewGrants([pair('cat', 7), pair('ben', 7, { audience: otherRoom })]),
      )
      expect(await since(store, 'ann')).toEqual([
        [room, 5],
        [otherRoom, 2],
      ])
      expect(await since(store, 'ben')).toEqual([[room, 5]])
      expect(await since(store, 'cat')).toEqual([])
    })

    test('[AUD-5] one that goes on keeps its number', async (store) => {
      await withMembers(store)
      await store.transaction(({ grants }) => grants.renewGrants([pair('ann', 9)]))
      expect(await since(store, 'ann')).toEqual([
        [room, 5],
        [otherRoom, 2],
      ])
    })

    test('[AUD-5] one that ended is gone, and begins anew when it comes back', async (store) => {
      await withMembers(store)
      await store.transaction(async (tx) => {
        await set(tx, gone(member(1, 'ann')))
        await tx.grants.renewGrants([pair('ann', 9), pair('ben', 9)])
      })
      expect(await since(store, 'ann')).toEqual([[otherRoom, 2]])
      expect(await since(store, 'ben')).toEqual([[room, 5]])
      await store.transaction(async (tx) => {
        await set(tx, member(9, 'ann'))
        await tx.grants.renewGrants([pair('ann', 12)])
      })
      expect(await since(store, 'ann')).toEqual([
        [room, 12],
        [otherRoom, 2],
      ])
    })

    test('[AUD-5] lost and gained in one push it begins anew, gained and lost it is gone', async (store) => {
      await withMembers(store)
      await store.transaction(async (tx) => {
        await set(tx, gone(member(2, 'ben')))
        await tx.grants.renewGrants([pair('ann', 9, { times: 2 }), pair('ben', 9, { times: 2 })])
      })
      expect(await since(store, 'ann')).toEqual([
        [room, 9],
        [otherRoom, 2],
      ])
      expect(await since(store, 'ben')).toEqual([])
    })

    test('[AUD-4] what everybody holds is no grant', async (store) => {
      const everybodys = ['user:ann', 'public'].map((audience) => pair('ann', 9, { audience }))
      await store.transaction(({ grants }) => grants.renewGrants(everybodys))
      expect(await since(store, 'ann')).toEqual([])
    })
  })

  describe('transactions', () => {
    const target: RowTarget = member(1, 'ann')
    async function writeEverywhere(tx: ServerTransaction, number = 1) {
      await set(tx, member(number, `user-${number}`))
      await tx.history.registerClient({ clientId: uuid(0xc0 + number), userId: 'ann', nowMs: 0 })
      await tx.history.addAccepted([acceptedAction(number, { clientId: uuid(0xc0 + number) })])
      await tx.history.addReceipts([idRow(number, { clientId: uuid(0xc0 + number) })])
      await tx.history.createEpoch(`epoch ${number}`)
      await tx.log.appendEntries([logEntry(number, number)])
      await tx.log.saveHeads([headAt(room, number)])
      await tx.grants.renewGrants([{ user_id: `user-${number}`, audience: room, since: number, times: 1 }])
    }
    /** Numbers of what is there, part by part. */
    const traces = (store: ServerStore) =>
      store.read(async ({ rows, history, log, grants }) => {
        const numbers = [1, 2, 3]
        const present: Record<string, number[]> = {
          rows: [],
          clients: [],
          actions: [],
          ids: [],
          ordinals: [],
          grants: [],
        }
        const note = (part: string, number: number, isThere: boolean) => isThere && present[part]?.push(number)
        for (const number of numbers) {
          const client = uuid(0xc0 + number)
          note('rows', number, (await rows.currentRows([member(number, '')])).length > 0)
          note('clients', number, (await history.readClient(client)) !== null)
          note('actions', number, (await history.readAccepted([uuid(number)])).length > 0)
          note('ids', number, (await history.knownIds([uuid(number)])).size > 0)
          note('ordinals', number, (await history.idsByOrdinal(client, [number])).size > 0)
          note('grants', number, (await grants.grantsSince(`user-${number}`)).size > 0)
        }
        const entries = await log.readEntries([{ audience: room, seq: 0 }], 9)
        return {
          ...present,
          entries: entries.get(room)?.map(({ seq }) => seq),
          head: (await log.readHeads([room])).get(room)?.head,
          epoch: await history.readEpoch(),
        }
      })
    const having = (...numbers: number[]) => ({
      ...{ rows: numbers, clients: numbers, actions: numbers, ids: numbers, ordinals: numbers, grants: numbers },
      ...{ entries: numbers, head: Math.max(0, ...numbers), epoch: numbers[0] ? `epoch ${numbers[0]}` : null },
    })

    test('[ING-1] commits what was done and answers what the work answers', async (store) => {
      expect(await store.transaction(async (tx) => [await writeEverywhere(tx), 'done'])).toEqual([undefined, 'done'])
      expect(await traces(store)).toEqual(having(1))
    })

    test('[ING-1] nothing stays of a transaction that throws, and the next one works', async (store) => {
      await store.transaction((tx) => writeEverywhere(tx, 1))
      const failing = store.transaction(async (tx) => {
        await writeEverywhere(tx, 2)
        throw new TypeError('planted')
      })
      await expect(failing).rejects.toThrow(new TypeError('planted'))
      expect(await traces(store)).toEqual(having(1))
      await store.transaction((tx) => writeEverywhere(tx, 2))
      expect(await traces(store)).toEqual(having(1, 2))
    })

    test('[ING-6] a savepoint takes back its own part only', async (store) => {
      await store.transaction(async (tx) => {
        await writeEverywhere(tx, 1)
        const failing = tx.inSavepoint(async () => {
          await writeEverywhere(tx, 2)
          throw new TypeError('planted')
        })
        await expect(failing).rejects.toThrow(new TypeError('planted'))
        expect(await tx.inSavepoint(async () => writeEverywhere(tx, 2).then(() => 'kept'))).toBe('kept')
      })
      expect(await traces(store)).toEqual(having(1, 2))
    })

    test('[ING-6] savepoints nest: the inner one keeps what was before it, the outer one takes both back', async (store) => {
      await store.transaction(async (tx) => {
        await tx.inSavepoint(async () => {
          await writeEverywhere(tx, 1)
          await expect(tx.inSavepoint(() => writeEverywhere(tx, 1))).rejects.toMatchObject({ code: '23505' })
          await writeEverywhere(tx, 2)
        })
        const outer = tx.inSavepoint(async () => {
          await tx.inSavepoint(() => set(tx, member(3, 'user-3')))
          await tx.history.addAccepted([acceptedAction(3)])
          throw new TypeError('planted')
        })
        await expect(outer).rejects.toThrow('planted')
      })
      expect(await traces(store)).toEqual(having(1, 2))
    })

    test('[ING-1] an ingest takes its locks, and its runs begin and end', async (store) => {
      await store.transaction(async (tx) => {
        await tx.takeLocks(lockPlan([], true))
        await tx.takeLocks(lockPlan([acceptedAction(1, { reads: [otherRoom] })], false))
        await tx.beginRuns(1_234.5)
        await set(tx, target)
        await tx.endRuns()
      })
      const [row] = await store.read(({ rows }) => rows.currentRows([target]))
      expect(row).toEqual(target)
    })

    test('[ING-1] locks are refused where everything is read as of before', async (store) => {
      const reading = store.read((tx) => tx.takeLocks(lockPlan([], false)))
      await expect(reading).rejects.toMatchObject({ name: 'InvariantBroken', rule: 'ING-1' })
    })

    const writes: Readonly<Record<string, (tx: ServerTransaction) => Promise<unknown>>> = {
      'rows.setRows': (tx) => set(tx, target),
      'rows.removeAudiences': (tx) => tx.rows.removeAudiences([room]),
      'rows.dropPatches': (tx) => tx.rows.dropPatches('all'),
      'history.registerClient': (tx) => registered(tx.history),
      'history.addAccepted': (tx) => tx.history.addAccepted([acceptedAction(1)]),
      'history.reviseAccepted': (tx) => tx.history.reviseAccepted([acceptedAction(1)]),
      'history.addReceipts': (tx) => tx.history.addReceipts([idRow(1)]),
      'history.reviseReceipts': (tx) => tx.history.reviseReceipts([idRow(1)]),
      'history.createEpoch': (tx) => tx.history.createEpoch('one'),
      'log.appendEntries': (tx) => tx.log.appendEntries([logEntry(1, 1)]),
      'log.saveHeads': (tx) => tx.log.saveHeads([headAt(room, 1)]),
      'grants.renewGrants': (tx) => tx.grants.renewGrants([{ user_id: 'ann', audience: room, since: 1, times: 1 }]),
    }
    it.each(Object.keys(writes))('a read changes nothing: %s', async (name) => {
      const { store } = await opened.empty()
      const writing = store.read(async (tx) => writes[name]?.(tx))
      await expect(writing).rejects.toMatchObject({ name: 'SqlError', code: '25006' })
      expect(await traces(store)).toEqual(having())
    })

    test('a read passes on what its work throws', async (store) => {
      await expect(store.read(() => Promise.reject(new TypeError('planted')))).rejects.toThrow(new TypeError('planted'))
    })
  })
})
