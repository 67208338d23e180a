/** Planted bugs in large snapshots and in digests. */
import type { Mutant } from './mutant'

const loading = 'lib/sync/device/loading.ts'

export const ofStreams: readonly Mutant[] = [
  {
    name: 'a snapshot that was cut off counts as whole',
    cites: ['SNAP-1', 'FM-31'],
    changes: [{ file: loading, find: '  reader.finish()\n', replace: '' }],
  },
  {
    name: 'a snapshot is loaded onto what another one left on the stage',
    cites: ['SNAP-1', 'FM-07'],
    changes: [
      { file: loading, find: '        await context.store.transaction((tx) => tx.stage.open())\n', replace: '' },
    ],
  },
  {
    name: 'a snapshot comes without receipts of what is pending',
    cites: ['SNAP-1', 'REC-3'],
    survives:
      'Not caught by the seeds of one run: the exchange that follows a load brings the same receipts, and until then it is a preview. large.test.ts has it.',
    changes: [{ file: 'lib/sync/server/snapshot.ts', find: '{ ids: pendingIds,', replace: '{ ids: [],' }],
  },
  {
    name: 'a snapshot comes without receipts of what was done while it was read',
    cites: ['SNAP-1', 'REC-3'],
    survives:
      'Not caught by the seeds of one run: the exchange that follows a load brings the same receipts, and until then it is a preview. large.test.ts has it.',
    changes: [
      { file: 'lib/sync/server/snapshot.ts', find: 'after: lastOrdinal', replace: 'after: lastOrdinal + 1_000' },
    ],
  },
  {
    name: 'digests are compared although the server has news',
    cites: ['CON-1', 'FM-21'],
    changes: [
      {
        file: 'lib/sync/server/read.ts',
        find: 'cursorOf.get(head.audience)?.seq === head.head',
        replace: 'cursorOf.has(head.audience)',
      },
    ],
  },
  {
    name: 'digests are taken on top of what is pending',
    cites: ['CON-1', 'REC-2'],
    changes: [{ file: 'lib/sync/device/digests.ts', find: '  if (hasLayer) await takeBackLayer(tx)\n', replace: '' }],
  },
  {
    name: 'an answer is taken that was asked for before everything was dropped',
    cites: ['REC-1', 'SNAP-1'],
    survives:
      'Not caught by the seeds of one run: where it does not fit what is here now, tokens and epochs say so. The check only spares a round.',
    changes: [
      {
        file: 'lib/sync/device/exchange.ts',
        find: '  if (context.beginnings !== built.beginnings)',
        replace: '  if (context.beginnings < built.beginnings)',
      },
    ],
  },
]
