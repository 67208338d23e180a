import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  clubOf,
  createAuthority,
  createClient,
  cursorsOf,
  emptyClubs,
  look,
  openClubs,
  type RawClient,
} from '@/tests/concurrency/authority'
import { clubModel } from '@/tests/concurrency/club'
import { addMember, foundClub, postNotice, takeSeat, turnCounter } from '@/tests/concurrency/club-actions'
import { backUp, restore } from '@/tests/support/backup'
import type { Store } from '../store/driver'
import { createServerStore, type ServerStore } from '../store/server/transaction'
import type { SyncServerOptions } from './engine'
import { NotServing } from './serving'

let store: Store
let authority: Authority
let ann: RawClient
let eve: RawClient
let clubId: string

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(async () => {
  await emptyClubs(store)
  authority = createAuthority(store)
  ann = createClient(authority, 'ann')
  eve = createClient(authority, 'eve')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
})

const historyOf = () => look(authority, 'select * from sync.actions order by clock')

describe('before anything is ingested', () => {
  const strangers: Record<
    string,
    (cursor: { audience: string; seq: number; token: string }) => Record<string, unknown>
  > = {
    'a cursor with another token': (cursor) => ({ cursors: [{ ...cursor, token: 'f'.repeat(32) }] }),
    'a cursor beyond the head': (cursor) => ({ cursors: [{ ...cursor, seq: cursor.seq + 1 }] }),
    'a token under another number': (cursor) => ({ cursors: [{ ...cursor, seq: cursor.seq - 1 }] }),
    'a token of another audience': (cursor) => ({ cursors: [{ ...cursor, audience: 'user:ann' }] }),
    'a cursor no database can read': (cursor) => ({ cursors: [{ ...cursor, token: '\u0000' }] }),
    'another epoch': () => ({ epoch: randomUUID() }),
    'a last confirmed action that nobody knows': () => ({ lastConfirmed: randomUUID() }),
  }

  it.each(Object.keys(strangers))(
    '[ING-0, CX-33, CX-8] %s is answered with a reset, and the push is not taken',
    async (name) => {
      const cursor = cursorsOf(await ann.read()).find(({ audience }) => audience === `club:${clubId}`)
      const before = await historyOf()
      const turn = ann.make(turnCounter, { clubId, by: 1 }, { at: 0 })
      const answer = await ann.exchange([turn], strangers[name]?.(cursor!))
      expect(answer.kind).toBe('reset')
      expect(await historyOf()).toEqual(before)
    },
  )

  it('[ING-0] a true cursor of an audience that is no longer held belongs, and brings nothing of it', async () => {
    const ben = createClient(authority, 'ben')
    const cursors = cursorsOf(await ben.read())
    await ann.push(ann.make({ name: 'member.remove', version: 1 }, { clubId, userId: 'ben' }, { at: 0 }))
    const answer = await ben.read(cursors)
    expect(answer.audiences).toEqual(['public', 'user:ben'])
    expect([...answer.entries, ...answer.snapshots].filter(({ audience }) => audience === `club:${clubId}`)).toEqual([])
  })

  it('[ING-0, AB-23] an id of somebody else says nothing, not even that it exists', async () => {
    const known = ann.make(turnCounter, { clubId, by: 1 }, { at: 0 })
    await ann.push(known)
    const byEve = await eve.exchange([], { lastConfirmed: known.id })
    const invented = await eve.exchange([], { lastConfirmed: randomUUID() })
    expect(byEve).toEqual(invented)
    expect((await ann.exchange([], { lastConfirmed: known.id })).kind).toBe('sync')
  })
})

describe('a database that becomes another one while it is asked', () => {
  /** A server to whose database something happens before its n-th transaction from now on. */
  function serverWhere(meanwhile: () => Promise<void>, options: Partial<SyncServerOptions> = {}) {
    const whole = createServerStore(store, clubModel)
    const left = { count: Number.POSITIVE_INFINITY }
    const pass = async () => {
      left.count -= 1
      if (left.count === 0) await meanwhile()
    }
    const between: ServerStore = {
      ...whole,
      read: async (work) => {
        await pass()
        return whole.read(work)
      },
      transaction: async (work) => {
        await pass()
        return whole.transaction(work)
      },
    }
    const server = createAuthority(store, { store: between, ...options })
    return { server, interrupt: (count: number) => Object.assign(left, { count }) }
  }

  it('[ING-0, CX-33, FM-53] is an older copy: at any moment of a push the answer is a reset, and nothing is refused', async () => {
    const former = await backUp(store)
    const carla = ann.make(addMember, { clubId, userId: 'carla' }, { at: -70_000 })
    await ann.push(carla)
    const joined = await backUp(store)
    const { server, interrupt } = serverWhere(() => restore(store, former))
    const answers: string[] = []
    for (let count = 1; answers.at(-1) !== 'unbroken'; count += 1) {
      await restore(store, joined)
      const client = createClient(server, 'carla')
      const cursors = cursorsOf(await client.read())
      const take = client.make(takeSeat, { clubId, place: 1 }, { at: 0 })
      interrupt(count)
      const answer = await client.exchange([take], { cursors })
      const isBroken = (await look(server, `select from sync.ids where id = '${carla.id}'`)).length === 0
      const known = await look(server, `select receipt ->> 'status' as status from sync.ids where id = '${take.id}'`)
      if (isBroken) expect([answer.kind, known], `before transaction ${count}`).toEqual(['reset', []])
      answers.push(isBroken ? answer.kind : 'unbroken')
    }
    expect(answers.length).toBeGreaterThan(3)
  })

  it('[DEP-2] has other tables by the time it is read: nothing of them is told', async () => {
    const migrated = () =>
      store.transaction((sql) => sql.exec("update sync.meta set value = 'next' where key = 'schema'"))
    const { server, interrupt } = serverWhere(migrated, { build: '100', schema: 'test' })
    await store.transaction((sql) => sql.exec("insert into sync.meta (key, value) values ('schema', 'test')"))
    const client = createClient(server, 'ann')
    await client.read()
    let count = 1
    for (; ; count += 1) {
      interrupt(count)
      const answer = await client.exchange([]).catch((error: Error) => error)
      const [{ value } = { value: '' }] = await look<{ value: string }>(
        server,
        "select value from sync.meta where key = 'schema'",
      )
      if (value === 'test') break
      expect(answer, `before transaction ${count}`).toBeInstanceOf(NotServing)
      await store.transaction((sql) => sql.exec("update sync.meta set value = 'test' where key = 'schema'"))
    }
    expect(count).toBeGreaterThan(2)
  })
})

