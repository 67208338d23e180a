/** Planted bugs at the far end of history and in deploys: seals, floors, budgets, builds. */
import type { Mutant } from './mutant'

const ingest = 'lib/sync/server/ingest.ts'
const serving = 'lib/sync/server/serving.ts'

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
  {
    name: 'a build with other code seals nothing',
    cites: ['DEP-1', 'CX-7'],
    changes: [
      {
        file: serving,
        find: 'const sealed = standing.changed.length > 0 ? await tx.deploys.sealEverything() : 0',
        replace: 'const sealed = 0',
      },
    ],
  },
  {
    name: 'an older build goes on working beside a newer one',
    cites: ['DEP-1'],
    changes: [
      {
        file: 'lib/sync/core/deploy.ts',
        find: "if (build < letIn) return turnedAway('outdated', running, state)",
        replace: "if (build < letIn) return { kind: 'current' }",
      },
    ],
  },
  {
    name: 'an older build is let in again by its number alone',
    cites: ['DEP-1', 'CX-48'],
    survives: 'Deploys are taken back too rarely here for a late arrival to meet one. serving.test.ts has it.',
    changes: [
      {
        file: serving,
        find: '    await tx.deploys.sealEverything()\n    await tx.deploys.writeDeploy({ build,',
        replace: '    await tx.deploys.writeDeploy({ build,',
      },
    ],
  },
  {
    name: 'the build is not looked at again under the locks',
    cites: ['DEP-1'],
    survives: 'The newer build must come within one exchange of the older one. serving.test.ts has it.',
    changes: [
      {
        file: 'lib/sync/server/ingest.ts',
        find: '    await stillServing(engine, tx)\n',
        replace: '    void stillServing\n',
      },
    ],
  },
]
