/** Many seeds on all cores: hands them to worker threads, adds up what happened, makes red seeds shorter. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Cluster, startCluster } from '../support/postgres-cluster'
import { bundleWorker, type Change } from './bundle'
import type { CampaignOptions } from './options'
import { shortened } from './shorten'
import { required, Tally } from './tally'
import type { SeedReport, WorkerData } from './worker'

export interface CampaignResult {
  readonly passed: number
  readonly red: readonly SeedReport[]
  readonly tally: Tally
  /** Happenings that a campaign of this size must have and that did not happen. */
  readonly missing: readonly string[]
  readonly seconds: number
}

export interface Running {
  readonly options: CampaignOptions
  /** Planted bugs. */
  readonly changes?: readonly Change[]
  readonly name?: string
  /** Ends at the first red seed. */
  readonly isEndingAtRed?: boolean
  /** As many as there are cores, unless something else runs beside. */
  readonly threads?: number
  onReport?(report: SeedReport, done: number): void
}

/** Vacuity is judged from this many seeds on. */
const seedsToJudge = 60

export async function runCampaign(running: Running): Promise<CampaignResult> {
  const startedAtMs = performance.now()
  const { options } = running
  const bundle = await bundleWorker(running.name ?? 'engine', running.changes)
  const cluster = options.store === 'postgres' ? await startCluster() : null
  try {
    const tally = new Tally()
    const red: SeedReport[] = []
    let passed = 0
    const { threads = availableParallelism() } = running
    await inWorkers({ bundle, options, cluster, seeds: seedsOf(options), threads }, (report) => {
      tally.add(report.counts)
      if (report.failure) red.push(report)
      else passed += 1
      running.onReport?.(report, passed + red.length)
      return running.isEndingAtRed === true && red.length > 0
    })
    red.sort((left, right) => left.seed - right.seed)
    const missing = options.seeds < seedsToJudge ? [] : required.filter((happening) => tally.of(happening) === 0)
    return { passed, red, tally, missing, seconds: (performance.now() - startedAtMs) / 1000 }
  } finally {
    await cluster?.stop()
  }
}

/** Steps that a red seed does not need. */
export async function shorten(options: CampaignOptions, seed: number): Promise<CampaignOptions> {
  const bundle = await bundleWorker('engine')
  const cluster = options.store === 'postgres' ? await startCluster() : null
  try {
    const without = await shortened(options.steps, async (leftOut) => {
      let isRed = false
      const fewer = { ...options, without: [...leftOut] }
      await inWorkers({ bundle, options: fewer, cluster, seeds: [seed], threads: 1 }, ({ failure }) => {
        isRed = failure !== null
        return false
      })
      return isRed
    })
    return { ...options, without }
  } finally {
    await cluster?.stop()
  }
}

function seedsOf({ from, seeds }: CampaignOptions): number[] {
  return Array.from({ length: seeds }, (_, index) => from + index)
}

interface Work {
  readonly bundle: string
  readonly options: CampaignOptions
  readonly cluster: Cluster | null
  readonly seeds: readonly number[]
  readonly threads: number
}

/** `onReport` answers whether it has seen enough. Rejects when a worker ends by itself. */
async function inWorkers(
  { bundle, options, cluster, seeds, threads }: Work,
  onReport: (report: SeedReport) => boolean,
): Promise<void> {
  const { store, steps, without } = options
  const data: WorkerData = { store, steps, without, adminUrl: cluster?.adminUrl ?? null, twiceEvery: 50 }
  const waiting = [...seeds]
  const count = Math.min(threads, seeds.length)
  await Promise.all(Array.from({ length: count }, () => runWorker(bundle, data, { waiting, onReport })))
}

interface Shared {
  readonly waiting: number[]
  readonly onReport: (report: SeedReport) => boolean
}

function runWorker(bundle: string, workerData: WorkerData, { waiting, onReport }: Shared): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(bundle, {
      workerData,
      execArgv: ['--enable-source-maps'],
      resourceLimits: { maxYoungGenerationSizeMb: 128 },
    })
    const next = () => worker.postMessage(waiting.shift() ?? null)
    worker.on('message', (report: SeedReport) => {
      if (onReport(report)) waiting.length = 0
      next()
    })
    worker.once('error', reject)
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}`))))
    next()
  })
}
