/**
 * Puts the authority together: the engine's server on this process's database, with the app's actions and tables. You
 * probably do not need to edit this; cron jobs and webhooks change captured tables through `runAction` (ACT-8).
 */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { model } from '@/db/model'
import { actions } from '@/lib/actions'
import { createSyncServer, type SyncServer } from '@/lib/sync/server/authority'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { build } from './build'
import { readyDatabase } from './database'
import { env } from './env'

let server: Promise<SyncServer> | undefined

/** The authority of this process. A reload in development makes a new one, with the new actions, on the same database. */
export function syncServer(): Promise<SyncServer> {
  server ??= readyDatabase().then(({ store }) =>
    createSyncServer({
      store: createServerStore(store, model),
      actions,
      model,
      build,
      retention: env().retention,
      now: Date.now,
      newId: randomUUID,
      random: Math.random,
      pause: (ms) => setTimeout(ms),
    }),
  )
  server.catch(() => {
    server = undefined
  })
  return server
}
