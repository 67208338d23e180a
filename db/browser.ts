/**
 * The device's database: PGlite in the browser's own storage, made from the same migrations as the server's. You
 * probably do not need to edit this; add an extension of Postgres here when a query of a screen needs one.
 */
import { PGlite } from '@electric-sql/pglite'
import { type LivePglite, prepareForLive } from '@/lib/sync/device/live'
import { type DirectoryPrototype, type HandlePrototype, patientHandles } from '@/lib/sync/device/patient-handles'
import {
  KindUnusable,
  openStorage,
  type StorageFeatures,
  type StorageKind,
  storageLadder,
} from '@/lib/sync/device/storage'
import { StorageFailure } from '@/lib/sync/device/storage-failure'
import type { Store } from '@/lib/sync/store/driver'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { appName, isThere, removeLeftOver } from './browser-directories'
import { expectRoom } from './browser-files'
import { type Beginning, leaveReady, pgliteOptions, takeAhead } from './pglite-ahead'
import { compilePglite } from './pglite-module'

/** Counts up when older data directories can no longer be used: devices then start from the server and their outbox. */
const layout = 1
const postgresMajor = 18

export interface BrowserDatabase {
  readonly pglite: LivePglite
  readonly store: Store
  readonly storage: StorageKind
  /** Which directory is in use. */
  readonly directory: number
  /** It was made just now. */
  readonly isMade: boolean
  /** Rejects when its files would find no room. */
  expectRoom(): Promise<void>
  /** Removes what was left aside before. To be called when everything is synced: until then it is kept. False: some is open. */
  removeLeftOver(): Promise<boolean>
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
  /** A file found no room. Said at once, from within the write. */
  onFull(): void
}

/**
 * Relaxed durability: a write is acknowledged before it is on disk. The outbox keeps what must not be lost, and strict
 * writes would cost 90 to 150 ms per action in IndexedDB (TAB-2).
 */
export async function openBrowserDatabase(options: BrowserDatabaseOptions): Promise<BrowserDatabase> {
  const { userId, directory, features, isStolen, schedule, prepared, onFailure, onFull } = options
  const named = { app: appName, userId, postgresMajor, layout, number: directory }
  let isMade = false
  const opened = await openStorage({
    ladder: storageLadder(features),
    directory: named,
    isStolen,
    open: async (kind, name, isAgain) => {
      const isNew = !(await isThere(kind, name))
      isMade = isNew
      // Where a new directory did not open, the files it began with may be at fault.
      const loadDataDir = isNew && !isAgain ? await fetchPrepared(prepared, onFailure) : null
      const full = noted(onFull)
      const beginning = { name, loadDataDir, onFull: full.note }
      const pglite = withPatience(kind, schedule, () => createPglite(kind, beginning, options))
      return kind === 'memory' ? pglite : endsInTime(pglite.catch(full.explain), schedule, isNew)
    },
    onFailure,
  })
  const pglite: LivePglite = opened.database
  leaveReady()
  await prepareForLive(pglite)
  const current = { ...named, number: opened.number }
  return {
    ...{ pglite, store: createPgliteStore(pglite), storage: opened.kind, directory: opened.number, isMade },
    expectRoom: async () => {
      if (opened.kind === 'opfs') await expectRoom()
    },
    removeLeftOver: () => removeLeftOver(opened.kind, current, onFailure),
  }
}

/** Without room PGlite says that it "failed to initialize properly", and no more. */
function noted(onFull: () => void) {
  let isFull = false
  return {
    note: () => {
      isFull = true
      onFull()
    },
    explain: (cause: unknown): never => {
      throw isFull ? new StorageFailure('full', 'The database found no room to open.', { cause }) : cause
    },
  }
}

/** Three of them are less than a page waits for a database that opens. */
const openMsMax = 50_000

/** A directory that was there and does not come to an end is damaged; a new one shows that nothing of its kind works. */
function endsInTime<Database>(
  opening: Promise<Database>,
  schedule: BrowserDatabaseOptions['schedule'],
  isNew: boolean,
): Promise<Database> {
  return new Promise((resolve, reject) => {
    const why = 'The database did not open in time.'
    const cancel = schedule(openMsMax, () => reject(isNew ? new KindUnusable(why) : new StorageFailure('damaged', why)))
    opening.then(resolve, reject).finally(cancel)
  })
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

/** Files of a tab that has just died may be taken for a moment longer, and missing ones are told. */
async function withPatience<Database>(
  kind: StorageKind,
  schedule: BrowserDatabaseOptions['schedule'],
  open: () => Promise<Database>,
): Promise<Database> {
  if (kind !== 'opfs') return open()
  const prototypes = {
    file: FileSystemFileHandle.prototype as unknown as HandlePrototype,
    directory: FileSystemDirectoryHandle.prototype as DirectoryPrototype,
  }
  const handles = patientHandles(prototypes, schedule)
  try {
    return await Promise.race([open(), handles.broken])
  } finally {
    handles.restore()
  }
}

async function createPglite(
  kind: StorageKind,
  beginning: Beginning,
  { onFailure }: BrowserDatabaseOptions,
): Promise<LivePglite> {
  if (kind === 'opfs') return takeAhead(onFailure).open(beginning)
  const options = pgliteOptions(await compilePglite(onFailure), beginning.loadDataDir)
  return kind === 'memory' ? PGlite.create(options) : PGlite.create(`idb://${beginning.name}`, options)
}
