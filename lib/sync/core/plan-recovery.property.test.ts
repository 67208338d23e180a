import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeClock } from './hlc'
import { type Kept, type KeptInOutbox, type KnownIdentity, planIdentity, planRecovery } from './plan-recovery'
import type { Receipt } from './protocol'
import type { Hold } from './push-plan'

const clients = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
const ids = ['1', '2', '3', '4', '5']
const clock = fc
  .record({ ms: fc.nat({ max: 5 }), counter: fc.nat({ max: 1 }), clientId: fc.constantFrom(...clients) })
  .map(encodeClock)
const hold: fc.Arbitrary<Hold> = fc.record({
  kind: fc.constantFrom('answered', 'poison'),
  reason: fc.constant('reason'),
  build: fc.constant(null),
  atMs: fc.nat({ max: 2 }),
})
const numbers = { ordinal: fc.integer({ min: 1, max: 6 }), clock, failures: fc.nat({ max: 1 }), hold: fc.option(hold) }

type Row = Kept & { readonly wasConfirmed: boolean }
type Outcome = Pick<Receipt, 'status' | 'clock'>

interface Stores {
  readonly pending: readonly Row[]
  readonly outbox: readonly KeptInOutbox[]
  readonly settled: ReadonlyMap<string, Outcome>
}

const uniqueById = { selector: (row: { id: string }) => row.id, maxLength: 5 }
const row: fc.Arbitrary<Row> = fc.record({ id: fc.constantFrom(...ids), ...numbers, wasConfirmed: fc.boolean() })
const kept: fc.Arbitrary<KeptInOutbox> = fc.record({
  ...{ id: fc.constantFrom(...ids), ...numbers },
  confirmedAtMs: fc.option(fc.nat({ max: 3 })),
})
const outcome: fc.Arbitrary<Outcome> = fc.record({
  status: fc.constantFrom('applied', 'rejected', 'refused'),
  clock: fc.option(clock),
})

/** Two stores that crashes have left anyhow. What PGlite alone has was never confirmed: the mark is made in the outbox. */
const stores: fc.Arbitrary<Stores> = fc
  .record({
    pending: fc.uniqueArray(row, uniqueById),
    outbox: fc.uniqueArray(kept, uniqueById),
    settled: fc.array(fc.tuple(fc.constantFrom(...ids), outcome)).map((pairs) => new Map(pairs)),
  })
  .map(({ pending, outbox, settled }) => {
    const inOutbox = new Set(outbox.map(({ id }) => id))
    const rows = pending.map((each) => (inOutbox.has(each.id) ? each : { ...each, wasConfirmed: false }))
    // A settled action has left `pending` in the transaction that brought its receipt.
    return {
      pending: rows,
      outbox,
      settled: new Map([...settled].filter(([id]) => !rows.some((each) => each.id === id))),
    }
  })

const plan = ({ pending, outbox, settled }: Stores) =>
  planRecovery({ pending, outbox, settled, isConfirmedMark: (each: Row) => each.wasConfirmed })

/** As `device/recover` carries it out. */
function recovered(before: Stores): Stores {
  const { insert, write, correct, mark, remove } = plan(before)
  const rowOf = ({ confirmedAtMs, ...record }: KeptInOutbox): Row => ({
    ...record,
    wasConfirmed: confirmedAtMs !== null,
  })
  const corrected = new Map(correct.map((record) => [record.id, rowOf(record)]))
  const marked = (record: KeptInOutbox) => {
    const canonical = mark.get(record.id)
    return canonical ? { ...record, clock: canonical, confirmedAtMs: 9, failures: 0, hold: null } : record
  }
  return {
    pending: [...before.pending.map((each) => corrected.get(each.id) ?? each), ...insert.map(rowOf)],
    outbox: [
      ...before.outbox.filter(({ id }) => !remove.includes(id)).map(marked),
      ...write.map(({ wasConfirmed: _, ...each }) => ({ ...each, confirmedAtMs: null })),
    ],
    settled: before.settled,
  }
}

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).sort()

