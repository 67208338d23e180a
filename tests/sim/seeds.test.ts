/**
 * A few seeds in this very process, as `npm run sim` runs thousands in threads of their own: for debuggers and for
 * `npm run coverage`, which follows no threads. `SIM_SEEDS=100 npx vitest run tests/sim/seeds.test.ts` runs more.
 */
import { expect, test } from 'vitest'
import { memoryGround } from './memory/ground'
import { runSeed } from './run'

const seeds = Number(process.env.SIM_SEEDS ?? 3)

test(`[CON-1, ORA-1] ${seeds} seeds end in agreement, in this process too`, { timeout: 600_000 }, async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { failure } = await runSeed(memoryGround, { seed, steps: 200, without: new Set(), checkEvery: 1 })
    expect(failure, `npm run sim -- --seed ${seed} --trace`).toBeNull()
  }
})
