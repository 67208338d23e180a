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

describe('planRestamp, with actions the server knows among them', () => {
  /** In any order of giving; some are known under the clock the server gave them. */
  const question: fc.Arbitrary<RestampQuestion> = fc
    .record({
      drafts: fc.array(
        fc.record({
          ms: fc.nat(3_000),
          counter: fc.nat(2),
          known: fc.option(fc.nat(1_500), { freq: 3 }),
          rank: fc.nat(),
        }),
        { maxLength: 8 },
      ),
      start: fc.option(fc.tuple(fc.nat(2_000), fc.constantFrom(0, 1, 0xffff))),
    })
    .map(({ drafts, start }) => {
      const known = drafts.flatMap((each, place) =>
        each.known === null ? [] : [[`a${place}`, clock(each.known)] as const],
      )
      const stamped = drafts.map(({ ms, counter, rank }, place) => ({
        ...{ id: `a${place}`, ordinal: place + 1, clock: clock(ms, counter), rank },
      }))
      const actions = stamped.sort((left, right) => left.rank - right.rank)
      return { actions, known: new Map(known), above: start && clock(...start), serverNowMs: 1_000, clientId }
    })
  const inOrder = ({ actions, known }: RestampQuestion) =>
    [...actions].sort((left, right) => left.ordinal - right.ordinal).filter(({ id }) => !known.has(id))

  test('[HLC-3] [HLC-4] CX-9b the others keep their order, strictly above the starting point and all known before them', () => {
    let restamped = 0
    fc.assert(
      fc.property(question, (asked) => {
        const { clocks, lastClock } = planRestamp(asked)
        let last = asked.above
        for (const action of [...asked.actions].sort((left, right) => left.ordinal - right.ordinal)) {
          const canonical = asked.known.get(action.id)
          const end = canonical ?? clocks.get(action.id) ?? action.clock
          if (canonical === undefined) expect(last === null || end > last).toBe(true)
          last = laterClock(last, end)
        }
        expect(lastClock).toBe(last)
        for (const id of clocks.keys()) expect(asked.known.has(id)).toBe(false)
        restamped += clocks.size
      }),
      { numRuns: 1_000 },
    )
    expect(restamped).toBeGreaterThan(500)
  })

  test('[HLC-3] none is further ahead than the server, the starting point and those it knows; a right clock stays', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { clocks } = planRestamp(asked)
        const given = [...(asked.above ? [asked.above] : []), ...asked.known.values()].map(
          (each) => decodeClock(each).ms,
        )
        // A full counter spills one millisecond.
        const bound = Math.max(asked.serverNowMs, ...given.map((ms) => ms + 1))
        for (const { id, clock: old } of inOrder(asked)) {
          expect(decodeClock(clocks.get(id) ?? old).ms).toBeLessThanOrEqual(bound)
          expect(clocks.get(id)).not.toBe(old)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('[HLC-3] CX-9c asked again it changes nothing more, unless the starting point itself is ahead', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { clocks, waitMs } = planRestamp(asked)
        const isAhead =
          waitMs > 0 || [...asked.known.values()].some((each) => decodeClock(each).ms >= asked.serverNowMs)
        fc.pre(!isAhead)
        const actions = asked.actions.map((action) => ({ ...action, clock: clocks.get(action.id) ?? action.clock }))
        expect(planRestamp({ ...asked, actions }).clocks.size).toBe(0)
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
