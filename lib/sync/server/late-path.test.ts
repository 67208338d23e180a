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
  tablesOf,
} from '@/tests/concurrency/authority'
import {
  addMember,
  carryThing,
  clubActions,
  copyCounter,
  countNotices,
  foundClub,
  lookAround,
  makeThing,
  removeMember,
  takeSeat,
  turnCounter,
} from '@/tests/concurrency/club-actions'
import type { AnyAction } from '../action'
import type { Store } from '../store/driver'

let store: Store
let authority: Authority
let ann: RawClient
let ben: RawClient
let clubId: string
let otherId: string
/** Names of actions whose code ran, in order. */
let ran: string[]

const watched = (actions: readonly AnyAction[]): AnyAction[] =>
  actions.map((action) => ({
    ...action,
    run: (context) => {
      ran.push(action.name)
      return action.run(context)
    },
  }))

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(async () => {
  await emptyClubs(store)
  ran = []
  authority = createAuthority(store, { actions: watched(clubActions) })
  ann = createClient(authority, 'ann')
  ben = createClient(authority, 'ben')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  const other = ann.make(foundClub, { name: 'two' }, { at: -89_000 })
  clubId = clubOf(founding.id)
  otherId = clubOf(other.id)
  await ann.push(founding, other, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
  ran = []
})

const total = async (audienceOf = clubId) =>
  (
    await look<{ total: number }>(
      authority,
      `select total::int from counters where audience = 'club:${audienceOf}' and name = 'visits'`,
    )
  )[0]?.total

const lastPath = () => authority.events.findLast((event) => event.kind === 'ingest')

describe('a late arrival', () => {
  it('[ING-4, ORA-1] runs at its place, and what came after it runs again on top', async () => {
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: -100 }))
    await ann.push(ann.make(turnCounter, { clubId, by: 2 }, { at: -50 }))
    await ben.push(ben.make(turnCounter, { clubId, by: 5 }, { at: -75 }))
    expect(await total()).toBe((1 * 2 + 5) * 2 + 2)
    expect(lastPath()).toMatchObject({ path: 'late', replayed: 1 })
  })

  it('[ING-4, FM-70] leaves an entry without changes and one correction per changed audience', async () => {
    await ann.push(
      ann.make(turnCounter, { clubId, by: 1 }, { at: -100 }),
      ann.make(turnCounter, { clubId, by: 2 }, { at: -50 }),
    )
    const cursors = cursorsOf(await ben.read())
    const turn = ben.make(turnCounter, { clubId, by: 5 }, { at: -75 })
    await ben.push(turn)
    const entries = (await ben.read(cursors)).entries.filter(({ audience }) => audience === `club:${clubId}`)
    expect(entries.map(({ kind, changes, causes }) => [kind, changes.length, causes])).toEqual([
      ['action', 0, []],
      ['correction', 1, [turn.id]],
    ])
    expect(entries[0]?.action).toMatchObject({ id: turn.id, author: 'ben', clock: turn.clock })
  })

  it('[ING-4, CX-10b] that changes nothing makes no old code run, and every row stays as it was', async () => {
    await ann.push(
      ann.make(makeThing, { clubId, label: 'a' }, { at: -100 }),
      ann.make(takeSeat, { clubId, place: 1 }, { at: -90 }),
      ann.make(carryThing, { from: clubId, to: otherId }, { at: -80 }),
    )
    const before = await tablesOf(store)
    const cursors = cursorsOf(await ann.read())
    ran = []
    await ben.push(ben.make(lookAround, { clubId }, { at: -95 }))
    expect(ran).toEqual(['club.look'])
    expect(await tablesOf(store)).toEqual(before)
    expect((await ann.read(cursors)).entries.map(({ kind, changes }) => [kind, changes.length])).toEqual([
      ['action', 0],
    ])
  })

  it('[ING-4] between two newcomers only what follows a change runs again', async () => {
    await ann.push(
      ann.make(turnCounter, { clubId, by: 1 }, { at: -100 }),
      ann.make(takeSeat, { clubId, place: 1 }, { at: -80 }),
      ann.make(turnCounter, { clubId, by: 2 }, { at: -60 }),
    )
    ran = []
    await ben.push(
      ben.make(lookAround, { clubId }, { at: -110 }),
      ben.make(takeSeat, { clubId, place: 2 }, { at: -70 }),
    )
    expect(ran).toEqual(['club.look', 'seat.take', 'counter.turn'])
    expect(await total()).toBe(1 * 2 + 2)
  })

  it('[ING-3, CX-10] runs again only what could have seen it', async () => {
    await ann.push(
      ann.make(turnCounter, { clubId: otherId, by: 1 }, { at: -100 }),
      ann.make(copyCounter, { from: clubId, to: otherId }, { at: -60 }),
      ann.make(turnCounter, { clubId: otherId, by: 1 }, { at: -40 }),
    )
    await ben.push(ben.make(turnCounter, { clubId, by: 5 }, { at: -80 }))
    expect(lastPath()).toMatchObject({ path: 'late', replayed: 2 })
    const copied = await look(authority, `select total::int from counters where name = 'copied'`)
    expect(copied).toEqual([{ total: 11 }])
  })

  it('[ING-3] does not see later writes to what it only reads', async () => {
    await ann.push(ann.make(turnCounter, { clubId, by: 5 }, { at: -50 }))
    const other = createClient(authority, 'ann')
    await other.push(other.make(copyCounter, { from: clubId, to: otherId }, { at: -60 }))
    expect(await look(authority, `select total::int from counters where name = 'copied'`)).toEqual([{ total: 0 }])
    expect(await total()).toBe(5)
  })

  it('[ING-4, ING-1, AUD-6] leaves nothing in the log of an audience it only reads', async () => {
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: -50 }))
    const readers = () =>
      look(authority, `select audience, seq from sync.log where audience in ('public', 'club:${otherId}')`)
    const before = await readers()
    const [counted, copied] = await ann.push(
      ann.make(countNotices, { clubId }, { at: -49, counter: 1 }),
      ann.make(copyCounter, { from: otherId, to: clubId }, { at: -48 }),
    )
    expect([counted?.status, copied?.status]).toEqual(['applied', 'applied'])
    const late = createClient(authority, 'ann')
    await late.push(
      late.make(countNotices, { clubId }, { at: -70 }),
      late.make(copyCounter, { from: otherId, to: clubId }, { at: -69 }),
    )
    expect(lastPath()).toMatchObject({ path: 'late' })
    expect(await readers()).toEqual(before)
  })

  it('[AUD-1, FM-69] that makes a row stay where it was tells both audiences', async () => {
    const made = ann.make(makeThing, { clubId, label: 'a' }, { at: -100 })
    await ann.push(made, ann.make(carryThing, { from: clubId, to: otherId }, { at: -50 }))
    const cursors = cursorsOf(await ann.read())
    const early = createClient(authority, 'ann')
    await early.push(early.make({ name: 'thing.drop', version: 1 }, { clubId }, { at: -75 }))
    const corrections = (await ann.read(cursors)).entries.filter(({ kind }) => kind === 'correction')
    expect(
      corrections.map(({ audience, changes }) => [
        audience,
        changes.every(({ image }) => image === null),
        changes.length,
      ]),
    ).toEqual([[`club:${otherId}`, true, 3]])
    expect(await look(authority, 'select * from things')).toEqual([])
    expect(await look(authority, 'select * from parts')).toEqual([])
  })

  it('[AUD-4, CX-4] older than the audience itself is rejected at its place and disturbs nobody', async () => {
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: -50 }))
    const before = await tablesOf(store)
    const [early] = await ben.push(ben.make(turnCounter, { clubId, by: 5 }, { at: -99_000 }))
    expect(early).toMatchObject({ status: 'rejected', reason: 'authority' })
    expect(await tablesOf(store)).toEqual(before)
  })

  it('[AUD-2, CX-2] that removes a member takes back what the member did later, and a later arrival may give it again', async () => {
    const turn = ben.make(turnCounter, { clubId, by: 5 }, { at: -50 })
    await ben.push(turn)
    await ann.push(ann.make(removeMember, { clubId, userId: 'ben' }, { at: -70 }))
    expect(await total()).toBe(0)
    await ann.push(ann.make(addMember, { clubId, userId: 'ben' }, { at: -60 }))
    expect(await total()).toBe(5)
    expect((await ben.push(turn))[0]).toMatchObject({ status: 'applied', revision: 3 })
  })
})

