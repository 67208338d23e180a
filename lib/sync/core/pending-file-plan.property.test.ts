import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeClock, encodeClock } from './hlc'
import type { FiledAction } from './pending-file'
import { type KeptAction, planTakingIn, type TakingIn } from './pending-file-plan'

const clientId = '00000000-0000-4000-8000-00000000000c'
const clients = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const nowMs = 100_000
const clockAt = (...milliseconds: readonly number[]) =>
  fc
    .record({
      ms: fc.oneof(fc.nat({ max: 6 }), fc.constantFrom(nowMs, ...milliseconds)),
      counter: fc.constantFrom(0, 1, 0xffff),
      clientId: fc.constantFrom(...clients),
    })
    .map(encodeClock)
/** Of this device, however wrong it is. */
const clock = clockAt(nowMs + 10_001)
const filedClock = clockAt(nowMs + 10_001, 2 ** 48 - 1)
const unique = { selector: ({ id }: { id: string }) => id, maxLength: 8 }

const filed: fc.Arbitrary<FiledAction> = fc.record({
  ...{ id: fc.constantFrom(...ids), clock: filedClock, wasConfirmed: fc.boolean() },
  ...{ name: fc.constant('issue.vote'), version: fc.constant(1), input: fc.constant('{}') },
})
const kept: fc.Arbitrary<Omit<KeptAction, 'ordinal'>> = fc.record({
  ...{ id: fc.constantFrom(...ids), clock, isConfirmed: fc.boolean() },
})

const question: fc.Arbitrary<TakingIn> = fc
  .record({
    filed: fc.uniqueArray(filed, unique),
    kept: fc.uniqueArray(kept, unique),
    answered: fc.array(fc.constantFrom(...ids)),
    lastOrdinal: fc.nat({ max: 20 }),
    lastClock: fc.option(clock),
  })
  .map(({ kept: own, answered, ...rest }) => ({
    ...{ ...rest, clientId, nowMs },
    kept: own.map((action, place) => ({ ...action, ordinal: 2 * place + 1 })),
    answered: new Set(answered),
  }))

const order = (numbers: ReadonlyMap<string, { ordinal: number }>, of: readonly { id: string }[]) =>
  of.map(({ id }) => numbers.get(id)?.ordinal ?? Number.NaN)
const isGrowing = (values: readonly (number | string)[]) =>
  values.every((value, place) => place === 0 || (values[place - 1] ?? '') < value)

describe('taking in a file of pending work', () => {
  test('[OUT-2] nothing is lost: each action was here, was answered, or is new, and everything kept has a number', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { fresh, alreadyHere, answered, numbers, lastOrdinal } = planTakingIn(asked)
        expect(fresh.length + alreadyHere + answered).toBe(asked.filed.length)
        const all = [...asked.kept, ...fresh].map(({ id }) => id)
        expect(new Set(numbers.keys())).toEqual(new Set(all))
        expect(lastOrdinal).toBe(asked.lastOrdinal + all.length)
        const ordinals = [...numbers.values()].map(({ ordinal }) => ordinal).sort((left, right) => left - right)
        expect(ordinals).toEqual(all.map((_, place) => asked.lastOrdinal + place + 1))
        for (const action of asked.filed.filter(({ wasConfirmed }) => wasConfirmed))
          expect(numbers.has(action.id)).toBe(true)
      }),
    )
  })

  test('[OUT-2, HLC-4] what was done on either device keeps its order, and clocks grow with the ordinal', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { fresh, numbers } = planTakingIn(asked)
        expect(isGrowing(order(numbers, asked.kept))).toBe(true)
        expect(isGrowing(order(numbers, fresh))).toBe(true)
        const canonical = new Set(asked.kept.filter(({ isConfirmed }) => isConfirmed).map(({ id }) => id))
        const inOrder = [...numbers].sort(([, left], [, right]) => left.ordinal - right.ordinal)
        for (const [place, [id, { clock: own }]] of inOrder.entries()) {
          const before = inOrder.slice(0, place).map(([, number]) => number.clock)
          if (!canonical.has(id)) expect(before.every((earlier) => earlier < own)).toBe(true)
        }
      }),
    )
  })

  test('[OUT-2] a clock is kept where it is of this time and in order, and canonical ones always', () => {
    const honest = question.map((asked) => {
      const before = ({ clock: own }: { clock: string }) => decodeClock(own).ms <= nowMs
      const sorted = <Action extends { clock: string }>(actions: readonly Action[]) =>
        actions.filter(before).sort((left, right) => (left.clock < right.clock ? -1 : 1))
      return { ...asked, kept: sorted(asked.kept), filed: sorted(asked.filed) }
    })
    fc.assert(
      fc.property(honest, (asked) => {
        const { fresh, numbers } = planTakingIn(asked)
        const clocks = [...asked.kept, ...fresh].map(({ clock: own }) => own)
        fc.pre(new Set(clocks).size === clocks.length)
        for (const { id, clock: own } of [...asked.kept, ...fresh]) expect(numbers.get(id)?.clock).toBe(own)
      }),
    )
  })

  test('[OUT-2, HLC-3, FM-42] a file brings no clock of the future', () => {
    fc.assert(
      fc.property(question, (asked) => {
        fc.pre(asked.kept.every(({ clock: own }) => decodeClock(own).ms <= nowMs))
        const { numbers } = planTakingIn(asked)
        for (const { clock: own } of numbers.values()) expect(decodeClock(own).ms).toBeLessThanOrEqual(nowMs + 10_000)
      }),
    )
  })

  test('[OUT-2, HLC-2] what is done next comes after all of it', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { numbers, lastClock } = planTakingIn(asked)
        for (const { clock: own } of numbers.values()) expect(own <= (lastClock ?? '')).toBe(true)
        if (asked.lastClock !== null) expect(asked.lastClock <= (lastClock ?? '')).toBe(true)
      }),
    )
  })
})
