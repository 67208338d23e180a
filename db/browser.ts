/**
 * The device's database: PGlite in the browser's own storage, made from the same migrations as the server's. You
 * probably do not need to edit this; add an extension of Postgres here when a query of a screen needs one.
 */
import { PGlite } from '@electric-sql/pglite'
import { live } from '@electric-sql/pglite/live'
import { OpfsAhpFS } from '@electric-sql/pglite/opfs-ahp'
import { type LivePglite, prepareForLive } from '@/lib/sync/device/live'
import { type HandlePrototype, patientHandles } from '@/lib/sync/device/patient-handles'
import { openStorage, type StorageFeatures, type StorageKind, storageLadder } from '@/lib/sync/device/storage'
import type { Store } from '@/lib/sync/store/driver'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'

/** Counts up when older data directories can no longer be used: devices then start from the server and their outbox. */
const layout = 1
const postgresMajor = 18

export interface BrowserDatabase {
  readonly pglite: LivePglite
  readonly store: Store
  readonly storage: StorageKind
  /** Which directory is in use. */
  readonly directory: number
}

export interface BrowserDatabaseOptions {
  readonly userId: string
  readonly directory: number
  readonly isStolen: boolean
  readonly features: StorageFeatures
  schedule(ms: number, work: () => void): () => void
  /** Address of the files a new database begins with (TAB-3); null: it makes its tables itself. */
  readonly prepared: string | null
  onFailure(error: unknown): void
}

/**
 * PGlite's files in the browser's private file system are taken from a pool of open handles, which is filled up after a
 * transaction, and in relaxed mode some time after it: one that makes more files than are left breaks the database.
 * Making the tables takes about a hundred.
 */
const fileHandles = 300

/**
 * Relaxed durability: a write is acknowledged before it is on disk. The outbox keeps what must not be lost, and strict
 * writes would cost 90 to 150 ms per action in IndexedDB (TAB-2).
 */
export async function openBrowserDatabase(options: BrowserDatabaseOptions): Promise<BrowserDatabase> {
  const { userId, directory, features, isStolen, schedule, prepared, onFailure } = options
  const opened = await openStorage({
    ladder: storageLadder(features),
    directory: { app: 'beamline', userId, postgresMajor, layout, number: directory },
    isStolen,
    open: async (kind, name) => {
      const loadDataDir = (await isThere(kind, name)) ? null : await fetchPrepared(prepared, onFailure)
      return withPatience(kind, schedule, () => createPglite(kind, name, loadDataDir))
    },
    onFailure,
  })
  const pglite: LivePglite = opened.database
  await prepareForLive(pglite)
  return { pglite, store: createPgliteStore(pglite), storage: opened.kind, directory: opened.number }
}

/** Files are only loaded into a new directory. One that a crash left half made opens, or is left aside (OUT-1). */
async function isThere(kind: StorageKind, name: string): Promise<boolean> {
  if (kind === 'memory') return false
  if (kind === 'indexeddb') {
    const databases = await indexedDB.databases()
    return databases.some((database) => database.name?.endsWith(`/${name}`))
  }
  for await (const entry of (await navigator.storage.getDirectory()).keys()) if (entry === name) return true
  return false
}

/** Null, and told, when they cannot be had: making the tables here takes longer, and that is all. */
async function fetchPrepared(address: string | null, onFailure: (error: unknown) => void): Promise<Blob | null> {
  if (address === null) return null
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(fetchMs) })
    if (!response.ok) throw new Error(`The prepared database was answered with ${response.status}.`)
    return new Blob([await response.arrayBuffer()], { type: 'application/x-gzip' })
  } catch (error) {
    onFailure(error)
    return null
  }
}

const fetchMs = 30_000

/** Files of a tab that has just died may be taken for a moment longer. */
async function withPatience<Database>(
  kind: StorageKind,
  schedule: BrowserDatabaseOptions['schedule'],
  open: () => Promise<Database>,
): Promise<Database> {
  if (kind !== 'opfs') return open()
  const handles = patientHandles(FileSystemFileHandle.prototype as unknown as HandlePrototype, schedule)
  try {
    return await Promise.race([open(), handles.taken])
  } finally {
    handles.restore()
  }
}

async function createPglite(kind: StorageKind, name: string, loadDataDir: Blob | null): Promise<LivePglite> {
  const options = {
    ...{ relaxedDurability: true, extensions: { live } },
    // Small segments of the write-ahead log halve the time a new database takes.
    ...(loadDataDir === null ? { initDbStartParams: ['--wal-segsize=1'] } : { loadDataDir }),
  }
  switch (kind) {
    case 'opfs': {
      const fs = new OpfsAhpFS(name, { initialPoolSize: 1_000 + fileHandles, maintainedPoolSize: fileHandles })
      const pglite = await PGlite.create({ ...options, fs })
      await fs.maintainPool()
      return pglite
    }
    case 'indexeddb':
      return PGlite.create(`idb://${name}`, options)
    case 'memory':
      return PGlite.create(options)
  }
}
