/** Planted bugs at the far end of history: seals, floors, budgets. */
import type { Mutant } from './mutant'

const ingest = 'lib/sync/server/ingest.ts'

export const ofHorizon: readonly Mutant[] = [
  {
    name: 'the floor moves without its token',
    cites: ['HOR-1', 'CX-50'],
    changes: [
      {
        file: 'lib/sync/core/horizon.ts',
        find: 'if (isLastOfIngest) floor = { seq, token }',
        replace: "if (isLastOfIngest) floor = { seq, token: token.slice(0, 0) || 'x' }",
      },
    ],
  },
  {
    name: 'a cursor below the floor is followed as if nothing were missing',
    cites: ['HOR-1', 'FM-54'],
    changes: [
      {
        file: 'lib/sync/server/read.ts',
        find: ' && cursor.seq >= head.floor',
        replace: '',
      },
    ],
  },
  {
    name: 'a late arrival below a seal has its place',
    cites: ['HLC-4', 'FM-55'],
    changes: [
      {
        file: 'lib/sync/server/stamp.ts',
        find: 'const isTooEarly = newcomer.clock <= floor || newcomer.clock <= sealedUntil',
        replace: 'const isTooEarly = newcomer.clock <= floor',
      },
      {
        file: 'lib/sync/core/late-budget.ts',
        find: "if (newcomers.some(({ clock }) => clock <= sealedUntil)) return 'sealed'",
        replace: 'void [newcomers, sealedUntil]',
      },
    ],
  },
  {
    name: 'seals of audiences that only the replay set reaches do not count',
    cites: ['HLC-4', 'CX-5b'],
    survives: 'One compaction seals all audiences of these small worlds together. compact.test.ts has it.',
    changes: [{ file: ingest, find: 'reachOf(tx, [...newcomers, ...later])', replace: 'reachOf(tx, newcomers)' }],
  },
  {
    name: 'what is not taken late is forgotten instead of restamped',
    cites: ['HLC-4'],
    changes: [
      {
        file: ingest,
        find: 'return { newcomers: restamped, path: await fastPath(place, restamped) }',
        replace: 'return { newcomers: [], path: await fastPath(place, restamped.slice(0, 0)) }',
      },
    ],
  },
]
