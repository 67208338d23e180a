import { describe, expect, test } from 'vitest'
import { encodeClock } from './hlc'
import { type Kept, planIdentity, planRecovery } from './plan-recovery'

const clientId = '00000000-0000-4000-8000-000000000001'
const clock = (ms: number) => encodeClock({ ms, counter: 0, clientId })

const kept = (id: string, ordinal: number, fields: Partial<Kept> = {}) => ({
  id,
  ordinal,
  clock: clock(ordinal),
  failures: 0,
  hold: null,
  wasConfirmed: false,
  confirmedAtMs: null as number | null,
  ...fields,
})

function recover(fields: {
  pending?: ReturnType<typeof kept>[]
  outbox?: ReturnType<typeof kept>[]
  settled?: [string, { status: 'applied' | 'refused'; clock: string | null }][]
}) {
  const { insert, write, correct, ...plan } = planRecovery({
    pending: fields.pending ?? [],
    outbox: fields.outbox ?? [],
    settled: new Map(fields.settled),
    isConfirmedMark: (row) => row.wasConfirmed,
  })
  const ids = (rows: readonly { id: string }[]) => rows.map((row) => row.id)
  return { ...plan, insert: ids(insert), write: ids(write), correct: ids(correct) }
}

describe('planRecovery', () => {
  test('[EXE-1] nothing to do when both tell the same', () => {
    const plan = recover({ pending: [kept('x', 1)], outbox: [kept('x', 1)] })
    expect(plan).toMatchObject({ insert: [], write: [], correct: [], remove: [], needsRerun: false })
  })

  test('[OUT-1] what only the outbox has is run, also what was confirmed before PGlite was lost', () => {
    const confirmed = { ...kept('y', 2), confirmedAtMs: 9 }
    expect(recover({ outbox: [kept('x', 1), confirmed] })).toMatchObject({ insert: ['x', 'y'], needsRerun: true })
  })

  test('[EXE-1] CX-16 what only PGlite has is written to the outbox', () => {
    expect(recover({ pending: [kept('x', 1)] })).toMatchObject({ write: ['x'], needsRerun: false })
  })

  test('[HLC-3] CX-9d on start the clocks of the outbox win, and the layer is built anew', () => {
    const plan = recover({ pending: [kept('x', 1, { clock: clock(900) })], outbox: [kept('x', 1)] })
    expect(plan).toMatchObject({ correct: ['x'], needsRerun: true })
  })

  test('[ING-6] marks of the outbox win without another run', () => {
    const hold = { kind: 'poison', reason: 'failing', build: null, atMs: 5 } as const
    const plan = recover({ pending: [kept('x', 1)], outbox: [kept('x', 1, { failures: 3, hold })] })
    expect(plan).toMatchObject({ correct: ['x'], needsRerun: false })
  })

  test('[AUD-4] CX-34 the mark "was confirmed" survives a crash between the two stores', () => {
    const plan = recover({ pending: [kept('x', 1)], outbox: [{ ...kept('x', 1), confirmedAtMs: 5 }] })
    expect(plan).toMatchObject({ correct: ['x'] })
  })

  test('[OUT-1] settled actions are marked with their canonical clock, refused ones leave the outbox', () => {
    const plan = recover({
      outbox: [kept('x', 1), kept('y', 2), { ...kept('z', 3), confirmedAtMs: 1 }],
      settled: [
        ['x', { status: 'applied', clock: clock(50) }],
        ['y', { status: 'refused', clock: null }],
        ['z', { status: 'applied', clock: clock(3) }],
      ],
    })
    expect(plan).toMatchObject({ insert: [], mark: new Map([['x', clock(50)]]), remove: ['y'], needsRerun: false })
  })
})

describe('planIdentity', () => {
  const database = { clientId: null, lastOrdinal: 0, servedClock: null }
  const ask = (fields: Partial<Parameters<typeof planIdentity>[0]>) =>
    planIdentity({ outbox: null, database, actions: [], newClientId: 'new', ...fields })

  test('[HLC-1] a new device starts at nothing', () => {
    expect(ask({})).toEqual({ clientId: 'new', lastOrdinal: 0, lastClock: null })
  })

  test('[EXE-1] ordinal and clock continue above the greater of the two', () => {
    const outbox = { clientId, lastOrdinal: 4, lastClock: clock(4) }
    expect(ask({ outbox, database: { clientId, lastOrdinal: 6, servedClock: clock(5) } })).toMatchObject({
      lastOrdinal: 6,
      lastClock: clock(5),
    })
    expect(ask({ outbox, actions: [{ ordinal: 9, clock: clock(9) }] })).toMatchObject({
      lastOrdinal: 9,
      lastClock: clock(9),
    })
  })

  test('[OUT-1] with the outbox lost, PGlite still knows who the device is', () => {
    expect(ask({ database: { clientId, lastOrdinal: 3, servedClock: null } })).toMatchObject({
      clientId,
      lastOrdinal: 3,
    })
  })

  test('[HLC-4] after a fork that PGlite missed, the numbers of the old client do not count', () => {
    const outbox = { clientId, lastOrdinal: 2, lastClock: clock(2) }
    const plan = ask({ outbox, database: { clientId: 'old', lastOrdinal: 90, servedClock: null } })
    expect(plan).toMatchObject({ clientId, lastOrdinal: 2 })
  })
})
