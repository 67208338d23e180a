/** What running an action on captured tables comes to, and leaves behind: every implementation says the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reject } from '@/lib/sync/action'
import { decodeClock } from '@/lib/sync/core/hlc'
import { actionIds, seededRandom } from '@/lib/sync/core/ids'
import { InvariantBroken } from '@/lib/sync/core/invariant'
import { SqlError } from '@/lib/sync/store/driver'
import type { ServerTransaction } from '@/lib/sync/store/server/transaction'
import { runOracle } from '../sim/app/oracle'
import { portActions, portRecords, portSteps } from '../sim/app/port-steps'
import type { Rows } from '../sim/app/rows'
import { uuid } from './act'
import { type Acting, acted, admitted, told, type Work } from './acting'
import { folder, item, member, note, seat, setTo } from './captured'
import { servers } from './implementations'
import { clockAt, otherRoom, room } from './records'

/** An action that writes the room. */
const inRoom = (number: number, but: Partial<Acting> = {}): Acting => ({
  number,
  audiences: { writes: [room] },
  ...but,
})
const inBoth = { audiences: { writes: [room, otherRoom] } }
const applied = { kind: 'applied', value: null }
const notAllowed = { kind: 'rejected', reason: 'not-allowed', details: null }
const anError = { kind: 'rejected', reason: 'error', details: null, hasError: true }

/** ann owns both rooms, ben only looks at the first one. */
const start = (tx: ServerTransaction) =>
  setTo(
    tx,
    ...[member(1, 'ann'), member(2, 'ben', { role: 'viewer' }), member(3, 'ann', { audience: otherRoom })],
    ...[member(4, 'ben', { audience: otherRoom }), folder(21), note(31, 21), note(32, 21), folder(22), note(33, 22)],
    ...[item(41), item(42), seat(51, 1, { holder: 'ann' }), seat(52, 2, { holder: 'ben' })],
  )

const put = (rows: Rows, { table, image }: ReturnType<typeof item>) => rows.put(table, image)

