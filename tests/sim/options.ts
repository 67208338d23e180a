import { z } from 'zod'

export const storeKinds = ['memory', 'pglite', 'postgres'] as const
export type StoreKind = (typeof storeKinds)[number]

/** What a campaign is told. */
export const campaignOptions = z.object({
  seeds: z.number().int().min(1),
  from: z.number().int().min(0),
  steps: z.number().int().min(1),
  /** Where the databases are. On `postgres` the server's is; devices are in memory then, they never are on Postgres. */
  store: z.enum(storeKinds),
  /** Steps to leave out of every seed. */
  without: z.array(z.number().int()),
})
export type CampaignOptions = z.infer<typeof campaignOptions>

/** The one command that repeats a seed. */
export function repeating(options: Pick<CampaignOptions, 'steps' | 'store' | 'without'>, seed: number): string {
  const { steps, store, without } = options
  const left = without.length > 0 ? ` --without ${without.join(',')}` : ''
  return `npm run sim -- --seed ${seed} --steps ${steps} --store ${store}${left} --trace`
}
