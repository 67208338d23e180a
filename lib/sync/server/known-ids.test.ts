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
import type { Store } from '../store/driver'

describe('known ids', () => {
  let store: Store
  let authority: Authority
  let ann: RawClient
  let ben: RawClient
  let clubId: string

  beforeAll(async () => {
    store = await openClubs()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    await emptyClubs(store)
    authority = createAuthority(store)
    ann = createClient(authority, 'ann')
    ben = createClient(authority, 'ben')
    const founding = ann.make(foundClub, { name: 'one' }, { at: -9000 })
    clubId = clubOf(founding.id)
    await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -8000 }))
  })

  it('[ING-2, CX-9b] the same push a second time is answered with the stored receipts and changes nothing', async () => {
    const turn = ann.make(turnCounter, { clubId, by: 3 }, { at: -5000 })
    const first = await ann.push(turn)
    const again = await ann.push({ ...turn, clock: turn.clock.replace(/-0000-/, '-0009-') })
    expect(again).toEqual(first)
    expect(await look(authority, 'select total::text from counters')).toEqual([{ total: '3' }])
  })

  it('[AB-06, AB-08] another body or author under a known id gets nothing but a refusal', async () => {
    const turn = ann.make(turnCounter, { clubId, by: 3 }, { at: -5000 })
    await ann.push(turn)
    const [byBen] = await ben.push({ ...turn, ordinal: 1 })
    const [other] = await ann.push({ ...turn, input: { clubId, by: 4 } })
    for (const receipt of [byBen, other]) {
      expect(receipt).toMatchObject({
        status: 'refused',
        reason: 'invalid-id',
        clock: null,
        positions: {},
        details: null,
      })
    }
    const [stored] = await ann.push(turn)
    expect(stored?.status).toBe('applied')
  })

  it('[AB-06, ING-2] an id in other letters is the same id, or none', async () => {
    const seat = ann.make(takeSeat, { clubId, place: 1 }, { at: -5000, id: 'abcdefab-cdef-4bcd-abcd-abcdefabcdef' })
    const [before] = await ann.push(seat)
    const stranger = createClient(authority, 'eve')
    await stranger
      .exchange([stranger.make(takeSeat, { clubId, place: 2 }, { at: -4000, id: seat.id.toUpperCase() })])
      .catch(() => null)
    const [after] = await ann.push(seat)
    expect(after).toEqual(before)
  })
})
