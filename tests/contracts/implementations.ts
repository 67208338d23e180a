/**
 * Every implementation of the engine's databases, on the tables of the simulated application: in memory, on PGlite and,
 * for the server, on a real Postgres. One suite runs over all of them, so that a simulation in memory means something.
 */
import type { DeviceStore } from '@/lib/sync/store/device/transaction'
import { createDeviceStore } from '@/lib/sync/store/device/transaction'
import type { Store } from '@/lib/sync/store/driver'
import { createServerStore, type ServerStore } from '@/lib/sync/store/server/transaction'
import { simMigrations, simModel } from '../sim/app/sql'
import { openSimulated } from '../sim/app/stage'
import { MemoryDevice, MemoryDeviceDatabase } from '../sim/memory/device-store'
import { MemoryServer } from '../sim/memory/server-store'
import { type Driver, pgliteDriver, postgresDriver } from './stores'

/** A server's database with nothing in it. */
export interface EmptyServer {
  readonly store: ServerStore
}

/** A device's database with nothing in it. */
export interface EmptyDevice {
  /** The store of a new process, prepared. */
  start(): Promise<DeviceStore>
}

export interface Implementation<Empty> {
  readonly name: string
  open(): Promise<{ empty(): Promise<Empty>; close(): Promise<void> }>
}

const closeNothing = async () => undefined

const serverInMemory: Implementation<EmptyServer> = {
  name: 'memory',
  open: async () => ({ empty: async () => ({ store: new MemoryServer() }), close: closeNothing }),
}

const captured = simModel.tables.map((name) => `public.${name}`)
const ofServer = ['patches', 'clients', 'ids', 'actions', 'audiences', 'log', 'grants', 'replays']
const ofDevice = ['patches', 'pending', 'cursors', 'receipts']

/** What the installer wrote stays. Deleting is faster than truncating while tables are small. */
async function empty(store: Store, tables: readonly string[]): Promise<void> {
  await store.transaction((sql) =>
    sql.exec(`set local sync.mode = 'engine'; set constraints all deferred;
      ${[...captured, ...tables.map((name) => `sync.${name}`)].map((name) => `delete from ${name}`).join('; ')};
      delete from sync.meta where key <> 'installed'`),
  )
}

function serverOn(driver: Driver): Implementation<EmptyServer> {
  return {
    name: driver.name,
    async open() {
      const { store, close } = await openSimulated(driver)
      const server = createServerStore(store, simModel)
      return {
        async empty() {
          await empty(store, ofServer)
          return { store: server }
        },
        close,
      }
    },
  }
}

const deviceInMemory: Implementation<EmptyDevice> = {
  name: 'memory',
  async open() {
    return {
      async empty() {
        const database = new MemoryDeviceDatabase()
        return { start: () => prepared(new MemoryDevice(database)) }
      },
      close: closeNothing,
    }
  },
}

const deviceOnPglite: Implementation<EmptyDevice> = {
  name: pgliteDriver.name,
  async open() {
    const { store, close } = await pgliteDriver.open()
    const start = () => prepared(createDeviceStore({ store, model: simModel, migrations: simMigrations }))
    await start()
    return {
      async empty() {
        await empty(store, ofDevice)
        return { start }
      },
      close,
    }
  },
}

async function prepared(store: DeviceStore): Promise<DeviceStore> {
  await store.prepare()
  return store
}

export const servers: readonly Implementation<EmptyServer>[] = [
  serverInMemory,
  serverOn(pgliteDriver),
  serverOn(postgresDriver),
]

export const devices: readonly Implementation<EmptyDevice>[] = [deviceInMemory, deviceOnPglite]