describe('an old action that cannot run here and now', () => {
  const withAction = (name: string, change: (action: AnyAction) => AnyAction[]) =>
    clubActions.flatMap((action) => (action.name === name ? change(action) : [action]))

  const builds: Record<string, readonly AnyAction[]> = {
    'its code is gone': withAction('seat.take', () => []),
    'its version is gone': withAction('seat.take', (action) => [{ ...action, version: 2 }]),
    'its audiences() throws': withAction('seat.take', (action) => [
      {
        ...action,
        audiences: () => {
          throw new TypeError('not in this build')
        },
      },
    ]),
  }

  it.each(Object.keys(builds))('[ING-6, HLC-4, CX-23] restamps the newcomers and takes them: %s', async (why) => {
    await ann.push(
      ann.make(takeSeat, { clubId, place: 1 }, { at: -50 }),
      ann.make(turnCounter, { clubId, by: 1 }, { at: -40 }),
    )
    const newer = createAuthority(store, { actions: builds[why] ?? [] })
    const late = createClient(newer, 'ben')
    const receipts = await late.push(
      late.make(turnCounter, { clubId, by: 5 }, { at: -70 }),
      late.make(turnCounter, { clubId, by: 6 }, { at: -60 }),
    )
    expect(receipts.map(({ status, restamped }) => [status, restamped])).toEqual([
      ['applied', true],
      ['applied', true],
    ])
    expect(await total()).toBe((1 * 2 + 5) * 2 + 6)
    expect(await look(authority, 'select place from seats')).toEqual([{ place: 1 }])
    const clocks = await look<{ clock: string }>(
      authority,
      'select clock from sync.actions order by clock desc limit 2',
    )
    expect(clocks.map(({ clock }) => clock).reverse()).toEqual(receipts.map(({ clock }) => clock))
  })
})
