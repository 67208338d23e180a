import { z } from 'zod'

/** What a campaign is told. */
export const campaignOptions = z.object({
  seeds: z.number().int().min(1),
  from: z.number().int().min(0),
  steps: z.number().int().min(1),
  /** Where the server's tables are; devices are on PGlite. */
  store: z.enum(['pglite', 'postgres']),
  /** Steps to leave out of every seed. */
  without: z.array(z.number().int()),
  /** Tell every step. */
  trace: z.boolean(),
  /** Look for fewer steps of a red seed that are red as well. */
  shorten: z.boolean(),
})
export type CampaignOptions = z.infer<typeof campaignOptions>

/** The environment variable by which a command hands other ones to the test file, as JSON. */
export const campaignVariable = 'BEAMLINE_SIM'

export interface SeedOptions extends Pick<CampaignOptions, 'steps' | 'trace' | 'store'> {
  readonly seed: number
  readonly without: readonly number[]
}

/** The one command that repeats a seed. */
export function repeating({ seed, steps, store, without }: SeedOptions): string {
  const options: CampaignOptions = {
    seeds: 1,
    from: seed,
    steps,
    store,
    without: [...without],
    trace: true,
    shorten: false,
  }
  return `${campaignVariable}='${JSON.stringify(options)}' npx vitest run tests/sim/tracker`
}
