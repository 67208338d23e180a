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
import { addMember, foundClub, takeSeat, turnCounter } from '@/tests/concurrency/club-actions'
import { losingAnswers, watchedStore } from '@/tests/concurrency/faulty-store'
import { SqlError, type Store } from '../store/driver'

let store: Store
let authority: Authority
let ann: RawClient
let clubId: string

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(async () => {
  await emptyClubs(store)
  authority = createAuthority(store)
  ann = createClient(authority, 'ann')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
})

const total = async () => (await look<{ total: number }>(authority, 'select total::int from counters'))[0]?.total

/** A server on the same database whose statements are kept. */
function watchedServer() {
  const sent: { statement: string; parameters: readonly unknown[] }[] = []
  const watched = createAuthority(
    watchedStore(store, (statement, parameters) => void sent.push({ statement, parameters })),
  )
  const locks = () =>
    sent
      .filter(({ statement }) => statement.includes('pg_advisory_xact_lock'))
      .map(({ parameters }) => JSON.parse(String(parameters[0])) as { key: string; exclusive: boolean }[])
  return { ...watched, sent, locks }
}

describe('locks', () => {
  it('[ING-1] are taken in ascending order, the global one shared', async () => {
    const watched = watchedServer()
    const client = createClient(watched, 'ann')
    await client.push(client.make(takeSeat, { clubId, place: 1 }, { at: 0 }))
    const [plan] = watched.locks()
    const keys = plan?.map(({ key }) => BigInt(key)) ?? []
    expect(keys).toEqual([...keys].sort((left, right) => (left < right ? -1 : 1)))
    expect(plan?.map(({ exclusive }) => exclusive).sort()).toEqual([false, true, true])
  })

  it('[ING-1] beyond 64 audiences are one: the global one, exclusively', async () => {
    const watched = watchedServer()
    const client = createClient(watched, 'ann')
    const foundings = Array.from({ length: 70 }, (_, at) => client.make(foundClub, { name: `${at}` }, { at }))
    const receipts = await client.push(...foundings)
    expect(new Set(receipts.map(({ status }) => status))).toEqual(new Set(['applied']))
    expect(watched.locks().map((plan) => plan.map(({ exclusive }) => exclusive))).toEqual([[true]])
  })

  it('[ING-2, ING-7] what is known already is answered without a look at history and without its audiences', async () => {
    const turn = ann.make(turnCounter, { clubId, by: 1 }, { at: -70_000 })
    await ann.push(turn, ann.make(turnCounter, { clubId, by: 1 }, { at: -60_000 }))
    const watched = watchedServer()
    const again = createClient(watched, 'ann', ann.clientId)
    await again.push(turn)
    expect(watched.locks().map((plan) => plan.length)).toEqual([2])
    expect(watched.sent.filter(({ statement }) => /from sync\.actions where clock/.test(statement))).toEqual([])
  })

  it('[AUD-4, ING-7, AB-39] a stranger makes nobody wait and reads no history, however old the clock', async () => {
    const watched = watchedServer()
    const eve = createClient(watched, 'eve')
    const [receipt] = await eve.push(eve.make(turnCounter, { clubId, by: 1 }, { at: -70_000_000 }))
    expect(receipt).toMatchObject({ status: 'refused', reason: 'authority' })
    expect(watched.locks().map((plan) => plan.length)).toEqual([2])
    expect(watched.sent.filter(({ statement }) => /from sync\.actions where clock/.test(statement))).toEqual([])
  })

  it('[ING-7] the input of later actions is read for those that are replayed only', async () => {
    const other = ann.make(foundClub, { name: 'two' }, { at: -70_000 })
    await ann.push(other, ann.make(turnCounter, { clubId: clubOf(other.id), by: 1 }, { at: -60_000 }))
    const watched = watchedServer()
    const late = createClient(watched, 'ann')
    await late.push(late.make(turnCounter, { clubId, by: 1 }, { at: -75_000 }))
    const looks = watched.sent.filter(({ statement }) => /from sync\.actions where clock/.test(statement))
    expect(looks.length).toBeGreaterThan(0)
    expect(looks.filter(({ statement }) => /\*|input/.test(statement))).toEqual([])
  })
})

