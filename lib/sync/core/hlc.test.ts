import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ClockParts,
  compareClocks,
  compareReplayOrder,
  decodeClock,
  encodeClock,
  laterClock,
  nextClock,
} from './hlc'

const clientId = fc.uuid()
const parts: fc.Arbitrary<ClockParts> = fc.record({
  ms: fc.oneof(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.nat({ max: 20 })),
  counter: fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.nat({ max: 3 })),
  clientId,
})
const someone = '00000000-0000-4000-8000-00000000000a'
const byParts = (a: ClockParts, b: ClockParts) =>
  Math.sign(a.ms - b.ms) ||
  Math.sign(a.counter - b.counter) ||
  (a.clientId < b.clientId ? -1 : Number(a.clientId > b.clientId))

describe('clocks', () => {
  it('[HLC-1] decode to what was encoded, in a fixed width', () => {
    fc.assert(
      fc.property(parts, (clock) => {
        const text = encodeClock(clock)
        expect(text).toHaveLength(54)
        expect(decodeClock(text)).toEqual(clock)
      }),
    )
  })

  it('[HLC-1] are in order when their texts are: milliseconds, then counter, then client', () => {
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        expect(compareClocks(encodeClock(left), encodeClock(right))).toBe(byParts(left, right))
      }),
    )
  })

  it('[HLC-1] refuse parts that do not fit', () => {
    const good = { ms: 1, counter: 1, clientId: someone }
    const bad: ClockParts[] = [
      { ...good, ms: -1 },
      { ...good, ms: 1.5 },
      { ...good, ms: 2 ** 48 },
      { ...good, ms: Number.NaN },
      { ...good, counter: 0x10000 },
      { ...good, counter: -1 },
      { ...good, clientId: someone.toUpperCase() },
      { ...good, clientId: 'short' },
    ]
    for (const clock of bad) expect(() => encodeClock(clock)).toThrow('[HLC-1]')
    for (const text of [
      '',
      'x',
      encodeClock(good).toUpperCase(),
      `${encodeClock(good)} `,
      encodeClock(good).slice(1),
    ]) {
      expect(() => decodeClock(text)).toThrow('[HLC-1]')
    }
  })

  it('[HLC-2] the next one is greater than the last, not before now, and no further ahead than it must be', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 2 ** 47 }), clientId, (before, nowMs, client) => {
        fc.pre(before.ms < 2 ** 48 - 1)
        const last = encodeClock(before)
        const next = nextClock(last, nowMs + 0.7, client)
        const { ms, counter, clientId: owner } = decodeClock(next)
        expect(next > last).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(nowMs)
        expect(owner).toBe(client)
        if (nowMs > before.ms) expect([ms, counter]).toEqual([nowMs, 0])
        else expect(ms * 0x10000 + counter).toBe(before.ms * 0x10000 + before.counter + 1)
      }),
    )
    expect(nextClock(null, 5.9, someone)).toBe(encodeClock({ ms: 5, counter: 0, clientId: someone }))
  })

  it('[HLC-1, FM-44] 70,000 stamps in one millisecond increase, and the counter spills into the milliseconds', () => {
    let last = nextClock(null, 1000, someone)
    for (let count = 1; count < 70_000; count += 1) {
      const next = nextClock(last, 1000, someone)
      if (next <= last) expect.unreachable(`stamp ${count} is not greater`)
      last = next
    }
    expect(decodeClock(last)).toEqual({ ms: 1001, counter: 70_000 - 65_536 - 1, clientId: someone })
  })

  it('[HLC-2] a clock of the machine that runs backwards does not take stamps back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 40 }), (times) => {
        let last: string | null = null
        for (const nowMs of times) {
          const next: string = nextClock(last, nowMs, someone)
          expect(last === null || next > last).toBe(true)
          last = next
        }
        expect(decodeClock(last ?? '').ms).toBe(Math.max(...times))
      }),
    )
  })

  it('[HLC-2] the later of two clocks is one of them, and none is earlier than any', () => {
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        const [one, other] = [encodeClock(left), encodeClock(right)]
        expect(laterClock(one, other)).toBe(one < other ? other : one)
      }),
    )
    const clock = encodeClock({ ms: 0, counter: 0, clientId: someone })
    expect([laterClock(null, clock), laterClock(clock, null), laterClock('', clock), laterClock(clock, '')]).toEqual(
      Array(4).fill(clock),
    )
    expect([laterClock(null, null), laterClock('', ''), laterClock(null, '')]).toEqual([null, null, null])
  })

  it('[ORA-1] replay order is one total order: clock, then action id', () => {
    const placed = fc.record({
      clock: fc
        .constantFrom('a', 'b', 'c')
        .map((letter) => encodeClock({ ms: letter.charCodeAt(0), counter: 0, clientId: someone })),
      id: fc.constantFrom('1', '2', '3'),
    })
    fc.assert(
      fc.property(fc.array(placed, { maxLength: 12 }), (actions) => {
        const texts = (list: typeof actions) => list.map(({ clock, id }) => `${clock} ${id}`)
        expect(texts([...actions].sort(compareReplayOrder))).toEqual(texts(actions).sort())
        for (const left of actions) {
          for (const right of actions) {
            expect(compareReplayOrder(left, right) + compareReplayOrder(right, left)).toBe(0)
          }
        }
      }),
    )
  })
})
