/** Seals, floors and pruning: every implementation of the server's database answers the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerStore, ServerTransaction } from '@/lib/sync/store/server/transaction'
import { uuid } from './act'
import { servers } from './implementations'
import { acceptedAction, clientId, clockAt, headAt, logEntry, otherRoom, room, tokenOf } from './records'

type Opened = Awaited<ReturnType<(typeof servers)[number]['open']>>

describe.each(servers)('the far end of history in the server’s database: $name', ({ open }) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (store: ServerStore) => Promise<void>) =>
    it(name, async () => {
      await work((await opened.empty()).store)
    })

  /** Room: entries 1 to 4; other room: entry 1; a third audience that only has a head. */
  const withLogs = async ({ log }: ServerTransaction) => {
    await log.appendEntries([10, 20, 20, 30].map((stamp, index) => logEntry(index + 1, stamp)))
    await log.appendEntries([logEntry(1, 20, { audience: otherRoom })])
    await log.saveHeads([headAt(room, 4), headAt(otherRoom, 1), headAt('user:ann', 0, { maxClock: '' })])
  }
  const headOf = (store: ServerStore, audience: string) =>
    store.read(async ({ log }) => (await log.readHeads([audience])).get(audience))

  test('[HOR-1] audiences in name order, page by page, with the stamp of their oldest entry', async (store) => {
    await store.transaction(withLogs)
    const page = (after: string, limit: number) => store.read(({ horizon }) => horizon.audienceAges(after, limit))
    const ages = [
      { audience: room, head: 4, floor: 0, oldestStamp: 10, isSealed: false },
      { audience: otherRoom, head: 1, floor: 0, oldestStamp: 20, isSealed: false },
      { audience: 'user:ann', head: 0, floor: 0, oldestStamp: null, isSealed: true },
    ].sort((left, right) => (left.audience < right.audience ? -1 : 1))
    expect(await page('', 9)).toEqual(ages)
    expect(await page('', 2)).toEqual(ages.slice(0, 2))
    expect(await page(ages[1]?.audience ?? '', 9)).toEqual(ages.slice(2))
  })

  test('[HLC-4] a seal moves forward only, and what it covers is sealed', async (store) => {
    await store.transaction(withLogs)
    const seal = (until: string) =>
      store.transaction(({ horizon }) => horizon.sealAudiences([room, otherRoom, 'x'], until))
    expect(await seal(clockAt(4))).toBe(2)
    expect(await seal(clockAt(3))).toBe(0)
    expect((await headOf(store, room))?.sealedUntil).toBe(clockAt(4))
    const ages = await store.read(({ horizon }) => horizon.audienceAges('', 9))
    expect(ages.filter(({ isSealed }) => isSealed).length).toBe(3)
    // Something new: it is open again, and the seal stays where it is.
    await store.transaction(({ log }) => log.saveHeads([headAt(room, 5, { maxClock: clockAt(9) })]))
    expect(await headOf(store, room)).toMatchObject({ sealedUntil: clockAt(4), maxClock: clockAt(9) })
    const [again] = await store.read(({ horizon }) => horizon.audienceAges('', 9))
    expect(again).toMatchObject({ audience: room, isSealed: false })
  })

  test('[HOR-1, FM-54] the floor takes number and token along, the entries up to it go, and it never goes back', async (store) => {
    await store.transaction(withLogs)
    const oldest = (floor: number, limit: number) =>
      store.read(({ horizon }) => horizon.oldestEntries({ audience: room, floor }, limit))
    expect(await oldest(0, 2)).toEqual([
      { seq: 1, token: tokenOf(room, 1), stamp: 10 },
      { seq: 2, token: tokenOf(room, 2), stamp: 20 },
    ])
    const move = (seq: number) =>
      store.transaction(({ horizon }) => horizon.moveFloor(room, { seq, token: tokenOf(room, seq) }))
    expect(await move(3)).toBe(3)
    expect(await move(1)).toBe(0)
    expect(await headOf(store, room)).toMatchObject({ head: 4, floor: 3, floorToken: tokenOf(room, 3) })
    expect((await oldest(3, 9)).map(({ seq }) => seq)).toEqual([4])
    expect((await headOf(store, otherRoom))?.floor).toBe(0)
    const rest = await store.read(({ log }) => log.readEntries([{ audience: otherRoom, seq: 0 }], 9))
    expect(rest.get(otherRoom)).toHaveLength(1)
  })

  test('[DEP-1] what is remembered of deploys: changed by name, taken away by null', async (store) => {
    const read = () => store.read(({ deploys }) => deploys.readDeploy())
    const nothing = { build: null, withdrawnUntil: null, shipped: null, schema: null }
    expect(await read()).toEqual(nothing)
    const shipped = { 'action item.make@1': 'Ä"\\', rules: '' }
    await store.transaction(({ deploys }) => deploys.writeDeploy({ build: '100', shipped, schema: 's' }))
    await store.transaction(({ deploys }) => deploys.writeDeploy({ withdrawnUntil: '200' }))
    expect(await read()).toEqual({ build: '100', withdrawnUntil: '200', shipped, schema: 's' })
    await store.transaction(({ deploys }) => deploys.writeDeploy({ build: '101', shipped: null }))
    expect(await read()).toEqual({ build: '101', withdrawnUntil: '200', shipped: null, schema: 's' })
  })

  test('[DEP-1] sealing everything seals each audience at what it holds, and nothing that is sealed', async (store) => {
    await store.transaction(withLogs)
    const seal = () => store.transaction(({ deploys }) => deploys.sealEverything())
    expect(await seal()).toBe(2)
    expect(await headOf(store, room)).toMatchObject({ sealedUntil: clockAt(4), maxClock: clockAt(4) })
    expect(await headOf(store, 'user:ann')).toMatchObject({ sealedUntil: '' })
    expect(await seal()).toBe(0)
  })

  test('[HOR-1, FM-55] an action goes when all it names is sealed past it, with its images; its receipt stays', async (store) => {
    await store.transaction(async (tx) => {
      await withLogs(tx)
      await tx.history.registerClient({ clientId, userId: 'ann', nowMs: 0 })
      await tx.history.addAccepted([
        acceptedAction(1, { clock: clockAt(10) }),
        acceptedAction(2, { clock: clockAt(20), reads: [otherRoom] }),
        acceptedAction(3, { clock: clockAt(30) }),
        acceptedAction(4, { clock: clockAt(40), writes: ['nowhere'] }),
      ])
    })
    const prune = (before: string, limit = 9) => store.transaction(({ horizon }) => horizon.pruneActions(before, limit))
    const left = async () =>
      (await store.read(({ history }) => history.placesSince(clockAt(0), 99))).map(({ id }) => id)
    expect(await prune(clockAt(99))).toBe(0)
    await store.transaction(({ horizon }) => horizon.sealAudiences([room], clockAt(20)))
    await store.transaction(({ horizon }) => horizon.sealAudiences([otherRoom], clockAt(19)))
    expect(await prune(clockAt(10))).toBe(0)
    expect(await prune(clockAt(99))).toBe(1)
    expect(await left()).toEqual([uuid(2), uuid(3), uuid(4)])
    await store.transaction(({ horizon }) => horizon.sealAudiences([room, otherRoom], clockAt(50)))
    expect(await prune(clockAt(99), 1)).toBe(1)
    expect(await left()).toEqual([uuid(3), uuid(4)])
    expect(await prune(clockAt(99))).toBe(1)
    expect(await left()).toEqual([uuid(4)])
  })
})