describe('order', () => {
  it.each([
    ['first', 'second'],
    ['second', 'first'],
  ])(
    '[HLC-1, FM-45, ORA-1] of two equal clocks the action id decides, also when %s arrives before %s',
    async (early) => {
      const clock = ann.make(turnCounter, {}, { at: -50 }).clock
      const ids = ['1', '2'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`)
      const turns = ids.map((id, index) => {
        const client = createClient(authority, index === 0 ? 'ann' : 'ben')
        return { client, turn: { ...client.make(turnCounter, { clubId, by: 1 + index * 10 }, { at: -50, id }), clock } }
      })
      for (const { client, turn } of early === 'first' ? turns : turns.toReversed()) await client.push(turn)
      expect(await total()).toBe(1 * 2 + 11)
    },
  )

  it('[ING-5, FM-46] of stamps survives a server clock that jumps back', async () => {
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: 0 }))
    authority.time.ms -= 85_000
    const ben = createClient(authority, 'ben')
    await ben.push(ben.make(turnCounter, { clubId, by: 1 }, { at: -76_000 }))
    const stamps = await look<{ stamp: string }>(
      authority,
      `select stamp from sync.log where audience = 'club:${clubId}' order by seq`,
    )
    const numbers = stamps.map(({ stamp }) => Number(stamp))
    expect(numbers).toEqual([...numbers].sort((left, right) => left - right))
    expect(new Set(numbers.slice(-2)).size).toBe(1)
    expect(numbers.at(-1)).toBeGreaterThan(numbers.at(-3) ?? 0)
  })
})

describe('failures in passing', () => {
  it('[ING-6, FM-04, FM-74] a lost answer to COMMIT is resolved by the ids: applied once, answered as applied', async () => {
    const faulty = losingAnswers(store)
    const shaky = createAuthority(faulty.store)
    const client = createClient(shaky, 'ann')
    faulty.loseAnswerOf('insert into sync.log')
    const [receipt] = await client.push(client.make(turnCounter, { clubId, by: 3 }, { at: 0 }))
    expect(faulty.lost).toBe(1)
    expect(receipt).toMatchObject({ status: 'applied', revision: 1 })
    expect(await total()).toBe(3)
    expect(shaky.events.filter(({ kind }) => kind === 'retry')).toHaveLength(1)
  })

  const moments: Record<string, string> = {
    'waiting for locks': 'pg_advisory_xact_lock',
    'running an action': 'update "counters"',
    'rolling back': 'from sync.patches',
    'appending the log': 'insert into sync.log',
    'reading the answer': 'from sync.grants',
  }
  const cases = Object.keys(moments).flatMap((moment) =>
    ['40001', '40P01', '08006', '57P01'].map((code) => [moment, code] as const),
  )
  it.each(cases)('[ING-6, FM-74] %s and failing with %s is tried again, and never an outcome', async (moment, code) => {
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: -50 }))
    const faulty = losingAnswers(store)
    const shaky = createAuthority(faulty.store)
    const client = createClient(shaky, 'ben')
    faulty.failAt(moments[moment] ?? '', code, 2)
    const [receipt] = await client.push(client.make(turnCounter, { clubId, by: 5 }, { at: -60 }))
    expect(receipt).toMatchObject({ status: 'applied', restamped: false })
    expect(await total()).toBe(5 * 2 + 1)
    expect(shaky.events.filter(({ kind }) => kind === 'retry')).toHaveLength(2)
  })

  it('[ING-6] that do not pass leave nothing behind, and the push can be sent again', async () => {
    const faulty = losingAnswers(store)
    const shaky = createAuthority(faulty.store)
    const client = createClient(shaky, 'ann')
    const turn = client.make(turnCounter, { clubId, by: 3 }, { at: 0 })
    faulty.failAt('insert into sync.log', '08006', 99)
    await expect(client.push(turn)).rejects.toMatchObject({ code: '08006' })
    expect(await total()).toBe(0)
    faulty.failAt('insert into sync.log', '08006', 0)
    expect((await client.push(turn))[0]?.status).toBe('applied')
    expect(await total()).toBe(3)
  })

  it('[ING-6, CX-22] a question of the engine that times out is not held against the action', async () => {
    let asked = 0
    const slow = createAuthority(
      watchedStore(store, (statement) => {
        if (!statement.includes('from sync.user_audiences')) return
        asked += 1
        if (asked === 2) throw new SqlError({ message: 'canceling statement', code: '57014', statement })
      }),
    )
    const client = createClient(slow, 'ann')
    const turn = client.make(turnCounter, { clubId, by: 3 }, { at: 0 })
    await expect(client.push(turn)).rejects.toMatchObject({ code: '57014' })
    expect((await client.push(turn))[0]?.status).toBe('applied')
  })
})