describe.each(servers)('actions on the tables of $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (tx: ServerTransaction) => Promise<void>) =>
    it(name, async () => {
      const { store } = await opened.empty()
      await store.transaction(async (tx) => {
        await start(tx)
        await work(tx)
      })
    })
  const outcomeOf = async (tx: ServerTransaction, acting: Acting, work: Work) => told(await acted(tx, acting, work))

  it('[ORA-1] the port keeps its promises, with the rows of the oracle in the end', async () => {
    const { store } = await opened.empty()
    const outcomes = await store.transaction(async (tx) => {
      const found: unknown[] = []
      for (const record of portRecords) {
        const outcome = await admitted(tx, record, portActions)
        if (outcome === 'no authority') found.push({ rejected: 'authority' })
        else found.push(outcome.kind === 'applied' ? 'applied' : { rejected: outcome.reason })
      }
      return portSteps.map(({ says }, index) => ({ says, outcome: found[index] }))
    })
    expect(outcomes).toEqual(portSteps.map(({ says, outcome }) => ({ says, outcome })))
    const { rows } = await runOracle(portRecords, portActions)
    const found = await store.read((tx) => tx.rows.allRows())
    expect(new Map(found.map(({ table, key, image }) => [`${table} ${key}`, image]))).toEqual(rows)
  })

  test('[CAP-1] every change is a patch, in order; what changes nothing is none', async (tx) => {
    const ids = actionIds(uuid(7))
    const made = { ...item(0, { id: ids.id(), holder: 'ann' }), key: JSON.stringify([ids.id('same')]) }
    const image = { ...made.image, id: ids.id('same') }
    const outcome = await acted(tx, inRoom(7), async (rows, { id }) => {
      await rows.put('items', { ...image, id: id('same') })
      await put(rows, item(41, { value: '2' }))
      await put(rows, item(41, { value: '2' }))
      await rows.put('items', { ...image, value: '9', holder: null })
      await put(rows, item(41))
      await rows.delete('items', uuid(42))
      expect(await rows.delete('items', uuid(42))).toBe(false)
      await rows.delete('items', image.id)
    })
    const changes = [
      { key: made.key, before: null, after: image },
      { key: item(41).key, before: item(41).image, after: item(41, { value: '2' }).image },
      { key: made.key, before: image, after: { ...image, value: '9', holder: null } },
      { key: item(41).key, before: item(41, { value: '2' }).image, after: item(41).image },
      { key: item(42).key, before: item(42).image, after: null },
      { key: made.key, before: { ...image, value: '9', holder: null }, after: null },
    ]
    const patches = changes.map((change) => ({ table: 'items', ...change }))
    expect(outcome).toEqual({ kind: 'applied', value: null, patches })
    expect(await tx.rows.readPatches([uuid(7)])).toEqual(new Map([[uuid(7), patches]]))
  })

  test('[CAP-1] whole numbers are kept as the database writes them', async (tx) => {
    const written = { '+007': '7', '-0': '0', '-9223372036854775808': '-9223372036854775808' }
    for (const [index, [value, kept]] of Object.entries(written).entries()) {
      expect(await outcomeOf(tx, inRoom(7 + index), (rows) => put(rows, item(41, { value })))).toEqual(applied)
      expect(await tx.rows.currentRows([item(41)])).toEqual([item(41, { value: kept })])
    }
  })

  test('[ROL-1] a cascade leaves a patch of the parent, then of the children it took along', async (tx) => {
    const outcome = await acted(tx, inRoom(7), (rows) => rows.delete('folders', uuid(22)))
    const gone = [folder(22), note(33, 22)].map(({ table, key, image }) => ({ table, key, before: image, after: null }))
    expect(outcome).toEqual({ kind: 'applied', value: true, patches: gone })
  })

  test('[ACT-7] answers what run returned; nothing is null', async (tx) => {
    expect(await outcomeOf(tx, inRoom(7), async () => ({ a: [1, null] }))).toEqual({
      ...applied,
      value: { a: [1, null] },
    })
    expect(await outcomeOf(tx, inRoom(8), async () => undefined)).toEqual(applied)
    expect(await outcomeOf(tx, inRoom(9), async () => 0)).toEqual({ ...applied, value: 0 })
  })

  test('[ACT-1] ids, time and chance follow from the record alone', async (tx) => {
    const [ids, random] = [actionIds(uuid(7)), seededRandom(uuid(7))]
    const expected = {
      ids: [ids.id(), ids.id('key'), ids.id(), ids.id('key')],
      nowMs: decodeClock(clockAt(7)).ms,
      random: [random(), random(), random()],
      user: { id: 'ben' },
    }
    const outcome = await outcomeOf(tx, inRoom(7, { author: 'ben' }), async (_, { id, now, random, user }) => ({
      ids: [id(), id('key'), id(), id('key')],
      nowMs: now.getTime(),
      random: [random(), random(), random()],
      user,
    }))
    expect(outcome).toEqual({ ...applied, value: expected })
  })

  const failing: Readonly<Record<string, { work: Work; outcome: object }>> = {
    'reject, with its details': {
      work: async () => reject('seat-taken', { place: 1 }),
      outcome: { kind: 'rejected', reason: 'seat-taken', details: { place: 1 }, hasError: false },
    },
    'reject inside another error': {
      work: async () =>
        Promise.reject(new Error('outer', { cause: new Error('inner', { cause: caught(() => reject('full')) }) })),
      outcome: { kind: 'rejected', reason: 'full', details: null, hasError: false },
    },
    'an error of its own': { work: async () => Promise.reject(new TypeError('planted')), outcome: anError },
    'a constraint': { work: (rows) => put(rows, seat(52, 1, { holder: 'ben' })), outcome: anError },
    'a constraint that it caught': {
      work: (rows) => put(rows, seat(52, 1, { holder: 'ben' })).catch(() => 'never mind'),
      outcome: anError,
    },
    'a constraint that it caught, and then its own reason': {
      work: (rows) => put(rows, seat(52, 1, { holder: 'ben' })).catch(() => reject('taken')),
      outcome: { kind: 'rejected', reason: 'taken', details: null, hasError: false },
    },
    'going on after a constraint': {
      work: async (rows) => {
        await put(rows, seat(52, 1, { holder: 'ben' })).catch(() => undefined)
        const answer = await rows.list('seats', room).catch(() => 'nothing works any more')
        if (answer !== 'nothing works any more') reject('it-went-on')
      },
      outcome: anError,
    },
    'a policy that it caught': {
      work: (rows) => put(rows, item(41, { audience: 'user:ben' })).catch(() => undefined),
      outcome: { ...notAllowed, hasError: true },
    },
    'a text that is no number': { work: (rows) => put(rows, item(41, { value: 'much' })), outcome: anError },
    'a number that is too large': {
      work: (rows) => put(rows, item(41, { value: '9223372036854775808' })),
      outcome: anError,
    },
    'a missing value': { work: (rows) => put(rows, item(41, { value: null })), outcome: anError },
  }
  it.each(Object.entries(failing))('[ACT-3] rejected and without effect: %s', async (_, { work, outcome }) => {
    const { store } = await opened.empty()
    await store.transaction(async (tx) => {
      await start(tx)
      const before = await tx.rows.allRows()
      const found = await outcomeOf(tx, inRoom(7), async (rows, context) => {
        await put(rows, item(42, { value: '77' }))
        await rows.delete('folders', uuid(21))
        return work(rows, context)
      })
      expect(found).toEqual(outcome)
      expect(await tx.rows.allRows()).toEqual(before)
      expect(await tx.rows.readPatches([uuid(7)])).toEqual(new Map([[uuid(7), []]]))
      expect(await outcomeOf(tx, inRoom(8), (rows) => put(rows, item(42, { value: '8' })))).toEqual(applied)
    })
  })

  const thrown = {
    'a deadlock': new SqlError({ code: '40P01', message: 'planted', statement: '' }),
    'a lost connection, inside another error': new Error('outer', {
      cause: new SqlError({ code: '08006', message: 'planted', statement: '' }),
    }),
    'a broken promise of the engine': new InvariantBroken('REB-1', 'planted', null),
  }
  it.each(Object.entries(thrown))('[ING-6] is no outcome but thrown on: %s', async (_, error) => {
    const { store } = await opened.empty()
    await store.transaction(start)
    const running = store.transaction(async (tx) => {
      const before = await tx.rows.allRows()
      const run = acted(tx, inRoom(7), async (rows) => {
        await rows.delete('items', uuid(41))
        throw error
      })
      await expect(run).rejects.toThrow('planted')
      expect(await tx.rows.allRows()).toEqual(before)
      return 'the transaction goes on'
    })
    expect(await running).toBe('the transaction goes on')
  })

  test('[AUD-3] rows are not taken out of an audience by who may not edit there', async (tx) => {
    const move = (number: number, author: string) =>
      outcomeOf(tx, inRoom(number, { ...inBoth, author }), (rows) =>
        put(rows, seat(52, 2, { holder: 'ben', audience: otherRoom })),
      )
    expect(await move(7, 'ben')).toEqual({ ...notAllowed, hasError: false })
    expect(await move(8, 'ann')).toEqual(applied)
  })

  test('[AUD-3] nor put into one by who may not edit there', async (tx) => {
    await setTo(tx, seat(53, 3, { holder: 'eve', audience: otherRoom }))
    const outcome = await outcomeOf(tx, inRoom(7, { ...inBoth, author: 'ben' }), (rows) =>
      put(rows, seat(53, 3, { holder: 'eve' })),
    )
    expect(outcome).toEqual({ ...notAllowed, hasError: true })
  })

  test('[AUD-3] a row that is filtered is answered by the port, one that is refused by the database', async (tx) => {
    const only = { audiences: { writes: [otherRoom], reads: [room] } }
    const outcome = (number: number, but: Partial<Acting>, work: Work) => outcomeOf(tx, inRoom(number, but), work)
    expect(await outcome(7, { author: 'ben' }, (rows) => put(rows, seat(52, 4, { holder: 'ben' })))).toEqual({
      ...notAllowed,
      hasError: false,
    })
    expect(await outcome(8, only, (rows) => put(rows, item(41, { value: '2' })))).toEqual({
      ...notAllowed,
      hasError: false,
    })
    const insert: Work = (rows, { id }) => put(rows, item(0, { id: id() }))
    expect(await outcome(9, only, insert)).toEqual({ ...notAllowed, hasError: true })
  })

  test('[ROL-2] a parent takes along the children of its own audience only', async (tx) => {
    const outcome = await outcomeOf(tx, inRoom(7, inBoth), async (rows) => {
      await put(rows, note(33, 22, { audience: otherRoom }))
      await rows.delete('folders', uuid(22))
    })
    expect(outcome).toEqual(anError)
  })

  test('[ROL-2] a parent that moved away and went leaves no child behind', async (tx) => {
    const outcome = await outcomeOf(tx, inRoom(7, inBoth), async (rows) => {
      await put(rows, folder(22, { audience: otherRoom }))
      await rows.delete('folders', uuid(22))
    })
    expect(outcome).toEqual(anError)
  })
})

function caught(work: () => never): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
