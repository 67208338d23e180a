/** Somebody sends old clocks again and again, to make the server run other people's work once more (AB-39). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  clubOf,
  createAuthority,
  createClient,
  emptyClubs,
  openClubs,
  type RawClient,
} from '@/tests/concurrency/authority'
import { addMember, foundClub, turnCounter } from '@/tests/concurrency/club-actions'
import { defaultLateBudget } from '../core/late-budget'
import type { Store } from '../store/driver'
import type { SyncServerOptions } from './engine'

let store: Store
let authority: Authority
let ann: RawClient
let ben: RawClient
let clubId: string

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(() => emptyClubs(store))

/** Ten actions of Ann after noon. */
async function open(options: Partial<SyncServerOptions>) {
  authority = createAuthority(store, options)
  ann = createClient(authority, 'ann')
  ben = createClient(authority, 'ben')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
  await ann.push(...Array.from({ length: 10 }, (_, index) => turn(ann, index)))
}

const turn = (client: RawClient, at: number) => client.make(turnCounter, { clubId, by: 1 }, { at })
const replays = () => authority.events.reduce((sum, event) => sum + (event.kind === 'ingest' ? event.replayed : 0), 0)

describe('the budget for late arrivals', () => {
  it('[HLC-4, CX-10b, AB-39] is per user and hour: what is beyond it comes last, whatever client sends it', async () => {
    await open({ lateBudget: { ...defaultLateBudget, perUserAndHourMax: 50 } })
    const outcomes: boolean[] = []
    for (let push = 0; push < 12; push += 1) {
      // A client id is free.
      const client = createClient(authority, 'ben')
      const [receipt] = await client.push(turn(client, -1_000 + push))
      outcomes.push(receipt?.restamped ?? true)
      expect(receipt?.status).toBe('applied')
    }
    // Five times over ten actions, then no more.
    expect(outcomes.filter((isRestamped) => !isRestamped)).toHaveLength(5)
    expect(replays()).toBeLessThanOrEqual(50)
    expect(authority.events).toContainEqual(expect.objectContaining({ kind: 'restamped', why: 'budget' }))
    // Somebody else has a budget of their own, and so has the next hour.
    const otherOfAnn = createClient(authority, 'ann')
    expect((await otherOfAnn.push(turn(otherOfAnn, -5)))[0]?.restamped).toBe(false)
    authority.time.ms += 3_600_000
    expect((await ben.push(turn(ben, -3)))[0]?.restamped).toBe(false)
  })

  it('[HLC-4] is per ingest: one push may not replay more, and all of it comes last in its order', async () => {
    await open({ lateBudget: { ...defaultLateBudget, perIngestMax: 9 } })
    const receipts = await ben.push(turn(ben, -10), turn(ben, -9), turn(ben, 1))
    expect(receipts.map(({ status, restamped }) => [status, restamped])).toEqual(Array(3).fill(['applied', true]))
    expect(receipts.map(({ clock }) => clock)).toEqual(receipts.map(({ clock }) => clock).sort())
    // Within the budget: only the last ones are later.
    expect((await createClient(authority, 'ben').push(turn(ben, 8))).map(({ restamped }) => restamped)).toEqual([false])
  })

  it('[HLC-4, ING-6] is in time as well: what takes too long is taken back as a whole', async () => {
    await open({ lateBudget: { ...defaultLateBudget, msMax: 500 } })
    // Each look at the clock takes a while.
    const slow = createAuthority(store, {
      lateBudget: { ...defaultLateBudget, msMax: 500 },
      now: () => {
        slow.time.ms += 100
        return slow.time.ms
      },
    })
    const [receipt] = await createClient(slow, 'ben').push(turn(ben, -1_000))
    expect(receipt).toMatchObject({ status: 'applied', restamped: true })
    expect(slow.events).toContainEqual(expect.objectContaining({ kind: 'restamped', why: 'cannot-replay' }))
    expect(slow.events.filter((event) => event.kind === 'ingest').map((event) => event.path)).toEqual(['restamped'])
  })
})
