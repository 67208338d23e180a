import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  clubOf,
  createAuthority,
  createClient,
  emptyClubs,
  look,
  openClubs,
  type RawClient,
} from '@/tests/concurrency/authority'
import { clubModel, counters } from '@/tests/concurrency/club'
import { addMember, clubActions, foundClub, turnCounter } from '@/tests/concurrency/club-actions'
import type { AnyAction } from '../action'
import type { Store } from '../store/driver'
import { createServerStore, type ServerStore } from '../store/server/transaction'
import { acceptBuild } from './serving'

let store: Store
let clubId: string

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(() => emptyClubs(store))

/** The same action, shipped again with another meaning: it adds a thousand. */
const changedTurn: AnyAction = {
  ...turnCounter,
  run: async ({ db }) => {
    await db.update(counters).set({ total: sql`${counters.total} + 1000` })
  },
}
const withChange = clubActions.map((action) => (action.name === turnCounter.name ? changedTurn : action))

const shipped = { 'action counter.turn@1': 'before' }
const serverOf = (build: string, options: Parameters<typeof createAuthority>[1] = {}) =>
  createAuthority(store, { build, shipped, ...options })
const changedServer = (build: string) =>
  serverOf(build, { actions: withChange, shipped: { 'action counter.turn@1': 'after' } })

/** A club of Ann and Ben in which the build has worked. */
async function found(authority: Authority): Promise<void> {
  const ann = createClient(authority, 'ann')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
}
const turn = (client: RawClient, at: number, by = 1) => client.make(turnCounter, { clubId, by }, { at })
const total = async (authority: Authority) =>
  (await look<{ total: number }>(authority, 'select total::int from counters'))[0]?.total

describe('the first contact of a build', () => {
  it('[DEP-1, CX-7] with changed code seals: what was accepted before never runs again, and older newcomers come last', async () => {
    const before = serverOf('100')
    await found(before)
    await createClient(before, 'ann').push(turn(createClient(before, 'ann'), 0, 5))
    expect(await total(before)).toBe(5)
    const after = changedServer('200')
    const ben = createClient(after, 'ben')
    const [late] = await ben.push(turn(ben, -1_000))
    expect(late).toMatchObject({ status: 'applied', restamped: true })
    expect(await total(after)).toBe(1_005)
    expect(after.events).toContainEqual(
      expect.objectContaining({ kind: 'deployed', build: '200', changed: ['action counter.turn@1'] }),
    )
    // What comes late among its own is replayed as ever.
    await ben.push(turn(ben, 5_000))
    const ann = createClient(after, 'ann')
    expect((await ann.push(turn(ann, 4_000)))[0]?.restamped).toBe(false)
  })

  it('[DEP-1] with the same code, or with more of it, seals nothing', async () => {
    const before = serverOf('100')
    await found(before)
    const ann = createClient(before, 'ann')
    await ann.push(turn(ann, 0, 5))
    const after = serverOf('200', { shipped: { ...shipped, 'action counter.new@1': 'x' } })
    const ben = createClient(after, 'ben')
    expect((await ben.push(turn(ben, -1_000, 1)))[0]?.restamped).toBe(false)
    expect(await total(after)).toBe(7)
    expect(after.events).toContainEqual({ kind: 'deployed', build: '200', changed: [], sealed: 0 })
  })

  it('[DEP-1, CX-43] a seal that is ahead of the clock on the wall: a newcomer still gets a clock above it', async () => {
    const before = serverOf('100')
    await found(before)
    const ann = createClient(before, 'ann')
    const [ahead] = await ann.push(turn(ann, 9_000))
    const after = changedServer('200')
    const ben = createClient(after, 'ben')
    const [late] = await ben.push(turn(ben, 1))
    expect(late?.restamped).toBe(true)
    expect((late?.clock ?? '') > (ahead?.clock ?? '')).toBe(true)
  })

  it('[DEP-1] is made once, however many servers of the build there are', async () => {
    await found(serverOf('100'))
    const [first, second] = [changedServer('200'), changedServer('200')]
    await Promise.all([createClient(first, 'ann').read(), createClient(second, 'ben').read()])
    const deployed = [...first.events, ...second.events].filter(({ kind }) => kind === 'deployed')
    expect(deployed).toHaveLength(1)
  })

  it('[DEP-1] development is no build: nothing is compared and nothing sealed', async () => {
    const before = createAuthority(store, { build: 'dev', shipped })
    await found(before)
    const ann = createClient(before, 'ann')
    await ann.push(turn(ann, 0, 5))
    const after = createAuthority(store, { build: 'dev', actions: withChange })
    const ben = createClient(after, 'ben')
    expect((await ben.push(turn(ben, -1_000)))[0]?.restamped).toBe(false)
    expect(await look(after, "select 1 from sync.meta where key = 'build'")).toEqual([])
  })
})

