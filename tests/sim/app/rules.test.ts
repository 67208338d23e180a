/** Each rule notices when it is broken: a rule that cannot fail says nothing. */
import { describe, expect, it } from 'vitest'
import { brokenRules, brokenWorldRules, type RuledRow } from './rules'

const row = (table: string, image: Record<string, string | null>): RuledRow => {
  const audience = image.audience ?? 'room:1'
  return { table, image: { id: '1', audience, ...image } }
}

const sound: readonly RuledRow[] = [
  row('members', { user_id: 'ann', role: 'owner' }),
  row('members', { user_id: 'ben', role: 'viewer' }),
  row('members', { user_id: 'cat', role: 'editor' }),
  row('accounts', { holder: 'ann', balance: '70' }),
  row('accounts', { holder: 'till', balance: '30' }),
  row('accounts', { holder: 'ann', balance: '5', audience: 'user:ann' }),
  row('items', { label: 'ledger', value: '100' }),
  row('items', { label: 'ledger', value: '5', audience: 'user:ann' }),
  row('items', { label: 'thing', value: '-3' }),
  row('seats', { place: '1', holder: 'ann' }),
  row('folders', { id: 'f', title: '' }),
  row('notes', { folder_id: 'f', body: '' }),
]

/** What one row more, in the sound room, breaks. */
const violations: readonly (readonly [string, RuledRow, RegExp])[] = [
  ['money out of nothing', row('accounts', { holder: 'cat', balance: '1' }), /come to 101, the ledger says 100/],
  ['a balance below zero', row('accounts', { holder: 'cat', balance: '-1' }), /has -1/],
  ['a second ledger', row('items', { label: 'ledger', value: '0' }), /2 ledgers/],
  ['two on one place', row('seats', { place: '1', holder: 'cat' }), /two people sit on place 1/],
  ['two places for one', row('seats', { place: '2', holder: 'ann' }), /two seats for ann/],
  ['a place that is not there', row('seats', { place: '5', holder: 'cat' }), /no place 5/],
  ['a place left half-way through a swap', row('seats', { place: '-1', holder: 'cat' }), /no place -1/],
  ['a viewer on a seat', row('seats', { place: '2', holder: 'ben' }), /ben has a seat/],
  ['a stranger on a seat', row('seats', { place: '2', holder: 'zoe' }), /zoe has a seat/],
  ['a second membership', row('members', { user_id: 'ann', role: 'editor' }), /twice a member: ann/],
  ['a note without a folder', row('notes', { id: 'n', folder_id: 'g' }), /note n has no folder/],
  [
    'a folder in another room',
    row('notes', { id: 'n', folder_id: 'f', audience: 'room:2' }),
    /room:2: note n has no folder/,
  ],
]

describe('the rules of the simulated application', () => {
  it('find nothing in a sound room', () => {
    expect(brokenRules(sound)).toEqual([])
    expect(brokenWorldRules(sound, 105n)).toEqual([])
  })

  it.each(violations)('find %s', (_, added, sentence) => {
    const broken = brokenRules([...sound, added])
    expect(broken).toHaveLength(1 + Number(added.image.balance === '-1'))
    expect(broken[0]).toMatch(sentence)
  })

  it('find a room that nobody owns', () => {
    expect(brokenRules(sound.filter(({ image }) => image.role !== 'owner' && image.place === undefined))).toEqual([
      'room:1: nobody owns the room',
    ])
  })

  it('find more seats than places', () => {
    const members = ['a', 'b', 'c', 'd'].map((user_id) => row('members', { user_id, role: 'editor' }))
    const seats = ['a', 'b', 'c', 'd'].map((holder, index) => row('seats', { holder, place: String(index + 1) }))
    expect(brokenRules([...sound, ...members, ...seats])).toContain('room:1: 5 seats are taken of 4')
  })

  it('find money that went from one room to none', () => {
    expect(brokenWorldRules(sound, 100n)).toEqual(['All money together is 105, and 100 was given out'])
  })
})
