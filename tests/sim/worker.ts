/** One thread of a campaign: runs the seeds it is given, one after another, and answers each. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Ground } from './ground'
import { memoryGround } from './memory/ground'
import type { StoreKind } from './options'
import { type Failure, runSeed } from './run'
import { pgliteGround, postgresGround } from './sql/ground'

export interface WorkerData {
  readonly store: StoreKind
  readonly steps: number
  readonly without: readonly number[]
  /** Of the cluster, for `postgres`. */
  readonly adminUrl: string | null
  /** Every so many seeds are run twice. */
  readonly twiceEvery: number
}

export interface SeedReport {
  readonly seed: number
  readonly counts: Readonly<Record<string, number>>
  readonly failure: Failure | null
}

// Rules that say no are thrown by the thousand: nobody reads where from.
Error.stackTraceLimit = 2
const data = workerData as WorkerData
const ground = await groundOf(data)
const port = parentPort
if (port === null) throw new Error('This file is a worker of tests/sim/campaign.ts')

port.on('message', (seed: number | null) => {
  const work = seed === null ? end() : answer(seed)
  work.catch((error: unknown) => {
    throw error
  })
})

async function end(): Promise<void> {
  await ground.close()
  port?.close()
}

async function answer(seed: number): Promise<void> {
  port?.postMessage(await report(seed))
}

async function report(seed: number): Promise<SeedReport> {
  const { steps, store, twiceEvery } = data
  const options = { seed, steps, without: new Set(data.without), checkEvery: store === 'memory' ? 1 : 40 }
  const { tally, trace, failure } = await runSeed(ground, options)
  if (failure === null && seed % twiceEvery === 0) {
    const again = await runSeed(ground, options)
    if (again.trace !== trace) {
      return { seed, counts: {}, failure: { message: 'Two runs of this seed differ', step: 0, lines: [] } }
    }
    tally.count('run twice')
  }
  return { seed, counts: tally.toJSON(), failure }
}

async function groundOf({ store, adminUrl }: WorkerData): Promise<Ground> {
  if (store === 'memory') return memoryGround
  if (store === 'pglite') return pgliteGround()
  if (adminUrl === null) throw new Error('Postgres seeds need a cluster')
  return postgresGround(adminUrl)
}
