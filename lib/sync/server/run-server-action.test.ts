import { v5 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  createAuthority,
  createClient,
  emptyClubs,
  look,
  openClubs,
} from '@/tests/concurrency/authority'
import { addMember, foundClub, leaveSeat, lookAround, takeSeat, turnCounter } from '@/tests/concurrency/club-actions'
import { losingAnswers } from '@/tests/concurrency/faulty-store'
import type { Store } from '../store/driver'

describe('actions of server code', () => {
  let store: Store
  let authority: Authority
  let clubId: string

  beforeAll(async () => {
    store = await openClubs()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    await emptyClubs(store)
    authority = createAuthority(store)
    clubId = (await authority.server.runAction(foundClub, { name: 'one' }, { as: 'ann' })).value.clubId
  })

  it('[ACT-8] go on after any number of them were refused', async () => {
    for (let time = 0; time < 7; time += 1) {
      await expect(authority.server.runAction(lookAround, { clubId }, { as: 'ben' })).rejects.toThrow(/authority/)
    }
    await authority.server.runAction(addMember, { clubId, userId: 'ben' }, { as: 'ann' })
    const { receipt } = await authority.server.runAction(lookAround, { clubId }, { as: 'ben' })
    expect(receipt.status).toBe('applied')
  })

  it('[ACT-8] the next call sees what the one before did, also as another user in the same millisecond', async () => {
    await authority.server.runAction(addMember, { clubId, userId: 'ben' }, { as: 'ann' })
    await authority.server.runAction(takeSeat, { clubId, place: 1 }, { as: 'ben' })
    await authority.server.runAction(leaveSeat, { clubId }, { as: 'ben' })
    await authority.server.runAction(takeSeat, { clubId, place: 1 }, { as: 'ann' })
    expect(await look(authority, 'select user_id from seats')).toEqual([{ user_id: 'ann' }])
  })

  it('[ACT-8, HLC-4] many at once for one user all happen, each with an ordinal of its own', async () => {
    const turns = Array.from({ length: 20 }, () =>
      authority.server.runAction(turnCounter, { clubId, by: 1 }, { as: 'ann' }),
    )
    const receipts = (await Promise.all(turns)).map(({ receipt }) => receipt.status)
    expect(receipts).toEqual(Array(20).fill('applied'))
    const rows = await look<{ clock: string }>(authority, 'select clock from sync.actions order by ordinal')
    expect(rows.map(({ clock }) => clock)).toEqual(rows.map(({ clock }) => clock).sort())
  })

  it('[ACT-8, ING-6] answer with the value of the action although the answer to COMMIT was lost', async () => {
    const faulty = losingAnswers(store)
    const { server } = createAuthority(faulty.store)
    faulty.loseAnswerOf('insert into sync.log')
    const { value, receipt } = await server.runAction(foundClub, { name: 'two' }, { as: 'ann' })
    expect(faulty.lost).toBe(1)
    expect(receipt.status).toBe('applied')
    const named = await look<{ id: string }>(authority, `select id from clubs where name = 'two'`)
    expect(named).toEqual([{ id: value.clubId }])
  })

  it('[ACT-8, AB-05] no device can take the client id of server code', async () => {
    const reserved = await look<{ client_id: string }>(authority, 'select client_id from sync.clients')
    const clientOfBen = v5('ben', '5f0d8a3c-5c0e-4b0e-9a55-0d6f1b6f8a11')
    expect(reserved).toEqual([{ client_id: v5('ann', '5f0d8a3c-5c0e-4b0e-9a55-0d6f1b6f8a11') }])
    const eve = createClient(authority, 'eve', clientOfBen)
    const answer = await eve.exchange([eve.make(foundClub, { name: 'squat' }, { at: 0 })])
    expect(answer.kind).toBe('fork')
    const { receipt } = await authority.server.runAction(foundClub, { name: 'of ben' }, { as: 'ben' })
    expect(receipt.status).toBe('applied')
  })
})
