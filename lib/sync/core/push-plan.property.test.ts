import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pace } from './push-loop'
import { type Hold, type Offerable, type PushQuestion, planPush } from './push-plan'

const bounds = { actionsMax: 3, heldMax: 2, bytesMax: 100, holdMs: 1_000 }
const nowMs = 10_000

const hold: fc.Arbitrary<Hold> = fc.record({
  kind: fc.constantFrom('answered', 'poison'),
  reason: fc.constant('reason'),
  build: fc.constantFrom('old', 'new', null),
  atMs: fc.constantFrom(0, 8_999, 9_000, 9_001, 9_999, 10_500, 11_000, 99_000),
})
const pace: fc.Arbitrary<Pace> = fc.oneof(
  fc.constant<Pace>({ kind: 'full' }),
  fc.record({ kind: fc.constant('probe' as const), offered: fc.nat({ max: 5 }), single: fc.constant(null) }),
  fc.record({
    kind: fc.constant('narrow' as const),
    max: fc.integer({ min: 1, max: 6 }),
    left: fc.integer({ min: 1, max: 6 }),
  }),
)

/** An input is far smaller than a request (`limits`); `bytes` of a fresh action may still be more than the bound. */
const question: fc.Arbitrary<PushQuestion> = fc
  .record({
    drafts: fc.array(
      fc.record({
        hold: fc.option(hold),
        bytes: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.nat({ max: 300 })),
      }),
      {
        maxLength: 10,
      },
    ),
    order: fc.infiniteStream(fc.nat()),
    pace,
    serverBuild: fc.constantFrom('new', null),
  })
  .map(({ drafts, order, ...rest }) => {
    const pending = drafts.map(({ hold: held, bytes }, place) => ({
      ...{ id: `a${place + 1}`, ordinal: place + 1, hold: held },
      bytes: held ? Math.min(bytes, bounds.bytesMax) : bytes,
      rank: order.next().value,
    }))
    return { ...rest, pending: pending.sort((left, right) => left.rank - right.rank), nowMs, isFollowing: true, bounds }
  })

/** The words of ACT-4: the server has another build, or a day has passed; a clock set back holds nothing longer. */
const isDue = ({ hold: held }: Offerable, serverBuild: string | null) =>
  held !== null && (held.build !== serverBuild || Math.abs(nowMs - held.atMs) >= bounds.holdMs)

function sorted(asked: PushQuestion) {
  const { ids, isAlone } = planPush(asked)
  const byId = new Map(asked.pending.map((action) => [action.id, action]))
  const sent = ids.map((id) => byId.get(id)!)
  const ready = asked.pending.filter((action) => action.hold === null)
  const due = asked.pending.filter((action) => isDue(action, asked.serverBuild))
  return { isAlone, sent, ready, due, fresh: sent.filter((one) => !one.hold), held: sent.filter((one) => one.hold) }
}

const bytesOf = (actions: readonly Offerable[]) => actions.reduce((sum, { bytes }) => sum + bytes, 0)
const ordinals = (actions: readonly Offerable[]) => actions.map(({ ordinal }) => ordinal)
const growing = (numbers: readonly number[]) => [...numbers].sort((left, right) => left - right)

describe('a push, whatever waits', () => {
  test('[ING-6] is never empty when something may be sent, unless it is a probe', () => {
    let sentNothing = 0
    fc.assert(
      fc.property(question, (asked) => {
        const { sent, ready, due } = sorted(asked)
        const sendable = asked.pace.kind === 'full' ? ready.length + due.length : ready.length
        expect(sent.length > 0).toBe(asked.pace.kind !== 'probe' && sendable > 0)
        sentNothing += sent.length === 0 ? 1 : 0
      }),
      { numRuns: 2_000 },
    )
    expect(sentNothing).toBeGreaterThan(100)
  })

  test('[ING-0] keeps the bounds: of numbers, of held ones beside them, and of bytes, but for one action alone', () => {
    let full = 0
    fc.assert(
      fc.property(question, (asked) => {
        const { sent, fresh, held } = sorted(asked)
        const max = asked.pace.kind === 'narrow' ? Math.min(asked.pace.max, asked.pace.left) : bounds.actionsMax
        expect(fresh.length).toBeLessThanOrEqual(max)
        expect(held.length).toBeLessThanOrEqual(bounds.heldMax)
        expect(bytesOf(sent) <= bounds.bytesMax || sent.length === 1).toBe(true)
        full += fresh.length === bounds.actionsMax && held.length > 0 ? 1 : 0
      }),
      { numRuns: 2_000 },
    )
    expect(full, 'held actions take no place in the batch').toBeGreaterThan(0)
  })

  test('[ACT-4] [ING-6] offers the first of what is fresh in ordinal order, then held ones that are due', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { isAlone, sent, ready, due, fresh, held } = sorted(asked)
        expect(new Set(sent).size).toBe(sent.length)
        expect(ordinals(fresh)).toEqual(growing(ordinals(ready)).slice(0, fresh.length))
        expect(ordinals(held)).toEqual(growing(ordinals(held)))
        expect(sent).toEqual([...fresh, ...held])
        for (const action of held) expect(due).toContain(action)
        if (asked.pace.kind !== 'full') expect(held).toEqual([])
        // A poison action spoils the push it is in: it travels alone, and never ahead of work (CX-47).
        const poison = sent.filter((action) => action.hold?.kind === 'poison')
        expect(isAlone).toBe(poison.length > 0)
        if (isAlone) expect([sent.length, ready.length]).toEqual([1, 0])
      }),
      { numRuns: 2_000 },
    )
  })

  test('[ACT-4] does not depend on the order in which actions were given', () => {
    fc.assert(
      fc.property(question, (asked) => {
        expect(planPush({ ...asked, pending: [...asked.pending].reverse() })).toEqual(planPush(asked))
      }),
    )
  })

  test('[ACT-4] [ING-6] push by push everything is sent in the end, when held ones come due', () => {
    fc.assert(
      fc.property(question, (asked) => {
        let left = asked.pending.filter((action) => action.hold === null || isDue(action, asked.serverBuild))
        for (let pushes = 0; left.length > 0; pushes += 1) {
          expect(pushes).toBeLessThan(asked.pending.length)
          const { ids } = planPush({ ...asked, pending: left, pace: { kind: 'full' } })
          left = left.filter(({ id }) => !ids.includes(id))
        }
      }),
    )
  })
})
