import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  clubOf,
  createAuthority,
  createClient,
  cursorsOf,
  emptyClubs,
  openClubs,
  type RawClient,
} from '@/tests/concurrency/authority'
import { addMember, dropThing, foundClub, makeThing, removeMember, turnCounter } from '@/tests/concurrency/club-actions'
import type { Cursor, SyncAnswer } from '../core/protocol'
import type { Store } from '../store/driver'

let store: Store
let authority: Authority
let ann: RawClient
let ben: RawClient
let clubId: string
/** Of ben, taken while he was a member. */
let cursors: Cursor[]

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(async () => {
  await emptyClubs(store)
  authority = createAuthority(store)
  ann = createClient(authority, 'ann')
  ben = createClient(authority, 'ben')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
  cursors = cursorsOf(await ben.read())
})

const remove = (at: number) => ann.make(removeMember, { clubId, userId: 'ben' }, { at })
const add = (at: number) => ann.make(addMember, { clubId, userId: 'ben' }, { at })
const secret = (at: number) => [
  ann.make(makeThing, { clubId, label: 'secret' }, { at }),
  ann.make(dropThing, { clubId }, { at: at + 1 }),
]
const ofClub = (answer: SyncAnswer) => ({
  entries: answer.entries.filter(({ audience }) => audience === `club:${clubId}`).length,
  snapshots: answer.snapshots.filter(({ audience }) => audience === `club:${clubId}`).length,
  isHeld: answer.audiences.includes(`club:${clubId}`),
  tellsSecret: JSON.stringify(answer).includes('secret'),
})

describe('a cursor from before the grant', () => {
  it('[AUD-4, AUD-5, CX-32] gets a snapshot after removal and return, never the log in between', async () => {
    await ann.push(remove(-70))
    expect(ofClub(await ben.read(cursors))).toEqual({ entries: 0, snapshots: 0, isHeld: false, tellsSecret: false })
    await ann.push(...secret(-60))
    await ann.push(add(-50))
    expect(ofClub(await ben.read(cursors))).toEqual({ entries: 0, snapshots: 1, isHeld: true, tellsSecret: false })
  })

  it('[AUD-4, AUD-5] also when removal, secret and return came in one push', async () => {
    await ann.push(remove(-70), ...secret(-60), add(-50))
    expect(ofClub(await ben.read(cursors))).toEqual({ entries: 0, snapshots: 1, isHeld: true, tellsSecret: false })
  })

  it('[AUD-5] a member who stayed follows the log, whatever happened to others', async () => {
    await ann.push(
      ann.make(addMember, { clubId, userId: 'cat' }, { at: -70 }),
      ann.make(turnCounter, { clubId, by: 1 }, { at: -60 }),
    )
    expect(ofClub(await ben.read(cursors))).toEqual({ entries: 2, snapshots: 0, isHeld: true, tellsSecret: false })
  })

  it('[AUD-5] a correction that takes the membership away ends it, one that gives it again brings a snapshot', async () => {
    const early = createClient(authority, 'ann')
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: -20 }))
    await early.push(early.make(removeMember, { clubId, userId: 'ben' }, { at: -70 }))
    expect(ofClub(await ben.read(cursors))).toMatchObject({ snapshots: 0, isHeld: false })
    await early.push(...secret(-60).map((offered, index) => ({ ...offered, ordinal: 10 + index })))
    await early.push(early.make(addMember, { clubId, userId: 'ben' }, { at: -40, ordinal: 20 }))
    expect(ofClub(await ben.read(cursors))).toEqual({ entries: 0, snapshots: 1, isHeld: true, tellsSecret: false })
    const again = cursorsOf(await ben.read())
    await early.push(early.make(turnCounter, { clubId, by: 1 }, { at: -30, ordinal: 21 }))
    expect(ofClub(await ben.read(again))).toMatchObject({ entries: 2, snapshots: 0, isHeld: true })
  })
})
