import { describe, expect, it } from 'vitest'
import { issueBefore, moveTo, neighbour, type Order, spotOf } from './order'

const order: Order = { todo: ['a', 'b', 'c'], doing: ['d'], done: [] }
const columnIds = ['todo', 'doing', 'done']

describe('moving an issue on the board', () => {
  it('moves it down and up within its column', () => {
    expect(moveTo(order, 'a', { columnId: 'todo', index: 1 }).todo).toEqual(['b', 'a', 'c'])
    expect(moveTo(order, 'c', { columnId: 'todo', index: 0 }).todo).toEqual(['c', 'a', 'b'])
  })

  it('takes it out of one column and into another', () => {
    const moved = moveTo(order, 'b', { columnId: 'doing', index: 1 })
    expect(moved).toEqual({ todo: ['a', 'c'], doing: ['d', 'b'], done: [] })
  })

  it('takes an index beyond the end as the end', () => {
    expect(moveTo(order, 'b', { columnId: 'done', index: 99 }).done).toEqual(['b'])
    expect(moveTo(order, 'a', { columnId: 'todo', index: 99 }).todo).toEqual(['b', 'c', 'a'])
  })

  it('leaves the order alone when the issue or the column is gone', () => {
    expect(moveTo(order, 'x', { columnId: 'todo', index: 0 })).toBe(order)
    expect(moveTo(order, 'a', { columnId: 'gone', index: 0 })).toBe(order)
  })

  it('says behind which issue it stands now', () => {
    expect(issueBefore(moveTo(order, 'd', { columnId: 'todo', index: 2 }), 'd')).toBe('b')
    expect(issueBefore(moveTo(order, 'd', { columnId: 'todo', index: 0 }), 'd')).toBeNull()
  })
})

describe('arrow keys', () => {
  it.each([
    ['a', 'up', null],
    ['a', 'down', { columnId: 'todo', index: 1 }],
    ['c', 'down', null],
    ['c', 'right', { columnId: 'doing', index: 1 }],
    ['d', 'left', { columnId: 'todo', index: 0 }],
    ['d', 'right', { columnId: 'done', index: 0 }],
    ['a', 'left', null],
    ['x', 'left', null],
  ] as const)('%s %s', (issueId, to, expected) => {
    expect(neighbour(order, columnIds, { issueId, to })).toEqual(expected)
  })

  it('come back to the same spot the other way round', () => {
    const right = neighbour(order, columnIds, { issueId: 'a', to: 'right' })
    const there = moveTo(order, 'a', right!)
    const back = neighbour(there, columnIds, { issueId: 'a', to: 'left' })
    expect(spotOf(moveTo(there, 'a', back!), 'a')).toEqual({ columnId: 'todo', index: 0 })
  })
})
