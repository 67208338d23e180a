/** The measurements, each against the same work without the engine, or against itself at another size. */
import postgres from 'postgres'
import { migrations } from '@/db/migrations'
import type { Transport } from '@/lib/sync/device/transport'
import type { SyncServer } from '@/lib/sync/server/authority'
import { migrate } from '@/lib/sync/store/migrate'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { newPglite } from '../support/pglite'
import { createDatabase, startCluster } from '../support/postgres-cluster'
import { crowdedServer, measureBootstrap, measureFirstStart, measureSnapshotMemory } from './bootstrap'
import {
  author,
  bareDatabase,
  bareInsert,
  bareParameters,
  createSender,
  noteInput,
  noteIssue,
  openDevice,
  openServer,
  unreachable,
} from './ground'
import { contest, type Result, resultOf } from './measure'

export interface Bench {
  readonly what: string
  readonly against: string
  /** What the ratio should be at most; null where none is set. */
  readonly aim: number | null
  /** Of both sides; milliseconds when nothing is said. */
  readonly unit?: string
  measure(): Promise<Result>
}

const batch = 100
const pendingCount = 1_000

/** By the key that stands in the JSON line. */
export const benches: Readonly<Record<string, Bench>> = {
  action: {
    what: 'action with one insert, on a device',
    against: 'the same insert in a bare PGlite transaction',
    aim: 2.5,
    measure: measureAction,
  },
  ingest: {
    what: `ingest of ${batch} actions with one insert each, Postgres`,
    against: 'the same statements in a Postgres transaction',
    aim: null,
    measure: measureIngest,
  },
  rebase: {
    what: `rebase of ${pendingCount} pending actions, per action`,
    against: 'the same statements in a bare PGlite transaction',
    aim: null,
    measure: measureRebase,
  },
  exchange: {
    what: 'exchange of an up-to-date device at 10,000 log entries',
    against: 'the same at 100 log entries',
    aim: 1.2,
    measure: () => measureHistory(0),
  },
  push: {
    what: 'push of one action at 10,000 log entries',
    against: 'the same at 100 log entries',
    aim: 1.2,
    measure: () => measureHistory(1),
  },
  'bootstrap-1k': bootstrap(1_000, 7),
  'bootstrap-10k': bootstrap(10_000, 5),
  'bootstrap-100k': bootstrap(100_000, 3),
  'first-start': {
    what: 'the database of a new device, from prepared files',
    against: 'initdb and making the tables',
    aim: null,
    measure: () => measureFirstStart(5),
  },
  'snapshot-memory': {
    what: 'memory of a server while it streams 300,000 issues to a slow reader',
    against: 'the same with 100,000 issues',
    aim: 1.5,
    unit: 'MB',
    measure: measureMemory,
  },
}

function bootstrap(issueCount: number, rounds: number): Bench {
  return {
    what: `a new device loads ${issueCount.toLocaleString('en')} issues from Postgres`,
    against: 'COPY of the same rows into a bare PGlite',
    aim: null,
    measure: () => measureBootstrap(issueCount, rounds),
  }
}

const megabyte = 1024 * 1024

async function measureMemory(): Promise<Result> {
  const sizes: number[] = []
  // The smaller one first: what it leaves in the heap must not be counted for the larger one.
  for (const issueCount of [100_000, 300_000]) {
    const crowded = await crowdedServer(issueCount)
    await measureSnapshotMemory(crowded, 0)
    sizes.push((await measureSnapshotMemory(crowded, 2)) / megabyte)
    await crowded.close()
  }
  const [bare = 0, ours = 0] = sizes
  return resultOf([ours], [Math.max(bare, 1)])
}

