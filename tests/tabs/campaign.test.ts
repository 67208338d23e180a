import { describe, expect, test } from 'vitest'
import { afternoon, broken } from './campaign'

const seeds = Number(process.env.TAB_SEEDS ?? 100)
const first = Number(process.env.TAB_SEED ?? 1)

/** A campaign in which one of these never happened proves nothing. */
const mustHappen = [
  ...[
    'kill: leader',
    'close: leader',
    'freeze with notice: leader',
    'freeze without notice: leader',
    'kill: other tab',
  ],
  ...['worker hangs: leader', 'stolen', 'thawed', 'newer version', 'directory lost', 'directory left aside'],
  ...['write refused by term', 'ended', 'answered: done', 'answered: unavailable'],
]

describe('a campaign of many tabs', () => {
  test(`[TAB-1] each call is answered once, nothing acknowledged is lost or doubled (seeds ${first} to ${first + seeds - 1})`, async () => {
    const tally = new Map<string, number>()
    for (let seed = first; seed < first + seeds; seed += 1) {
      const world = await afternoon(seed)
      expect(broken(world), `TAB_SEED=${seed} TAB_SEEDS=1 npx vitest run tests/tabs/campaign.test.ts`).toEqual([])
      for (const [what, times] of world.happened()) tally.set(what, (tally.get(what) ?? 0) + times)
    }
    // biome-ignore lint/suspicious/noConsole: what a campaign was made of, for whoever asks.
    if (process.env.TAB_TALLY) console.log(Object.fromEntries([...tally].sort()))
    if (seeds >= 100) expect(mustHappen.filter((what) => !tally.has(what))).toEqual([])
  }, 600_000)
})
