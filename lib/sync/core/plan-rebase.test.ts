import { describe, expect, test } from 'vitest'
import { newestReceipts, type PendingAction, planRebase, type RebaseQuestion } from './plan-rebase'
import type { Receipt } from './protocol'

const pending = (id: string, ordinal: number, place: PendingAction['place'] = 'layer') => ({ id, ordinal, place })

function ask(fields: Partial<RebaseQuestion>) {
  return planRebase({
    pending: [pending('x', 1), pending('y', 2)],
    receipts: new Map(),
    arrivedIds: new Set(),
    changesRows: false,
    cursors: new Map([['p', { seq: 5 }]]),
    audiences: new Set(['p', 'q']),
    ...fields,
  })
}

const receiptOf = (status: Receipt['status'], positions: Record<string, number> = {}) =>
  new Map([['x', { status, positions }]])

describe('planRebase', () => {
  test('[REC-1] an answer without news leaves the provisional layer as it is', () => {
    expect(ask({})).toEqual({ settled: [], moved: new Map(), replay: ['x', 'y'], isNeeded: false })
  })

  test('[REC-2] what is pending runs again in ordinal order when rows change', () => {
    const plan = ask({ pending: [pending('b', 2), pending('a', 1)], changesRows: true })
    expect(plan).toMatchObject({ replay: ['a', 'b'], isNeeded: true })
  })

  test('[REC-3] CX-12 an entry with its id takes an action out of the layer before its receipt is here', () => {
    const plan = ask({ arrivedIds: new Set(['x']) })
    expect(plan).toMatchObject({ settled: [], replay: ['y'], isNeeded: true })
    expect(plan.moved).toEqual(new Map([['x', 'log']]))
  })

  test('[REC-3] an applied action is settled when the cursors have reached its positions', () => {
    expect(ask({ receipts: receiptOf('applied', { p: 6 }) })).toMatchObject({ settled: [], isNeeded: false })
    expect(ask({ receipts: receiptOf('applied', { p: 5 }) })).toMatchObject({ settled: ['x'], isNeeded: true })
  })

  test('[REC-3] an audience held without a cursor yet is not reached, one no longer held does not count', () => {
    expect(ask({ receipts: receiptOf('applied', { q: 1 }) }).settled).toEqual([])
    expect(ask({ receipts: receiptOf('applied', { gone: 9 }) }).settled).toEqual(['x'])
    expect(ask({ receipts: receiptOf('applied'), audiences: null }).settled).toEqual([])
  })

  test('[REC-3] a rejected action has no effect at once and stays pending until its positions are reached', () => {
    const plan = ask({ receipts: receiptOf('rejected', { p: 9 }) })
    expect(plan).toMatchObject({ settled: [], replay: ['y'], isNeeded: true })
    expect(plan.moved).toEqual(new Map([['x', 'log']]))
  })

  test('[REC-3] a refused action is settled at once, a held one never', () => {
    expect(ask({ receipts: receiptOf('refused') })).toMatchObject({ settled: ['x'], isNeeded: true })
    expect(ask({ receipts: receiptOf('held') })).toMatchObject({ settled: [], replay: ['x', 'y'], isNeeded: false })
  })

  test('[REC-3] what has left the layer is not replayed again', () => {
    const plan = ask({ pending: [pending('x', 1, 'log'), pending('y', 2)], changesRows: true })
    expect(plan).toMatchObject({ replay: ['y'], settled: [], moved: new Map() })
  })

  test('[REC-3] settling an action that had left the layer does not disturb the others', () => {
    const plan = ask({ pending: [pending('x', 1, 'log')], receipts: receiptOf('applied', { p: 5 }) })
    expect(plan).toMatchObject({ settled: ['x'], isNeeded: false })
  })

  test('[OUT-1] after a reset the first answer puts what it does not know into the layer', () => {
    const plan = ask({ pending: [pending('x', 1, 'rows'), pending('y', 2, 'rows')], arrivedIds: new Set(['y']) })
    expect(plan.moved).toEqual(
      new Map([
        ['x', 'layer'],
        ['y', 'log'],
      ]),
    )
    expect(plan).toMatchObject({ replay: ['x'], isNeeded: true })
  })
})

describe('newestReceipts', () => {
  const receipt = (revision: number, reason: string): Receipt => ({
    actionId: 'x',
    clientId: 'c',
    name: 'a.b',
    version: 1,
    revision,
    status: 'rejected',
    reason,
    details: null,
    clock: null,
    restamped: false,
    effect: null,
    positions: {},
  })

  test('[ING-4] CX-13b the greatest revision wins, of equal ones the later', () => {
    const arrived = [receipt(3, 'first'), receipt(2, 'older'), receipt(3, 'later')]
    expect(newestReceipts(arrived, new Map()).get('x')?.reason).toBe('later')
  })

  test('[ING-4] CX-13b an answer that was overtaken changes nothing', () => {
    expect(newestReceipts([receipt(3, 'late')], new Map([['x', 4]])).size).toBe(0)
  })
})
