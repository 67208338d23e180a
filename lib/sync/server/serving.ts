/**
 * Whether this server may work on its database, and the first contact of a new build (DEP-1, DEP-2).
 *
 * ```
 *  exchange ─▶ look ─ current ──────────────────────▶ work ─▶ under the locks: still current?
 *                │ newer                                            │ no
 *                ▼                                                  ▼
 *     global key, look again, seal if code changed, let in      NotServing: 503, devices keep their work and come back
 * ```
 */
import { buildNumber, type DeployState, type Running, standingOf, withdrawnUntil } from '../core/deploy'
import { lockPlan } from '../core/replay-set'
import type { ServerStore, ServerTransaction } from '../store/server/transaction'
import type { ServerEngine } from './engine'
import { withRetries } from './retry'

/** This server must not work: another build or another schema owns the database. The message is for whoever runs it. */
export class NotServing extends Error {
  override readonly name = 'NotServing'
}

/** Before work begins. Lets a newer build in; throws NotServing. Cost: one small read, none in development. */
export async function beginServing(engine: ServerEngine): Promise<void> {
  if (!isCompared(engine)) return
  const state = await withRetries(engine, () => engine.store.read((tx) => tx.deploys.readDeploy()))
  if (refusedOrNew(engine, state) === 'current') return
  await withRetries(engine, () => engine.store.transaction((tx) => letIn(engine, tx)))
}

/** Under the locks of an ingest, which a first contact and a migration wait for: what was true before may be over. */
export async function stillServing(engine: ServerEngine, tx: ServerTransaction): Promise<void> {
  if (!isCompared(engine)) return
  const standing = refusedOrNew(engine, await tx.deploys.readDeploy())
  if (standing !== 'current') throw new NotServing('Another build was let in meanwhile.')
}

type Served = Pick<ServerEngine, 'build' | 'schema' | 'shipped'>

/** In the read whose rows leave: the tables they are of may have become another build's while a reader waited. */
export async function stillReadable(engine: Served, tx: ServerTransaction): Promise<void> {
  if (isCompared(engine)) refusedOrNew(engine, await tx.deploys.readDeploy())
}

/** In development there is nothing to compare. */
function isCompared({ build, schema }: Served): boolean {
  return schema !== null || buildNumber(build) > 0
}

function refusedOrNew(engine: Served, state: DeployState): 'current' | 'newer' {
  const standing = standingOf(state, runningOf(engine))
  if (standing.kind === 'current' || standing.kind === 'newer') return standing.kind
  throw new NotServing(standing.message)
}

/** The build is looked at again: another server of it may have been here first. */
async function letIn(engine: ServerEngine, tx: ServerTransaction): Promise<void> {
  await tx.takeLocks(lockPlan([], true))
  const running = runningOf(engine)
  const standing = standingOf(await tx.deploys.readDeploy(), running)
  if (standing.kind === 'current') return
  if (standing.kind !== 'newer') throw new NotServing(standing.message)
  const sealed = standing.changed.length > 0 ? await tx.deploys.sealEverything() : 0
  await tx.deploys.writeDeploy({ build: running.build, shipped: running.shipped })
  engine.trace({ kind: 'deployed', build: running.build, changed: standing.changed, sealed })
}

function runningOf({ build, schema, shipped }: Served): Running {
  return { build, schema, shipped }
}

/**
 * Lets a build work that is older than the one in place: a rollback. What the newer one accepted is sealed, or older code
 * would replay it (CX-48), and the newer one is turned away from now on.
 */
export async function acceptBuild(store: ServerStore, build: string): Promise<DeployState> {
  if (buildNumber(build) === 0)
    throw new RangeError(`"${build}" is no build: builds are numbers, as the server names its own.`)
  return store.transaction(async (tx) => {
    await tx.takeLocks(lockPlan([], true))
    const before = await tx.deploys.readDeploy()
    await tx.deploys.sealEverything()
    await tx.deploys.writeDeploy({ build, shipped: null, withdrawnUntil: withdrawnUntil(before) })
    return before
  })
}
