/** Each broken guarantee is planted here once, and what a correction may do is told from what it may not. */
import { describe, expect, it } from 'vitest'
import type { Append } from './append-checker'
import { checkSessions, type Observation, type SessionHistory } from './session-checker'

const [audience, other] = ['club:1', 'club:2']
const [list, elsewhere] = ['club:1/a', 'club:2/a']

function append(item: string, ordinal: number, more: Partial<Append> = {}): Append {
  const clientId = item[0] as string
  return { id: item, item, clientId, ordinal, clock: item, status: 'applied', wavered: false, keys: [list], ...more }
}

function observation(clientId: string, items: string, more: Partial<Observation> = {}): Observation {
  return {
    clientId,
    audiences: new Set([audience]),
    lists: new Map([[list, items.split(' ').filter(Boolean)]]),
    corrected: new Set(),
    confirmed: new Set(),
    takenBack: new Set(),
    ...more,
  }
}

const appends = [append('a1', 1), append('a2', 2), append('b1', 1)]
const kinds = (history: Partial<SessionHistory> & Pick<SessionHistory, 'observations'>) => [
  ...new Set(checkSessions({ appends, seenBefore: new Map(), ...history }).map(({ kind }) => kind)),
]
const corrected = { corrected: new Set([audience]) }
const wavering = appends.map((each) => (each.item === 'a1' ? { ...each, wavered: true } : each))

describe('read your writes', () => {
  it('[CON-1, REC-3] finds a confirmed append that its author does not see', () => {
    const confirmed = new Set(['a1'])
    expect(kinds({ observations: [observation('a', 'a1', { confirmed })] })).toEqual([])
    expect(kinds({ observations: [observation('a', 'b1', { confirmed })] })).toEqual(['unread-write'])
    expect(kinds({ observations: [observation('a', '', { confirmed, lists: new Map() })] })).toEqual(['unread-write'])
  })

  it('[ING-4] finds an append that is still there after its receipt took it back', () => {
    const takenBack = new Set(['a1'])
    expect(kinds({ observations: [observation('a', '', { takenBack })] })).toEqual([])
    expect(kinds({ observations: [observation('a', 'a1', { takenBack })] })).toEqual(['unread-write'])
  })

  it('[AUD-5] says nothing about lists that are not held any more', () => {
    const lost = { confirmed: new Set(['a1']), audiences: new Set([other]) }
    expect(kinds({ observations: [observation('a', '', lost)] })).toEqual([])
  })
})

describe('monotonic reads', () => {
  it('[REC-1] finds a list that is shorter, or another one, without a correction', () => {
    expect(kinds({ observations: [observation('c', 'a1 a2'), observation('c', 'a1 a2 b1')] })).toEqual([])
    expect(kinds({ observations: [observation('c', 'a1 b1'), observation('c', 'a1 a2 b1')] })).toEqual(['went-back'])
    expect(kinds({ appends: wavering, observations: [observation('c', 'a1'), observation('c', '')] })).toEqual([
      'went-back',
    ])
  })

  it('[HLC-4] lets a correction sort somebody in, and never change the order of two', () => {
    expect(kinds({ observations: [observation('c', 'a1 b1'), observation('c', 'a1 a2 b1', corrected)] })).toEqual([])
    expect(kinds({ observations: [observation('c', 'a1 b1'), observation('c', 'b1 a1', corrected)] })).toEqual([
      'went-back',
    ])
  })

  it('[ING-4] lets a correction take an item out only when its outcome wavered', () => {
    const observations = [observation('c', 'a1 b1'), observation('c', 'b1', corrected)]
    expect(kinds({ appends: wavering, observations })).toEqual([])
    expect(kinds({ observations })).toEqual(['vanished'])
  })

  it('[REC-1] compares a client with itself only', () => {
    expect(kinds({ observations: [observation('c', 'a1 a2'), observation('d', 'a1')] })).toEqual([])
  })
})

describe('monotonic writes', () => {
  it('[HLC-4] finds appends of one client out of the order of its ordinals', () => {
    expect(kinds({ observations: [observation('c', 'a2 a1')] })).toEqual(['write-out-of-order'])
  })

  it('[ING-5] finds a later append that is seen without an earlier one', () => {
    expect(kinds({ observations: [observation('c', 'a2')] })).toEqual(['write-alone'])
    expect(kinds({ appends: wavering, observations: [observation('c', 'a2')] })).toEqual([])
  })
})

describe('writes follow reads', () => {
  const seenBefore = new Map([['b1', new Set(['a1'])]])

  it('[HLC-2] finds an append that stands before what its author had seen', () => {
    expect(kinds({ seenBefore, observations: [observation('c', 'a1 b1')] })).toEqual([])
    expect(kinds({ seenBefore, observations: [observation('c', 'b1 a1')] })).toEqual(['write-before-read'])
  })

  it('[ING-5] finds an append that is seen without what its author had seen, in any list that is held', () => {
    const far = appends.map((each) => (each.item === 'a1' ? { ...each, keys: [elsewhere] } : each))
    const both = { audiences: new Set([audience, other]) }
    expect(kinds({ seenBefore, appends: far, observations: [observation('c', 'b1')] })).toEqual([])
    expect(kinds({ seenBefore, appends: far, observations: [observation('c', 'b1', both)] })).toEqual(['read-alone'])
  })
})
