/** Where a device keeps its database: the ladder of TAB-2, and what a directory is called. */
import type { SyncStatus } from './views'

export type StorageKind = NonNullable<SyncStatus['storage']>

export interface StorageFeatures {
  /** Without locks two tabs could open one directory: nothing is kept then. */
  readonly hasLocks: boolean
  readonly hasSyncAccessHandles: boolean
  readonly hasIndexedDb: boolean
}

/** Best first. The last one always works. */
export function storageLadder({ hasLocks, hasSyncAccessHandles, hasIndexedDb }: StorageFeatures): StorageKind[] {
  if (!hasLocks) return ['memory']
  return [
    ...(hasSyncAccessHandles ? (['opfs'] as const) : []),
    ...(hasIndexedDb ? (['indexeddb'] as const) : []),
    'memory',
  ]
}

export interface Directory {
  readonly app: string
  readonly userId: string
  /** A data directory of another major version does not open (FM-15). */
  readonly postgresMajor: number
  /** Of the engine's own tables. */
  readonly layout: number
  /** Counts up when a directory did not open and was left aside. */
  readonly number: number
}

/** One directory per user and version of everything that could not read it (DEV-1). */
export function directoryName({ app, userId, postgresMajor, layout, number }: Directory): string {
  const user = userId.replace(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`)
  return `${app}-${user}-pg${postgresMajor}-v${layout}-${number}`
}

export interface Opened<Database> {
  readonly database: Database
  readonly kind: StorageKind
  /** The number of the directory in use from now on. */
  readonly number: number
}

export interface Opening<Database> {
  readonly ladder: readonly StorageKind[]
  readonly directory: Directory
  /** Another tab had it and may still have it: it was frozen when the lock was taken from it (FM-26). */
  readonly isStolen: boolean
  /** Throws when it does not open. */
  open(kind: StorageKind, name: string): Promise<Database>
  onFailure(error: unknown): void
}

/**
 * Opens the first that works. A directory that does not open is left aside and the next number of the same kind is
 * tried before the next kind: the outbox brings back what was only there (OUT-1).
 */
export async function openStorage<Database>(opening: Opening<Database>): Promise<Opened<Database>> {
  const { ladder, directory } = opening
  let last: unknown = null
  for (const kind of ladder) {
    for (const number of numbersOf(kind, opening)) {
      try {
        const database = await opening.open(kind, directoryName({ ...directory, number }))
        return { database, kind, number }
      } catch (error) {
        last = error
        opening.onFailure(error)
      }
    }
  }
  throw last instanceof Error ? last : new Error(String(last))
}

/**
 * IndexedDB does not say who else has a directory open, and one who sleeps would write over what is done meanwhile: a
 * stolen one is left aside at once. Handles of the private file system are exclusive, so there the same one may be tried.
 */
function numbersOf(kind: StorageKind, { directory: { number }, isStolen }: Opening<unknown>): number[] {
  if (kind === 'memory') return [number]
  return kind === 'indexeddb' && isStolen ? [number + 1] : [number, number + 1]
}
