/**
 * PGlite as far as it can be made without its files: WebAssembly compiled and instantiated, what Postgres brings along in
 * memory. A tab that waits for its turn to lead has it ready, so that taking over begins with opening the data directory
 * (TAB-1). Of all tabs that wait one has it, the next to lead: it is some megabytes.
 *
 * ```
 *  standReady ──▶ the lock of who is ready ──▶ made, without files
 *                                                    │ this tab leads
 *  takeAhead ──▶ it, or made just now ──▶ open ──────┴──▶ files are opened, Postgres starts
 *                                          └─▶ the next tab gets ready
 * ```
 */
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { live } from '@electric-sql/pglite/live'
import type { LivePglite } from '@/lib/sync/device/live'
import { openPromise } from '@/lib/sync/device/open-promise'
import { BrowserFiles, type Place } from './browser-files'
import { compilePglite } from './pglite-module'

type Extensions = { live: typeof live }
type Options = PGliteOptions<Extensions> & { extensions: Extensions }

/** Small segments of the write-ahead log halve the time a database without prepared files takes. */
export function pgliteOptions(compiled: WebAssembly.Module | null, loadDataDir: Blob | null = null): Options {
  return {
    ...{ relaxedDurability: true, extensions: { live }, initDbStartParams: ['--wal-segsize=1'] },
    ...(compiled === null ? {} : { pgliteWasmModule: compiled }),
    ...(loadDataDir === null ? {} : { loadDataDir }),
  }
}

/**
 * PGlite's files in the browser's private file system are taken from a pool of open handles, which is filled up after a
 * transaction, and in relaxed mode some time after it: one that makes more files than are left breaks the database.
 * Making the tables takes about a hundred. A start opens all there are, so a new directory gets no more than its files:
 * prepared ones are some 400, those of `initdb` a thousand.
 */
const fileHandles = { spare: 300, prepared: 450, made: 1_000 }

export interface Beginning extends Omit<Place, 'initialPoolSize'> {
  /** What a new directory begins with. */
  readonly loadDataDir: Blob | null
}

export interface Ahead {
  /** Once. */
  open(beginning: Beginning): Promise<LivePglite>
}

function makeAhead(onFailure: (error: unknown) => void): Ahead {
  const begun = openPromise<Beginning>()
  const { spare, prepared, made } = fileHandles
  const making = compilePglite(onFailure).then(async (compiled) => {
    const options = pgliteOptions(compiled)
    const place = begun.promise.then(({ name, loadDataDir, onFull }) => {
      // PGlite looks for it when the directory is open and there is no database in it.
      if (loadDataDir !== null) options.loadDataDir = loadDataDir
      return { name, onFull, initialPoolSize: spare + (loadDataDir === null ? made : prepared) }
    })
    const fs = new BrowserFiles(place, { maintainedPoolSize: spare })
    const pglite = await PGlite.create(Object.assign(options, { fs }))
    await fs.maintainPool()
    return pglite
  })
  // Whoever opens it is told.
  making.catch(() => undefined)
  return {
    open: (beginning) => {
      begun.resolve(beginning)
      return making
    },
  }
}

let ahead: Ahead | null = null
let leave = (): void => undefined

/** To be called by a worker that may have to lead. */
export function standReady(locks: LockManager, onFailure: (error: unknown) => void): void {
  const standing = new AbortController()
  leave = () => standing.abort()
  locks
    .request('beamline-ready', { signal: standing.signal }, () => {
      ahead = makeAhead(onFailure)
      return new Promise<void>((release) => {
        leave = release
      })
    })
    .catch((error: unknown) => {
      if (!standing.signal.aborted) onFailure(error)
    })
}

/** What is there, or another one. */
export function takeAhead(onFailure: (error: unknown) => void): Ahead {
  const taken = ahead ?? makeAhead(onFailure)
  ahead = null
  return taken
}

/** The database is open: now another tab may get ready, and does not get in its way. */
export function leaveReady(): void {
  leave()
}