describe('an older build', () => {
  it('[DEP-1] does not work: nothing is taken and nothing read, also by server code', async () => {
    const older = serverOf('100')
    await found(older)
    await createClient(serverOf('200'), 'ann').read()
    const ben = createClient(older, 'ben')
    const turned = turn(ben, 0)
    await expect(ben.push(turned)).rejects.toThrow('build 200 has worked here')
    await expect(ben.read()).rejects.toMatchObject({ name: 'NotServing' })
    await expect(older.server.runAction(turnCounter, { clubId, by: 1 }, { as: 'ann' })).rejects.toThrow(
      'accept-build 100',
    )
    expect(await look(older, `select 1 from sync.ids where id = '${turned.id}'`)).toEqual([])
  })

  it('[DEP-1] is noticed under the locks, when the newer one came while a push was on its way', async () => {
    const newer = changedServer('200')
    let isFirst = false
    const inner = createServerStore(store, clubModel)
    const late: ServerStore = {
      ...inner,
      transaction: async (work) => {
        if (isFirst) {
          isFirst = false
          await createClient(newer, 'ann').read()
        }
        return inner.transaction(work)
      },
    }
    const older = serverOf('100', { store: late })
    await found(older)
    isFirst = true
    const ben = createClient(older, 'ben')
    await expect(ben.push(turn(ben, 0))).rejects.toMatchObject({ name: 'NotServing' })
    expect(await total(older)).toBe(0)
  })

  it('[DEP-1, CX-48] works again once it is accepted: what the newer one did is sealed, and that one is turned away', async () => {
    const older = serverOf('100')
    await found(older)
    const newer = changedServer('200')
    const ann = createClient(newer, 'ann')
    await ann.push(turn(ann, 0))
    expect(await total(newer)).toBe(1_000)
    await acceptBuild(createServerStore(store, clubModel), '100')
    const ben = createClient(older, 'ben')
    const [late] = await ben.push(turn(ben, -1_000, 1))
    expect(late).toMatchObject({ status: 'applied', restamped: true })
    expect(await total(older)).toBe(2_001)
    await expect(ann.read()).rejects.toThrow('taken back')
    // The next one after both is let in, and seals again.
    const [last] = [changedServer('300')]
    const client = createClient(last, 'ann')
    expect((await client.push(turn(client, -500)))[0]?.restamped).toBe(true)
    await expect(ben.read()).rejects.toThrow('build 300 has worked here')
    await expect(acceptBuild(createServerStore(store, clubModel), 'dev')).rejects.toThrow('no build')
  })
})

describe('tables of another build', () => {
  const schemaOf = (schema: string) =>
    createServerStore(store, clubModel).transaction((tx) => tx.deploys.writeDeploy({ schema }))

  it('[DEP-2] a server with other tables than the database does not work', async () => {
    const server = serverOf('100', { schema: 'test' })
    await found(server)
    await schemaOf('next')
    await expect(createClient(server, 'ann').read()).rejects.toThrow('db:migrate')
    const migrated = serverOf('101', { schema: 'next' })
    expect((await createClient(migrated, 'ann').exchange([])).kind).toBe('update')
  })

  it('[DEP-2, FM-72] a device with other tables has its actions taken and answered, and gets no rows', async () => {
    const server = serverOf('100', { schema: 'test' })
    await found(server)
    await schemaOf('test')
    const ben = createClient(server, 'ben')
    const turned = turn(ben, 0, 3)
    const answer = await ben.exchange([turned], { schema: 'old' })
    expect(Object.keys(answer).sort()).toEqual(['build', 'epoch', 'kind', 'receipts', 'serverTimeMs'])
    expect(answer).toMatchObject({ kind: 'update', receipts: [{ actionId: turned.id, status: 'applied' }] })
    expect(await total(server)).toBe(3)
    const asked = { protocol: 1, clientId: ben.clientId, schema: 'old', audience: `club:${clubId}` }
    const stream = server.server.writeSnapshot('ben', { ...asked, pendingIds: [], lastOrdinal: 0 }, async () => {
      throw new Error('Nothing may be written')
    })
    await expect(stream).rejects.toMatchObject({ name: 'OtherSchema' })
    expect((await ben.exchange([turned], { schema: 'test' })).kind).toBe('sync')
  })
})
