import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeClock, encodeClock, laterClock } from './hlc'
import { planRenumber, planRestamp, type RestampQuestion } from './plan-restamp'

const clientId = '00000000-0000-4000-8000-000000000001'
const clock = (ms: number, counter = 0) => encodeClock({ ms, counter, clientId })
const year = 365 * 24 * 3_600_000

function ask(ms: number[], fields: Partial<RestampQuestion> = {}) {
  const actions = ms.map((at, place) => ({ id: `a${place + 1}`, ordinal: place + 1, clock: clock(at) }))
  return planRestamp({ actions, known: new Map(), above: null, serverNowMs: 1_000, clientId, ...fields })
}

describe('planRestamp', () => {
  test('[HLC-3] clocks that are ahead become the server’s time, in ordinal order', () => {
    const plan = ask([year, year + 5])
    expect(plan.clocks).toEqual(
      new Map([
        ['a1', clock(1_000)],
        ['a2', clock(1_000, 1)],
      ]),
    )
    expect(plan).toMatchObject({ lastClock: clock(1_000, 1), waitMs: 0 })
  })

  test('[HLC-3] an action stamped before the clock ran away keeps its time', () => {
    expect([...ask([400, year, 500]).clocks.keys()]).toEqual(['a2', 'a3'])
  })

  test('[HLC-3] it starts above what the server has accepted and served, not above the device’s own clock', () => {
    const plan = ask([year], { above: clock(1_200, 3) })
    expect(plan).toMatchObject({ clocks: new Map([['a1', clock(1_200, 4)]]), waitMs: 200 })
  })

  test('[HLC-3] CX-9b what the server knows already keeps its clock', () => {
    const plan = ask([year, year], { known: new Map([['a1', clock(1_100)]]) })
    expect(plan.clocks).toEqual(new Map([['a2', clock(1_100, 1)]]))
  })

  test('[HLC-3] CX-9c restamping twice changes nothing more: there is no livelock', () => {
    const first = ask([year, year, 3])
    const actions = ['a1', 'a2', 'a3'].map((id, place) => ({ id, ordinal: place + 1, clock: first.clocks.get(id)! }))
    expect(planRestamp({ actions, known: new Map(), above: null, serverNowMs: 1_000, clientId }).clocks.size).toBe(0)
  })

  test('[HLC-4] clocks increase with the ordinal and stay at or below the later of server and starting point', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000)), fc.option(fc.nat(2_000), { nil: null }), (ms, start) => {
        const above = start === null ? null : clock(start)
        const plan = ask(ms, { above })
        const ends = ms.map((at, place) => plan.clocks.get(`a${place + 1}`) ?? clock(at))
        for (const [place, end] of ends.entries()) {
          const before = place === 0 ? above : ends[place - 1]!
          expect(before === null || end > before).toBe(true)
          expect(decodeClock(end).ms).toBeLessThanOrEqual(Math.max(1_000, start ?? 0))
        }
        expect(plan.lastClock).toBe(ends.reduce<string | null>(laterClock, above))
      }),
    )
  })
})

describe('planRenumber', () => {
  test('[HLC-4] CX-45 everything is numbered anew in its old order, clocks keep their time', () => {
    const other = '00000000-0000-4000-8000-000000000002'
    const actions = [
      { id: 'late', ordinal: 9, clock: clock(30, 2) },
      { id: 'early', ordinal: 4, clock: clock(20) },
    ]
    expect(planRenumber(actions, other)).toEqual(
      new Map([
        ['early', { ordinal: 1, clock: encodeClock({ ms: 20, counter: 0, clientId: other }) }],
        ['late', { ordinal: 2, clock: encodeClock({ ms: 30, counter: 2, clientId: other }) }],
      ]),
    )
  })
})
