import { startCluster } from '../support/postgres-cluster'
import { memoryGround } from './memory/ground'
import type { CampaignOptions } from './options'
import { runSeed } from './run'
import { pgliteGround, postgresGround } from './sql/ground'

/** Runs one seed in this process and tells every step. Answers whether it is green. */
export async function traceSeed({ from, steps, store, without }: CampaignOptions): Promise<boolean> {
  const cluster = store === 'postgres' ? await startCluster() : null
  const ground = cluster
    ? await postgresGround(cluster.adminUrl)
    : store === 'pglite'
      ? await pgliteGround()
      : memoryGround
  try {
    const say = (line: string) => console.log(line)
    const { failure } = await runSeed(ground, { seed: from, steps, without: new Set(without), checkEvery: 1, say })
    if (failure) console.error(`\nAt step ${failure.step}: ${failure.message}`)
    return failure === null
  } finally {
    await ground.close()
    await cluster?.stop()
  }
}
