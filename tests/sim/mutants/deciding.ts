/** Planted bugs in what decides: `lib/sync/core`. */
import type { Mutant } from './mutant'

export const deciding: readonly Mutant[] = [
  {
    name: 'two actions of one device in one millisecond get one clock',
    cites: ['HLC-2'],
    changes: [
      {
        file: 'lib/sync/core/hlc.ts',
        find: '? encodeClock({ ms, counter: counter + 1, clientId })',
        replace: '? encodeClock({ ms, counter, clientId })',
      },
    ],
  },
  {
    name: 'the replay set forgets what a newcomer only reads',
    cites: ['ING-3', 'CX-10'],
    changes: [
      {
        file: 'lib/sync/core/replay-set.ts',
        find: 'for (const audience of [...action.writes, ...action.reads]) named.add(audience)',
        replace: 'for (const audience of action.writes) named.add(audience)',
      },
    ],
  },
  {
    name: 'the replay set leaves out those that only read what was written',
    cites: ['ING-3'],
    changes: [
      {
        file: 'lib/sync/core/replay-set.ts',
        find: 'action.reads.some((audience) => written.has(audience))',
        replace: 'false',
      },
    ],
  },
  {
    name: 'the replay set does not go on from its members to what they wrote',
    cites: ['ING-3'],
    changes: [
      {
        file: 'lib/sync/core/replay-set.ts',
        find: 'for (const audience of action.writes) written.add(audience)',
        replace: 'if (isNew.has(action.id)) for (const audience of action.writes) written.add(audience)',
      },
      {
        file: 'lib/sync/core/replay-set.ts',
        find: 'for (const audience of [...action.writes, ...action.reads]) named.add(audience)',
        replace:
          'if (isNew.has(action.id)) for (const audience of [...action.writes, ...action.reads]) named.add(audience)',
      },
    ],
  },
  {
    name: 'a correction starts from before the old patches instead of after them',
    cites: ['ING-4'],
    changes: [
      {
        file: 'lib/sync/core/images.ts',
        find: 'const before = old ? old.after : (fresh?.before ?? null)',
        replace: 'const before = old ? old.before : (fresh?.before ?? null)',
      },
    ],
  },
  {
    name: 'a row that moves is not deleted in the audience it leaves',
    cites: ['AUD-1', 'FM-69'],
    changes: [
      {
        file: 'lib/sync/core/images.ts',
        find: 'if (from !== null && from !== to) add(from',
        replace: 'if (from !== null && to === null) add(from',
      },
    ],
  },
  {
    name: 'a delete counts wherever the row lies by now',
    cites: ['APP-1', 'CX-38'],
    changes: [
      {
        file: 'lib/sync/core/squash.ts',
        find: 'if (event.image === null ? audience !== event.audience : !isNewer) continue',
        replace: 'if (event.image !== null && !isNewer) continue',
      },
    ],
  },
  {
    name: 'an image counts although the device has a newer one from another audience',
    cites: ['APP-1', 'CX-38'],
    survives: 'Not caught by the seeds of one run; squash.test.ts has it.',
    changes: [
      {
        file: 'lib/sync/core/squash.ts',
        find: 'if (event.image === null ? audience !== event.audience : !isNewer) continue',
        replace: 'if (event.image === null && audience !== event.audience) continue',
      },
    ],
  },
  {
    name: 'of what an answer brought all deletes are applied first, then all images',
    cites: ['APP-1', 'CX-1b'],
    changes: [
      {
        file: 'lib/sync/core/squash.ts',
        find: 'left.stamp - right.stamp || isImage(left) - isImage(right)',
        replace: 'isImage(left) - isImage(right) || left.stamp - right.stamp',
      },
    ],
  },
  {
    name: 'what an answer brought is applied audience by audience',
    cites: ['ORD-1', 'CX-1'],
    changes: [
      {
        file: 'lib/sync/core/squash.ts',
        find: 'left.stamp - right.stamp || isImage(left) - isImage(right)',
        replace: 'left.audience.localeCompare(right.audience)',
      },
      {
        file: 'lib/sync/core/squash.ts',
        find: 'if (event.image === null ? audience !== event.audience : !isNewer) continue',
        replace: 'void isNewer',
      },
    ],
  },
  {
    name: 'rows that a snapshot no longer has stay on the device',
    cites: ['APP-1'],
    changes: [
      {
        file: 'lib/sync/core/squash.ts',
        find: 'if (row.audience === audience && !inSnapshot.has(rowId(row)))',
        replace: 'if (false as boolean)',
      },
    ],
  },
  {
    name: 'an action is confirmed by its receipt alone, before its entries are here',
    cites: ['REC-3'],
    changes: [
      {
        file: 'lib/sync/core/plan-rebase.ts',
        find: '  return hasReached(receipt.positions, view)\n',
        replace: '  return true || hasReached(receipt.positions, view)\n',
      },
    ],
  },
  {
    name: 'an own action whose entry has arrived runs again on top of it',
    cites: ['REC-3', 'CX-12'],
    survives:
      'Equivalent as long as entries come by exchange alone: an entry and the receipt of its action have one stamp and never come apart. plan-rebase.test.ts has it; the live tail will need it.',
    changes: [
      {
        file: 'lib/sync/core/plan-rebase.ts',
        find: "return action.place === 'log' || arrivedIds.has(action.id) || status === 'rejected' ? 'log' : 'layer'",
        replace: "return action.place === 'log' || status === 'rejected' ? 'log' : 'layer'",
      },
    ],
  },
  {
    name: 'an older receipt takes the place of a newer one',
    cites: ['ING-4', 'CX-13b'],
    survives:
      'Needs a replay by another server between the ingest and the read of one exchange; answers to superseded requests are dropped before. plan-rebase.test.ts has it.',
    changes: [
      {
        file: 'lib/sync/core/plan-rebase.ts',
        find: 'if (receipt.revision >= revision) newest',
        replace: 'if (receipt.revision >= 0 * revision) newest',
      },
    ],
  },
  {
    name: 'a search for a bad action goes on when nothing of the failed push is left',
    cites: ['ING-6'],
    changes: [
      {
        file: 'lib/sync/core/push-loop.ts',
        find: 'const isOver = offered === 0 || offered >= pace.left',
        replace: 'const isOver = offered >= pace.left',
      },
    ],
  },
  {
    name: 'what only the outbox knows is not run on start',
    cites: ['EXE-1', 'CX-16', 'FM-56'],
    changes: [{ file: 'lib/sync/core/plan-recovery.ts', find: 'insert.push(record)', replace: 'void record' }],
  },
  {
    name: 'what only the database knows is not written to the outbox on start',
    cites: ['EXE-1', 'CX-16', 'FM-56'],
    changes: [
      {
        file: 'lib/sync/core/plan-recovery.ts',
        find: 'const write = question.pending.filter((row) => !outboxIds.has(row.id))',
        replace: 'const write = question.pending.filter((row) => outboxIds.has(row.id) && false)',
      },
    ],
  },
  {
    name: 'what makes two offers the same includes the clock',
    cites: ['ING-2', 'CX-9b'],
    survives:
      'Known ids are answered together with `ahead`, so no device restamps what was accepted. tests/failures and known-ids.test.ts have it.',
    changes: [
      {
        file: 'lib/sync/core/canonical-json.ts',
        find: 'canonicalJson([body.name, body.version, body.input, body.author])',
        replace:
          'canonicalJson([body.name, body.version, body.input, body.author, (body as { clock?: string }).clock])',
      },
    ],
  },
]
