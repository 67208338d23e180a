/**
 * The tracker's own actions, with drizzle and policies, in a smaller simulation: the suite runs these few seeds, with the
 * server on PGlite and on Postgres. See `./campaign` for what a seed is. More of them:
 *
 *     BEAMLINE_SIM='{"seeds":50,"from":100,"steps":40,"store":"postgres","without":[],"trace":false,"shorten":false}' \
 *       npx vitest run tests/sim/tracker
 */
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { closeDatabases, releaseDatabases } from '../../support/databases'
import { runSeed, shorten } from './campaign'
import { type CampaignOptions, campaignOptions, campaignVariable } from './options'
import { required, Tally } from './tally'

/** Of every change: few enough to wait for. */
const small: CampaignOptions = {
  seeds: 6,
  from: 16,
  steps: 40,
  store: 'pglite',
  without: [],
  trace: false,
  shorten: false,
}

const given = process.env[campaignVariable]
const campaigns: readonly CampaignOptions[] =
  given === undefined ? [small, { ...small, store: 'postgres' }] : [campaignOptions.parse(JSON.parse(given))]

for (const campaign of campaigns) describeCampaign(campaign)

function describeCampaign(campaign: CampaignOptions) {
  const { from, seeds, steps, store } = campaign
  const timeoutMs = campaign.shorten ? 3_600_000 : 60_000 + steps * 5_000

  describe(`the simulation, ${steps} steps, server on ${store}`, () => {
    const tally = new Tally()
    afterEach(releaseDatabases)
    afterAll(closeDatabases)

    for (let seed = from; seed < from + seeds; seed += 1) {
      it(
        `[CON-1] [ORA-1] seed ${seed}: every device equals the server, and the server equals the oracle`,
        async () => {
          try {
            tally.add(await runSeed({ ...campaign, seed }))
          } catch (error) {
            if (campaign.shorten) console.log(`Shorter: ${await shorten({ ...campaign, seed })}`)
            throw error
          }
        },
        timeoutMs,
      )
    }

    if (seeds > 1) {
      it(`[ORA-1] seeds ${from} to ${from + seeds - 1} were hard: what must be survived did happen`, () => {
        if (given !== undefined) console.log(`In this campaign: ${tally}`)
        expect(required.filter((happening) => tally.of(happening) === 0)).toEqual([])
      })
    }
  })
}
