/** Planted bugs in the authority: admission, ingest, replay, log. */
import type { Mutant } from './mutant'

const admit = 'lib/sync/server/admit.ts'
const stamp = 'lib/sync/server/stamp.ts'
const paths = 'lib/sync/server/paths.ts'
const execute = 'lib/sync/server/execute.ts'
const record = 'lib/sync/server/record.ts'
const exchange = 'lib/sync/server/exchange.ts'

export const ofServers: readonly Mutant[] = [
  {
    name: 'a push is ingested before its cursors are checked',
    cites: ['ING-0', 'CX-33'],
    survives:
      'Rare: caught after 135 seeds of one campaign, not in 300 of another. What it breaks is held since AUD-4 (after-restore). exchange.test.ts has it.',
    changes: [
      {
        file: exchange,
        find: "  if (!isKnown) return answered(engine, { kind: 'reset', epoch, serverTimeMs })\n",
        replace: '',
      },
      { file: 'lib/sync/server/ingest.ts', find: '    await push.expectHistory?.(tx)\n', replace: '' },
      {
        file: exchange,
        find: '  const { behind, ...news } = await readOnly(engine',
        replace:
          "  if (!isKnown) return answered(engine, { kind: 'reset', epoch, serverTimeMs })\n  const { behind, ...news } = await readOnly(engine",
      },
    ],
  },
  {
    name: 'cursors of another history are believed',
    cites: ['ING-0', 'CX-8'],
    changes: [{ file: exchange, find: '!(await tx.log.cursorsBelong(request.cursors))', replace: 'false' }],
  },
  {
    name: 'everybody is admitted',
    cites: ['AUD-4', 'CX-3'],
    changes: [
      {
        file: admit,
        find: 'every((audience) => founded.includes(audience) || !missing.has(audience))',
        replace: 'every((audience) => founded.includes(audience) || !missing.has(audience) || true)',
      },
    ],
  },
  {
    name: 'what a restored server lost is refused like anything else',
    cites: ['AUD-4'],
    changes: [{ file: admit, find: 'if (offer.offered.wasConfirmed)', replace: 'if (offer.offered.id === "")' }],
  },
  {
    name: 'clocks of the future are accepted',
    cites: ['HLC-3', 'FM-41', 'AB-09'],
    changes: [
      {
        file: admit,
        find: 'decodeClock(offered.clock).ms > bound',
        replace: 'decodeClock(offered.clock).ms > bound * 2',
      },
    ],
  },
  {
    name: 'an action may stand before an earlier one of its own device',
    cites: ['HLC-4', 'CX-9'],
    changes: [
      {
        file: stamp,
        find: 'const isTooEarly = newcomer.clock <= floor || newcomer.clock <= sealedUntil',
        replace: 'const isTooEarly = newcomer.clock <= sealedUntil',
      },
    ],
  },
  {
    name: 'an ordinal is given twice and nobody minds',
    cites: ['HLC-4', 'CX-29', 'FM-48'],
    survives:
      'Two devices under one client id still come to one state; whose order is lost cannot be told apart there. admit.test.ts has it.',
    changes: [
      {
        file: admit,
        find: "if (holders.size > 0 || hasSharedOrdinals(fresh)) return { kind: 'fork' }",
        replace: 'void holders',
      },
    ],
  },
  {
    name: 'an arrival-ordered action is stamped with the time of the server alone',
    cites: ['ACT-5', 'CX-24'],
    changes: [
      {
        file: stamp,
        find: '? nextClock(laterClock(greatest, laterClock(floor, client?.lastClock ?? null)), engine.now(), newcomer.clientId)',
        replace: '? nextClock(laterClock(floor, client?.lastClock ?? null), engine.now(), newcomer.clientId)',
      },
    ],
  },
  {
    name: 'an arrival-ordered action keeps the clock of its device',
    cites: ['ACT-5', 'CX-10c'],
    changes: [
      {
        file: stamp,
        find: "const isArrival = newcomer.definition.order === 'arrival' || push.numbering === 'server'",
        replace: "const isArrival = push.numbering === 'server'",
      },
    ],
  },
  {
    name: 'a newcomer runs with what its author holds now, not at its place',
    cites: ['AUD-4', 'CX-3b'],
    changes: [
      {
        file: execute,
        find: '  if (!(await isAllowed(place, request))) return withoutAuthority\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a replay remembers who held what before it',
    cites: ['AUD-2', 'CX-2'],
    changes: [
      {
        file: execute,
        find: 'if (patches.some((patch) => this.grantTables.has(patch.table))) this.missingByQuestion.clear()',
        replace: 'void patches',
      },
      {
        file: execute,
        find: '  forget(): void {\n    this.missingByQuestion.clear()',
        replace: '  forget(): void {\n    void 0',
      },
    ],
  },
  {
    name: 'patches are not captured anew when an action is replayed',
    cites: ['ING-4'],
    changes: [{ file: paths, find: '  await place.tx.rows.dropPatches([id])\n', replace: '' }],
  },
  {
    name: 'an old action is put back as it was although something before it changed',
    cites: ['ING-4'],
    changes: [
      {
        file: paths,
        find: 'hasDiverged ||= outcome.patches.length > 0',
        replace: 'hasDiverged ||= outcome.patches.length > 1_000',
      },
    ],
  },
  {
    name: 'later actions are not rolled back before a late one runs',
    cites: ['ING-4', 'ROL-1'],
    changes: [{ file: paths, find: '  await tx.rows.rollBack(oldIds)\n', replace: '' }],
  },
  {
    name: 'a correction forgets what was undone',
    cites: ['ING-4'],
    changes: [
      {
        file: paths,
        find: 'correction: correctionOf(undone, standing.flat())',
        replace: 'correction: correctionOf([], standing.flat() && standing.flat().concat(undone.slice(0, 0)))',
      },
    ],
  },
  {
    name: 'nobody is told that a replay came to something else',
    cites: ['ING-4', 'CX-13'],
    changes: [{ file: record, find: '  await tx.history.reviseReceipts(changed)\n', replace: '' }],
  },
  {
    name: 'what a replay came to is not written down',
    cites: ['ORA-1'],
    changes: [{ file: record, find: '  await tx.history.reviseAccepted(revised)\n', replace: '' }],
  },
  {
    name: 'a late arrival is not announced, only its correction',
    cites: ['ING-4', 'CX-12b'],
    survives:
      'The receipt of the same stamp settles the action in the same page. late-path.test.ts has it; the live tail will need it.',
    changes: [
      {
        file: record,
        find: 'return [...announcements, ...corrections]',
        replace: 'return [...announcements.slice(0, 0), ...corrections]',
      },
    ],
  },
  {
    name: 'the stamp of an ingest is the clock of the server alone',
    cites: ['ING-5', 'FM-46'],
    changes: [
      {
        file: record,
        find: 'stamp: Math.max(engine.now() * 1_000, ...[...heads.values()].map((head) => head.lastStamp + 1)),',
        replace: 'stamp: engine.now() * 1_000,',
      },
    ],
  },
  {
    name: 'numbers of receipts are given before the others of their ingest are written',
    cites: ['ING-5'],
    survives: 'Not caught by the seeds of one run; ingest.test.ts and the contracts of the log have it.',
    changes: [
      {
        file: record,
        find: 'await tx.log.saveHeads([...heads.values()].filter((head) => head !== headsBefore.get(head.audience)))',
        replace: 'await tx.log.saveHeads([...headsBefore.values()])',
      },
    ],
  },
  {
    name: 'receipts tell of audiences their author has lost',
    cites: ['AUD-6', 'CX-11c'],
    changes: [
      {
        file: 'lib/sync/server/receipt-details.ts',
        find: 'if (known.length === positions.length) return receipt',
        replace: 'if (known.length <= positions.length) return receipt',
      },
    ],
  },
  {
    name: 'audiences that were lost are served on',
    cites: ['AUD-5', 'FM-68'],
    changes: [
      {
        file: 'lib/sync/server/read.ts',
        find: 'const audiences = await tx.rows.heldAudiences(userId)',
        replace:
          'const audiences = [...new Set([...(await tx.rows.heldAudiences(userId)), ...cursors.map((one) => one.audience)])].sort()',
      },
    ],
  },
  {
    name: 'a failed savepoint keeps what the late path did',
    cites: ['ING-6', 'CX-23'],
    survives: 'Late paths fail too rarely here; late-path.test.ts has it.',
    changes: [
      {
        file: 'lib/sync/server/ingest.ts',
        find: 'const path = await tx.inSavepoint(() => latePath(place, { newcomers, replaySet: members }))',
        replace: 'const path = await latePath(place, { newcomers, replaySet: members })',
      },
    ],
  },
]
