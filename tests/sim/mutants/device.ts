/** Planted bugs in a device: executing, receiving, starting, obeying. */
import type { Mutant } from './mutant'

const receive = 'lib/sync/device/receive.ts'
const recover = 'lib/sync/device/recover.ts'

export const ofDevices: readonly Mutant[] = [
  {
    name: 'cursors are saved before and outside of the transaction that applies',
    cites: ['REC-1', 'FM-06'],
    changes: [
      {
        file: receive,
        find: '  return context.store.transaction((tx) => receiveIn(context, tx, { answer, staged: null }))',
        replace: `  const before = await context.store.transaction(async (tx) => {
    const known = await tx.meta.readCursors()
    const { audiences } = await tx.meta.readMeta()
    await tx.meta.writeCursors(planArrival(answer, { cursors: known, audiences }).cursors.values())
    return known
  })
  return context.store.transaction((tx) => receiveIn(context, tx, { answer, staged: null, before }))`,
      },
      { file: receive, find: '  { answer, staged }: Arrived,', replace: '  { answer, staged, before }: any,' },
      {
        file: receive,
        find: 'planArrival(answer, { cursors: await tx.meta.readCursors(), audiences: meta.audiences })',
        replace: 'planArrival(answer, { cursors: before ?? (await tx.meta.readCursors()), audiences: meta.audiences })',
      },
    ],
  },
  {
    name: 'rows are applied on top of the provisional layer',
    cites: ['REC-1'],
    changes: [
      {
        file: receive,
        find: 'if (isTakenBack) await takeBackLayer(tx)',
        replace: 'if (isTakenBack) await tx.rows.enterEngine()',
      },
    ],
  },
  {
    name: 'rows of a lost audience stay',
    cites: ['AUD-5', 'FM-68'],
    changes: [
      {
        file: 'lib/sync/device/apply.ts',
        find: 'await tx.rows.removeAudiences(arrival.lost)',
        replace: 'await tx.rows.removeAudiences([])',
      },
    ],
  },
  {
    name: 'actions are sent whose outbox write is not done',
    cites: ['EXE-1', 'CX-49'],
    survives:
      'Not caught by the seeds of one run: the write must fail in the one turn between; execute.test.ts has it.',
    changes: [
      {
        file: 'lib/sync/device/exchange.ts',
        find: '(row) => !context.unwritten.has(row.id) && !answered.has(row.id)',
        replace: '(row) => !answered.has(row.id)',
      },
    ],
  },
  {
    name: 'an action whose outbox write failed stays in the database',
    cites: ['EXE-1', 'CX-49'],
    changes: [{ file: 'lib/sync/device/execute.ts', find: '  await withdraw(context, ids)\n', replace: '' }],
  },
  {
    name: 'the call resolves before the outbox write is done',
    cites: ['EXE-1'],
    changes: [
      {
        file: 'lib/sync/device/execute.ts',
        find: 'await stored(context, call.id, writing)',
        replace: 'void stored(context, call.id, writing).catch(() => undefined)',
      },
    ],
  },
  {
    name: 'two actions get one ordinal',
    cites: ['EXE-1', 'FM-48'],
    changes: [
      {
        file: 'lib/sync/device/execute.ts',
        find: 'context.identity = { ...identity, lastOrdinal: ordinal, lastClock: clock }',
        replace: 'context.identity = { ...identity, lastClock: clock }',
      },
    ],
  },
  {
    name: 'a reset does not offer what was confirmed',
    cites: ['OUT-1', 'FM-53', 'CX-25'],
    changes: [
      {
        file: recover,
        find: 'const fresh = records.filter((record) => !known.has(record.id))',
        replace: 'const fresh = records.filter((record) => !known.has(record.id) && record.confirmedAtMs === null)',
      },
    ],
  },
  {
    name: 'a reset keeps the last confirmed id',
    cites: ['OUT-1', 'CX-41'],
    changes: [
      {
        file: recover,
        find: 'await tx.meta.writeMeta({ epoch: null, last_confirmed: null, served_clock: null })',
        replace: 'await tx.meta.writeMeta({ epoch: null, served_clock: null })',
      },
    ],
  },
  {
    name: 'a reset keeps cursors of the lost history',
    cites: ['OUT-1'],
    changes: [{ file: recover, find: "    await tx.meta.dropCursors('all')\n", replace: '' }],
  },
  {
    name: 'a reset keeps receipts of the lost history',
    cites: ['OUT-1', 'CX-36'],
    changes: [{ file: recover, find: '    await tx.receipts.dropReceipts()\n', replace: '' }],
  },
  {
    name: 'retention ends on start, by the clock of the device',
    cites: ['OUT-1'],
    changes: [
      { file: recover, find: '  const nowMs = correctedNow(context)\n', replace: '  const nowMs = context.now()\n' },
      {
        file: 'lib/sync/device/engine.ts',
        find: "import { readIdentity, recover, resync } from './recover'",
        replace: "import { endRetention, readIdentity, recover, resync } from './recover'",
      },
      {
        file: 'lib/sync/device/engine.ts',
        find: '  const rerun = await recover(context, isLayerGone)\n',
        replace: '  const rerun = await recover(context, isLayerGone)\n  await endRetention(context)\n',
      },
    ],
  },
  {
    name: 'a restamp starts above the runaway clock of the device',
    cites: ['HLC-3', 'CX-9c', 'FM-41'],
    changes: [
      {
        file: 'lib/sync/device/renumber.ts',
        find: 'const above = laterClock(answer.above, servedClock)',
        replace: 'const above = laterClock(context.identity.lastClock, laterClock(answer.above, servedClock))',
      },
    ],
  },
  {
    name: 'a restamp lowers the clocks and not the last clock of the device',
    cites: ['HLC-3', 'CX-9c'],
    changes: [
      {
        file: 'lib/sync/device/renumber.ts',
        find: 'context.identity = { ...context.identity, lastClock: planned.lastClock }',
        replace: 'context.identity = { ...context.identity }',
      },
    ],
  },
  {
    name: 'a fork renumbers the outbox and not the database',
    cites: ['HLC-4', 'CX-45', 'FM-48'],
    survives:
      'Not caught by the seeds of one run any more: numbers that collide end in another fork, and the next start mends them from the outbox. recover.test.ts has it.',
    changes: [
      {
        file: 'lib/sync/device/renumber.ts',
        find: '    await tx.pending.saveNumbers(changed)\n    await tx.meta.writeMeta({ client_id: clientId,',
        replace: '    await tx.meta.writeMeta({ client_id: clientId,',
      },
    ],
  },
  {
    name: 'the live tail applies beyond a gap',
    cites: ['REC-1', 'SHP-4'],
    changes: [
      {
        file: receive,
        find: '    const plan = planTail(entries,',
        replace: `    for (const { audience, seq, previousToken: token } of entries) {
      const cursor = (await tx.meta.readCursors()).get(audience)
      if (cursor && seq > cursor.seq + 1) await tx.meta.writeCursors([{ ...cursor, seq: seq - 1, token }])
    }
    const plan = planTail(entries,`,
      },
    ],
  },
  {
    name: 'the live tail does not look at tokens',
    cites: ['REC-1', 'SHP-4', 'ING-5'],
    changes: [
      {
        file: receive,
        find: '    const plan = planTail(entries,',
        replace: `    for (const { audience, seq, previousToken: token } of entries) {
      const cursor = (await tx.meta.readCursors()).get(audience)
      if (cursor && seq === cursor.seq + 1) await tx.meta.writeCursors([{ ...cursor, token }])
    }
    const plan = planTail(entries,`,
      },
    ],
  },
  {
    name: 'the live tail takes in what follows of a batch with a gap',
    cites: ['REC-1', 'SHP-4'],
    survives:
      'It heals: the guards of applying decide row by row, and the exchange that follows brings the rest. plan-tail.test.ts has it.',
    changes: [
      {
        file: 'lib/sync/core/plan-tail.ts',
        find: "  if (plan.hasGap) return 'exchange'\n",
        replace: '',
      },
    ],
  },
  {
    name: 'an action counts as waiting only once it is read for screens',
    cites: ['EXE-1'],
    changes: [
      {
        file: 'lib/sync/device/screen.ts',
        find: 'Math.max(overview.waitingCount, actedCount > readCount ? 1 : 0)',
        replace: 'overview.waitingCount',
      },
    ],
  },
]
