/**
 * What the contract of the shape is held against: the embedded shape server on both databases, and Electric when there
 * is one (`npm run test:electric`).
 */

import { migrations } from '@/db/migrations'
import { model } from '@/db/model'
import type { Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { publishLog } from '@/lib/sync/store/publish'
import { emptyDatabase } from '../../support/databases'
import { type Shapes, type ShapesOptions, serveShapes } from '../../support/shapes'
import { World } from '../../support/world'

export type TargetKind = 'pglite' | 'postgres' | 'electric'

const { ELECTRIC_URL: electricUrl, DATABASE_URL: databaseUrl } = process.env

export const targets: readonly TargetKind[] =
  electricUrl && databaseUrl ? ['pglite', 'postgres', 'electric'] : ['pglite', 'postgres']

export interface Target {
  readonly world: World
  serve(options?: ShapesOptions): Promise<Shapes>
  close(): Promise<void>
}

/** A person may not be on one server twice at the same time: each test closes what it opened. */
export async function openTarget(kind: TargetKind): Promise<Target> {
  const store = kind === 'electric' ? await electricDatabase(databaseUrl ?? '') : await emptyDatabase('server', kind)
  const world = World.on(store, `shape ${kind}`)
  const opened: Shapes[] = []
  return {
    world,
    serve: async (options = {}) => {
      const shapes = await serveShapes(world, {
        ...options,
        ...(kind === 'electric' && electricUrl && { electricUrl }),
      })
      opened.push(shapes)
      return shapes
    },
    close: async () => {
      await Promise.all(opened.map((shapes) => shapes.close()))
      if (kind === 'electric') await store.close()
    },
  }
}

/**
 * A database for this purpose alone. Rows are deleted, never truncated: that would end every shape. What Electric reads is
 * published beforehand, with all operations.
 */
async function electricDatabase(url: string): Promise<Store> {
  const store = createPostgresStore(url)
  await migrate(store, migrations)
  await install(store, model, 'server')
  await publishLog(store, { role: process.env.ELECTRIC_ROLE ?? 'electric' })
  await store.transaction(async (sql) => {
    const tables = await sql.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('public', 'sync') and tablename not in ('meta', 'migrations')`,
    )
    await sql.exec(`set local sync.mode = 'engine'; set constraints all deferred;
      ${tables.map(({ name }) => `delete from ${name};`).join('\n')}
      delete from sync.meta where key <> 'installed'`)
  })
  return store
}
