/** A checker that cannot fail is worthless: each anomaly is planted here once. */
import { describe, expect, it } from 'vitest'
import { type Append, type AppendHistory, checkAppends, type Look } from './append-checker'

const [a, b] = ['club:1/a', 'club:2/b']

/** An append whose clock is its item's number, unless said otherwise. */
function append(item: string, keys: readonly string[], other: Partial<Append> = {}): Append {
  const clock = `00000000000${item}-0000-0b5c6a52-0a2f-4b52-9a0e-5f6c1f6f3c10`
  return {
    id: item,
    item,
    clientId: 'ann',
    ordinal: Number(item),
    clock,
    status: 'applied',
    wavered: false,
    keys,
    ...other,
  }
}

const look = (item: string, key: string, seen: string): Look => ({ item, key, seen: seen.split(' ').filter(Boolean) })

/** Three appends to a, the third one also to b; the second looked at b. All is well. */
const good: AppendHistory = {
  appends: [append('1', [a]), append('2', [a]), append('3', [a, b])],
  looks: [look('1', a, '1'), look('2', a, '1 2'), look('2', b, ''), look('3', a, '1 2 3'), look('3', b, '3')],
  lists: new Map([
    [a, ['1', '2', '3']],
    [b, ['3']],
  ]),
}
const kinds = (history: AppendHistory) => [...new Set(checkAppends(history).map(({ kind }) => kind))].sort()
const withLists = (onA: string, onB = '3') =>
  kinds({
    ...good,
    lists: new Map([
      [a, onA.split(' ')],
      [b, onB.split(' ')],
    ]),
  })

describe('checking a history of appends', () => {
  it('[ORA-1] finds nothing where all is well', () => {
    expect(checkAppends(good)).toEqual([])
    const rejected = { ...append('4', [a]), status: 'rejected' }
    const refused = { ...append('5', [a]), status: 'refused', clock: null }
    expect(checkAppends({ ...good, appends: [...good.appends, rejected, refused] })).toEqual([])
  })

  it('[ORA-1] knows replay order by clock and then by id, not by the order of the records', () => {
    expect(checkAppends({ ...good, appends: [...good.appends].reverse() })).toEqual([])
  })

  it('[ORA-1] finds a lost append', () => {
    expect(withLists('1 3')).toContain('lost')
    expect(withLists('1 2')).toContain('lost')
  })

  it('[ORA-1] finds a list that is lost as a whole', () => {
    expect(kinds({ ...good, lists: new Map([[b, ['3']]]) })).toContain('lost')
  })

  it('[ORA-1, ING-2] finds an append that was applied twice', () => {
    expect(withLists('1 2 2 3')).toContain('duplicated')
    expect(withLists('1 2 3 1')).toContain('duplicated')
  })

  it('[ORA-1, ACT-3] finds what nobody appended, or what was rejected', () => {
    expect(withLists('1 2 3 9')).toEqual(['invented'])
    const [first, ...others] = good.appends
    expect(kinds({ ...good, appends: [{ ...first!, status: 'rejected' }, ...others] })).toContain('invented')
  })

  it('[ORA-1] finds appends that do not stand in replay order', () => {
    expect(withLists('2 1 3')).toContain('reordered')
  })

  it.each([
    ['too little', '2'],
    ['what comes later', '1 2 3'],
    ['another order', '2 1'],
    ['no own item', '1'],
  ])('[ORA-1, ING-3] finds a look that saw %s', (_, seen) => {
    const looks = good.looks.map((each) => (each.item === '2' && each.key === a ? look('2', a, seen) : each))
    expect(kinds({ ...good, looks })).toContain('wrong-look')
  })

  it('[ORA-1, ING-3] finds a look at another list that saw the future', () => {
    const looks = good.looks.map((each) => (each.item === '2' && each.key === b ? look('2', b, '3') : each))
    expect(kinds({ ...good, looks })).toEqual(['cycle', 'wrong-look'])
  })

  it('[ORA-1] finds an append that left no look', () => {
    expect(kinds({ ...good, looks: good.looks.slice(1) })).toEqual(['missing-look'])
  })

  it('[ORA-1] finds two lists that tell two orders, without asking a clock', () => {
    const history: AppendHistory = {
      appends: [append('1', [a, b]), append('2', [a, b])],
      looks: [],
      lists: new Map([
        [a, ['1', '2']],
        [b, ['2', '1']],
      ]),
    }
    expect(kinds(history)).toContain('cycle')
  })

  it('[ORA-1] finds write skew: each of two saw the list without what the other added', () => {
    const history: AppendHistory = {
      appends: [append('1', [a]), append('2', [b])],
      looks: [look('1', a, '1'), look('1', b, ''), look('2', b, '2'), look('2', a, '')],
      lists: new Map([
        [a, ['1']],
        [b, ['2']],
      ]),
    }
    expect(kinds(history)).toEqual(['cycle', 'wrong-look'])
  })
})
