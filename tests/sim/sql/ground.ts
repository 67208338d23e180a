/**
 * Simulated worlds on real databases. Databases are opened once and emptied between worlds. On Postgres the server's
 * database is a real one and devices are in memory: a device is never on Postgres, and PGlite is simulated by itself.
 */
import { rowId } from '@/lib/sync/core/images'
import { capturedRows } from '@/lib/sync/store/captured-rows'
import { type Catalog, readCatalog } from '@/lib/sync/store/catalog'
import { createDeviceStore } from '@/lib/sync/store/device/transaction'
import type { Store } from '@/lib/sync/store/driver'
import { install, type Side } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { type Backup, backUp, restore } from '../../support/backup'
import { newPglite } from '../../support/pglite'
import { createDatabase } from '../../support/postgres-cluster'
import { simMigrations, simModel } from '../app/sql'
import type { DeviceDatabase, DeviceLook, Ground, ServerDatabase, ServerLook } from '../ground'
import { memoryGround } from '../memory/ground'
import { keepPruned, readDevice, readServer } from './look'

export async function pgliteGround(): Promise<Ground> {
  const server = await opened(createPgliteStore(await newPglite()), 'server')
  const devices = new Pool(async () => opened(createPgliteStore(await newPglite()), 'device'))
  return {
    server: async () => new ServerOnSql(await emptied(server)),
    device: async () => new DeviceOnSql(await emptied(await devices.take())),
    release: async () => devices.release(),
    close: async () => {
      await server.store.close()
      await devices.close()
    },
  }
}

export async function postgresGround(adminUrl: string): Promise<Ground> {
  const database = await createDatabase(adminUrl)
  const server = await opened(createPostgresStore(database.url), 'server')
  return {
    ...memoryGround,
    server: async () => new ServerOnSql(await emptied(server)),
    close: async () => {
      await server.store.close()
      await database.drop()
    },
  }
}

interface Opened {
  readonly store: Store
  readonly catalog: Catalog
}

async function opened(store: Store, side: Side): Promise<Opened> {
  await migrate(store, simMigrations)
  await install(store, simModel, side)
  if (side === 'server') await store.transaction((sql) => sql.exec(keepPruned))
  return { store, catalog: await store.transaction((sql) => readCatalog(sql, simModel.tables)) }
}

/** What the installer wrote stays; everything that a world wrote goes. */
async function emptied(database: Opened): Promise<Opened> {
  await database.store.transaction(async (sql) => {
    const tables = await sql.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('public', 'sync') and tablename not in ('meta', 'migrations')
       order by tablename like 'pruned%'`,
    )
    // Deleting is faster than truncating while tables are small.
    await sql.exec(`set local sync.mode = 'engine'; set constraints all deferred;
      ${tables.map(({ name }) => `delete from ${name}`).join('; ')};
      delete from sync.meta where key <> 'installed'`)
  })
  return database
}

class Pool {
  private readonly free: Opened[] = []
  private readonly taken: Opened[] = []

  constructor(private readonly open: () => Promise<Opened>) {}

  async take(): Promise<Opened> {
    const database = this.free.pop() ?? (await this.open())
    this.taken.push(database)
    return database
  }

  release(): void {
    this.free.push(...this.taken.splice(0).reverse())
  }

  async close(): Promise<void> {
    for (const { store } of [...this.free, ...this.taken]) await store.close()
  }
}

class OnSql {
  private copy: Backup | null = null
  private count = 0

  constructor(protected readonly opened: Opened) {}

  /** Nobody tells when a database changes: it may have. */
  version(): number {
    this.count += 1
    return this.count
  }

  async keep(): Promise<void> {
    this.copy = await backUp(this.opened.store)
  }

  async goBack(): Promise<void> {
    if (this.copy) await restore(this.opened.store, this.copy)
    else await emptied(this.opened)
  }
}

class ServerOnSql extends OnSql implements ServerDatabase {
  readonly store = createServerStore(this.opened.store, simModel)

  look(): Promise<ServerLook> {
    const { store, catalog } = this.opened
    return store.transaction(async (sql) => readServer(sql, await rowsById(capturedRows(sql, catalog))))
  }

  peek(): null {
    return null
  }

  async forgetEpoch(): Promise<void> {
    await this.opened.store.transaction((sql) => sql.rows("delete from sync.meta where key = 'epoch'"))
  }
}

class DeviceOnSql extends OnSql implements DeviceDatabase {
  get store() {
    const store = { ...this.opened.store, close: async () => undefined }
    return createDeviceStore({ store, model: simModel, migrations: simMigrations })
  }

  look(): Promise<DeviceLook> {
    const { store, catalog } = this.opened
    return store.transaction(async (sql) => readDevice(sql, await rowsById(capturedRows(sql, catalog))))
  }

  async empty(): Promise<void> {
    await emptied(this.opened)
  }

  async copyFrom(other: DeviceDatabase): Promise<void> {
    if (!(other instanceof DeviceOnSql)) throw new TypeError('Only databases of one ground are copied')
    await restore(this.opened.store, await backUp(other.opened.store))
  }
}

async function rowsById(captured: ReturnType<typeof capturedRows>) {
  return new Map((await captured.allRows()).map((row) => [rowId(row), row]))
}