async function measureAction(): Promise<Result> {
  const device = await openDevice(unreachable)
  const bare = await bareDatabase()
  const result = await contest({
    ours: { run: () => device.execute(noteIssue.name, noteInput()), reset: () => device.discardPending() },
    bare: {
      run: () => bare.transaction((transaction) => transaction.query(bareInsert, bareParameters())),
      reset: () => bare.exec('delete from focus_items'),
    },
    ...{ rounds: 60, perBlock: 25, warmUpRounds: 20 },
  })
  await device.close()
  await bare.close()
  return result
}

async function measureIngest(): Promise<Result> {
  const cluster = await startCluster()
  const [ours, theirs] = [await createDatabase(cluster.adminUrl), await createDatabase(cluster.adminUrl)]
  const store = createPostgresStore(ours.url)
  const sender = createSender(await openServer(store))
  const bareStore = createPostgresStore(theirs.url)
  await migrate(bareStore, migrations)
  await bareStore.close()
  const bare = postgres(theirs.url, { max: 1 })
  try {
    return await contest({
      ours: { run: () => sender.exchange(batch) },
      bare: {
        run: () =>
          bare.begin(async (transaction) => {
            for (let left = batch; left > 0; left -= 1)
              await transaction.unsafe(bareInsert, bareParameters(), { prepare: true })
          }),
      },
      ...{ rounds: 30, perBlock: 1, warmUpRounds: 8 },
    })
  } finally {
    await bare.end()
    await store.close()
    await cluster.stop()
  }
}

/** Only the taking in counts: from the answer of the server until it is received, one foreign row and all pending. */
async function measureRebase(): Promise<Result> {
  const server = await openServer(createPgliteStore(await newPglite()))
  let answeredAtMs = 0
  let isOnline = false
  // The server never hears of the pending actions, so that they stay pending.
  const transport: Transport = {
    snapshot: async () => ({ kind: 'offline' }),
    exchange: async (request) => {
      if (!isOnline) return { kind: 'offline' }
      const answer = await server.exchange(author, { ...request, actions: [] })
      answeredAtMs = performance.now()
      return { kind: 'answer', answer }
    },
  }
  const oursMs: number[] = []
  const device = await openDevice(transport, {
    trace: (event) => {
      if (event.kind !== 'received' || event.replayed !== pendingCount) return
      oursMs.push((performance.now() - answeredAtMs) / pendingCount)
    },
  })
  const bare = await bareDatabase()
  const bareMs: number[] = []
  isOnline = true
  await device.syncNow()
  isOnline = false
  for (let left = pendingCount; left > 0; left -= 1) await device.execute(noteIssue.name, noteInput())
  isOnline = true
  for (let round = 0; round < 15; round += 1) {
    await server.runAction(noteIssue, noteInput(), { as: author })
    await device.syncNow()
    await bare.exec('delete from focus_items')
    const startedAtMs = performance.now()
    await bare.transaction(async (transaction) => {
      for (let left = pendingCount; left > 0; left -= 1) await transaction.query(bareInsert, bareParameters())
    })
    bareMs.push((performance.now() - startedAtMs) / pendingCount)
  }
  await device.close()
  await server.close()
  await bare.close()
  if (oursMs.length !== bareMs.length) throw new Error(`${oursMs.length} rebases were measured, not ${bareMs.length}`)
  return resultOf(oursMs.slice(3), bareMs.slice(3))
}

/** The same exchange with so many new actions, late and early in the history of a server. */
async function measureHistory(actionCount: number): Promise<Result> {
  const servers: SyncServer[] = []
  const sideAt = async (entries: number) => {
    const server = await openServer(createPgliteStore(await newPglite()))
    servers.push(server)
    const sender = createSender(server)
    for (let left = entries; left > 0; left -= batch) await sender.exchange(batch)
    return { run: () => sender.exchange(actionCount) }
  }
  const [long, short] = [await sideAt(10_000), await sideAt(100)]
  const result = await contest({ ours: long, bare: short, rounds: 30, perBlock: 10, warmUpRounds: 8 })
  for (const server of servers) await server.close()
  return result
}