describe('recovery, however two stores were left', () => {
  test('[EXE-1] [OUT-1] loses nothing of either: what is not settled is in both, and only what is refused goes', () => {
    const seen = { insert: 0, write: 0, correct: 0, mark: 0, remove: 0 }
    fc.assert(
      fc.property(stores, (before) => {
        const made = plan(before)
        const { pending, outbox } = recovered(before)
        const known = new Set([...idsOf(before.pending), ...idsOf(before.outbox)])
        const refused = [...before.settled].filter(([, { status }]) => status === 'refused').map(([id]) => id)
        expect(idsOf(outbox)).toEqual([...known].filter((id) => !refused.includes(id)).sort())
        expect(idsOf(pending)).toEqual([...known].filter((id) => !before.settled.has(id)).sort())
        seen.insert += made.insert.length
        seen.write += made.write.length
        seen.correct += made.correct.length
        seen.mark += made.mark.size
        seen.remove += made.remove.length
      }),
      { numRuns: 1_000 },
    )
    for (const many of Object.values(seen)) expect(many).toBeGreaterThan(50)
  })

  test('[EXE-1] both tell the same afterwards, in the words of the outbox, and a second recovery has nothing to do', () => {
    fc.assert(
      fc.property(stores, (before) => {
        const after = recovered(before)
        expect(plan(after)).toEqual({
          ...{ insert: [], write: [], correct: [], mark: new Map(), remove: [], needsRerun: false },
        })
        for (const record of before.outbox) {
          const found = after.pending.find(({ id }) => id === record.id)
          if (!found) continue
          const { confirmedAtMs, ...words } = record
          expect(found).toMatchObject({ ...words, hold: found.hold, wasConfirmed: confirmedAtMs !== null })
          expect([found.hold?.kind, found.hold?.atMs]).toEqual([record.hold?.kind, record.hold?.atMs])
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('[EXE-1] [HLC-3] the layer is built anew exactly when an action, an ordinal or a clock of it changes', () => {
    fc.assert(
      fc.property(stores, (before) => {
        const story = ({ pending }: Stores) =>
          pending.map(({ id, ordinal, clock: at }) => `${id} ${ordinal} ${at}`).sort()
        const isSame = JSON.stringify(story(before)) === JSON.stringify(story(recovered(before)))
        expect(plan(before).needsRerun).toBe(!isSame)
      }),
      { numRuns: 1_000 },
    )
  })

  test('[HLC-1] [EXE-1] ordinal and clock go on above everything either store knows of this client', () => {
    const identity: fc.Arbitrary<KnownIdentity> = fc.record({
      clientId: fc.constantFrom(...clients),
      lastOrdinal: fc.nat({ max: 9 }),
      lastClock: fc.option(clock),
    })
    const database = fc.record({
      clientId: fc.option(fc.constantFrom(...clients)),
      lastOrdinal: fc.nat({ max: 9 }),
      servedClock: fc.option(clock),
    })
    fc.assert(
      fc.property(fc.option(identity), database, fc.array(row), (outbox, given, actions) => {
        const { clientId, lastOrdinal, lastClock } = planIdentity({
          outbox,
          database: given,
          actions,
          newClientId: 'new',
        })
        const clocks = [outbox?.lastClock, given.servedClock, ...actions.map((action) => action.clock)]
        for (const each of clocks) expect(!each || (lastClock !== null && lastClock >= each)).toBe(true)
        for (const { ordinal } of actions) expect(lastOrdinal).toBeGreaterThanOrEqual(ordinal)
        expect(lastOrdinal).toBeGreaterThanOrEqual(outbox?.lastOrdinal ?? 0)
        if (given.clientId === clientId) expect(lastOrdinal).toBeGreaterThanOrEqual(given.lastOrdinal)
        expect(clientId).toBe(outbox?.clientId ?? given.clientId ?? 'new')
        expect(lastClock === null || clocks.includes(lastClock)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
