/**
 * Puts the authority together: the engine's server on this process's database, with the app's actions and tables, and the
 * live tail of its log. You probably do not need to edit this; cron jobs and webhooks change captured tables through
 * `runAction` (ACT-8).
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import type { Database } from '@/db/server'
import { actions } from '@/lib/actions'
import { createSyncServer, type SyncServer } from '@/lib/sync/server/authority'
import { createServerEngine, type SyncServerOptions } from '@/lib/sync/server/engine'
import { type FirstRowsAsked, readFirstRows } from '@/lib/sync/server/first-rows'
import { beginServing } from '@/lib/sync/server/serving'
import { createGatekeeper } from '@/lib/sync/server/shape/gatekeeper'
import { createPulse } from '@/lib/sync/server/shape/pulse'
import { createShapeServer, type ShapeAnswer } from '@/lib/sync/server/shape/server'
import { createLogWatch, type LogWatch } from '@/lib/sync/server/shape/watch'
import type { SqlValue, Store } from '@/lib/sync/store/driver'
import type { Notices } from '@/lib/sync/store/postgres-notices'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { build, shipped } from './build'
import type { ShapeCall } from './context'
import { readyDatabase } from './database'
import { createEndings } from './endings'
import { env } from './env'

export interface ShapeAnswering {
  answer(call: ShapeCall): Promise<Response>
}

interface Running {
  readonly server: SyncServer
  firstRows(userId: string, statement: FirstRowsAsked['statement']): Promise<SqlValue[][] | null>
  readonly shapes: ShapeAnswering
}

let running: Promise<Running> | undefined

/** The authority of this process. A reload in development makes a new one, with the new actions, on the same database. */
export async function syncServer(): Promise<SyncServer> {
  return (await started()).server
}

/** The live tail: this server's own, or Electric's with this server as its gatekeeper. */
export async function shapeServer(): Promise<ShapeAnswering> {
  return (await started()).shapes
}

/** What a page may show before its own database is open. */
export async function firstRows(userId: string, statement: FirstRowsAsked['statement']): Promise<SqlValue[][] | null> {
  return (await started()).firstRows(userId, statement)
}

function started(): Promise<Running> {
  running ??= start()
  running.catch(() => {
    running = undefined
  })
  return running
}

async function start(): Promise<Running> {
  const database = await readyDatabase()
  const watch = processWatch(database)
  const options: SyncServerOptions = {
    store: createServerStore(database.store, model),
    actions,
    model,
    ...{ build, shipped, schema: schemaFingerprint },
    retention: env().retention,
    now: Date.now,
    newId: randomUUID,
    random: Math.random,
    pause: (ms) => pause(ms),
    onAppended: (audiences) => {
      watch.wake(audiences)
      database.notices?.send(audiences).catch(reportFailure)
    },
  }
  const engine = createServerEngine(options)
  return {
    server: createSyncServer(options),
    shapes: shapesOf(options, watch),
    firstRows: async (userId, statement) => {
      await beginServing(engine)
      return readFirstRows(database.store, { userId, statement })
    },
  }
}

function shapesOf(options: SyncServerOptions, watch: LogWatch): ShapeAnswering {
  const engine = createServerEngine(options)
  const endings = createEndings()
  // Next ends the process when its last request is answered. In development it ends by itself.
  if (env().mode === 'production') for (const name of ['SIGTERM', 'SIGINT']) process.once(name, endings.end)
  const { electricUrl: url, electricSecret: secret } = env()
  const shapes =
    url === null
      ? createShapeServer({ ...engine, watch, schedule })
      : createGatekeeper({ ...engine, url, secret, fetch, onFailure: reportFailure })
  return {
    answer: async ({ schema, ...request }) => {
      // Rows of another schema would be applied to tables they do not fit (DEP-2).
      if (schema !== schemaFingerprint) return Response.json({ message: 'Another schema.' }, { status: 400 })
      const answer = await endings.during<ShapeAnswer | Response>(request.signal, (signal) =>
        shapes.answer({ ...request, signal }),
      )
      if (answer instanceof Response) return answer
      const { body, status, headers } = answer
      return new Response(body, { status, headers })
    },
  }
}

/** Without notices, looking is how a process hears of the others. */
const lookEveryMs = { withNotices: 5_000, without: 1_000 }

/**
 * One watch in a process: routes and reloads have modules of their own, and who appends in one of them must wake who
 * waits in another.
 */
const watchKey = Symbol.for('beamline.log-watch')
const holder = globalThis as typeof globalThis & { [watchKey]?: LogWatch }

function processWatch({ store, notices }: Database): LogWatch {
  holder[watchKey] ??= startWatch(store, notices)
  return holder[watchKey]
}

function startWatch(store: Store, notices: Notices | null): LogWatch {
  const watch = createLogWatch()
  // The embedded database has no other process.
  if (store.kind === 'pglite') return watch
  notices?.listen({ onNotice: watch.wake, onFailure: reportFailure })
  createPulse({
    ...{ watch, schedule, store: createServerStore(store, model), onFailure: reportFailure },
    intervalMs: notices === null ? lookEveryMs.without : lookEveryMs.withNotices,
    onMissed: () => notices?.renew(),
  })
  return watch
}

function schedule(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

function reportFailure(error: unknown): void {
  console.error('The live tail met a failure; devices go on by exchanging:', error)
}
