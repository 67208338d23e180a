import { runCampaign } from './campaign'
import { type StoreKind, storeKinds } from './options'

/** Counted by checks, which look at real databases less often. */
const countedByChecks = new Set(['at rest', 'run twice'])
const seeds = 12

/** The same seeds on every store must come to the same counters: one schedule, three databases. */
export async function compareStores(): Promise<{ passed: number; failed: number }> {
  const counts = new Map<number, Map<StoreKind, string>>()
  for (const store of storeKinds) {
    await runCampaign({
      options: { seeds, from: 1, steps: 200, store, without: [] },
      onReport: ({ seed, counts: counted, failure }) => {
        const own = Object.entries(counted).filter(([name]) => !countedByChecks.has(name))
        const bySeed = counts.get(seed) ?? new Map<StoreKind, string>()
        counts.set(seed, bySeed.set(store, failure ? failure.message : JSON.stringify(own)))
      },
    })
  }
  let failed = 0
  for (const [seed, byStore] of counts) {
    if (new Set(byStore.values()).size === 1) continue
    failed += 1
    for (const [store, counted] of byStore) console.log(`Seed ${seed} on ${store}: ${counted}`)
  }
  return { passed: seeds - failed, failed }
}