describe('what is read', () => {
  it('[AUD-5, AB-29] a made-up cursor at zero of a granted audience brings a snapshot, never the log from its beginning', async () => {
    const answer = await ann.read([{ audience: `club:${clubId}`, seq: 0, token: '' }])
    expect(answer.entries.filter(({ audience }) => audience === `club:${clubId}`)).toEqual([])
    expect(answer.snapshots.map(({ audience }) => audience)).toContain(`club:${clubId}`)
  })

  it('[AUD-6, AB-29] a stranger with a stolen cursor reads nothing', async () => {
    const cursors = cursorsOf(await ann.read())
    await ann.push(ann.make(takeSeat, { clubId, place: 1 }, { at: 0 }))
    const answer = await eve.read(cursors)
    expect(answer.audiences).toEqual(['public', 'user:eve'])
    expect(answer.entries).toEqual([])
    expect(answer.snapshots.flatMap(({ rows, receipts }) => [...rows, ...receipts])).toEqual([])
  })

  it('[ING-4, CX-12b] pages end between ingests and together are the whole log', async () => {
    const cursors = cursorsOf(await ann.read())
    const many = createClient(authority, 'ann')
    for (let push = 0; push < 11; push += 1) {
      const turns = Array.from({ length: 100 }, (_, index) => {
        const at = push * 100 + index
        return index % 10 === 0
          ? many.make(postNotice, { body: 'x' }, { at })
          : many.make(turnCounter, { clubId, by: at }, { at })
      })
      await many.push(...turns)
    }
    let at = cursors
    let page = await ann.read(at)
    const seen = [...page.entries]
    let pages = 1
    while (page.more) {
      const ingests = new Set(page.entries.map(({ ingest }) => ingest))
      at = at.map((cursor) => page.entries.findLast(({ audience }) => audience === cursor.audience) ?? cursor)
      at = at.map(({ audience, seq, token }) => ({ audience, seq, token }))
      page = await ann.read(at)
      expect(page.entries.filter(({ ingest }) => ingests.has(ingest))).toEqual([])
      seen.push(...page.entries)
      pages += 1
    }
    expect(pages).toBeGreaterThan(1)
    const [total] = await look<{ entries: number }>(
      authority,
      `select count(*)::int as entries from sync.log l
      where l.seq > coalesce((select (c ->> 'seq')::bigint from jsonb_array_elements('${JSON.stringify(cursors)}') c
        where c ->> 'audience' = l.audience), 0)`,
    )
    expect(seen).toHaveLength(total?.entries ?? 0)
  })
})

describe('malformed requests', () => {
  const offer = () => ann.make(turnCounter, { clubId, by: 1 }, { at: 0 })
  const broken: Record<string, () => unknown[]> = {
    'rows smuggled into an action [AB-01]': () => [{ ...offer(), patches: [{ table: 'accounts' }] }],
    'an author in the body [AB-04]': () => [{ ...offer(), author: 'ben' }],
    'a clock that is no clock [AB-11]': () => [{ ...offer(), clock: '9'.repeat(100) }],
    'a fraction of an ordinal [AB-11]': () => [{ ...offer(), ordinal: 1.5 }],
    'an ordinal beyond exact numbers [AB-11]': () => [{ ...offer(), ordinal: 2 ** 60 }],
    'too many actions [AB-12]': () => Array.from({ length: 121 }, offer),
  }
  it.each(Object.keys(broken))('[ING-0] %s changes nothing', async (name) => {
    const before = await historyOf()
    await expect(ann.exchange(broken[name]?.() as never)).rejects.toThrow()
    expect(await historyOf()).toEqual(before)
  })

  it('[ING-0, FM-64] input larger or deeper than a device may make is refused alone', async () => {
    const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as never
    const receipts = await ann.push(
      ann.make({ name: 'club.found', version: 1 }, { name: 'x'.repeat(200_000) }, { at: 0 }),
      ann.make({ name: 'club.found', version: 1 }, { name: 'x', deep }, { at: 1 }),
      ann.make(turnCounter, { clubId, by: 1 }, { at: 2 }),
    )
    expect(receipts.map(({ status, reason }) => [status, reason])).toEqual([
      ['refused', 'invalid-input'],
      ['refused', 'invalid-input'],
      ['applied', null],
    ])
  })
})
