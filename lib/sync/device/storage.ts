/** Where a device keeps its database: the ladder of TAB-2, and what a directory is called. */
import { storageTrouble } from './storage-failure'
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
  return `${ownersPrefix(app, userId)}${postgresMajor}-v${layout}-${number}`
}

function ownersPrefix(app: string, userId: string): string {
  const user = userId.replace(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`)
  return `${app}-${user}-pg`
}

/** Whether a directory is this user's, of whatever version. */
export function isOwners(name: string, app: string, userId: string): boolean {
  return name.startsWith(ownersPrefix(app, userId))
}

/**
 * Whether a directory was this user's and is not needed any more: one that was left aside, or of a version before. Those of
 * newer versions belong to a newer app, which may be open in another tab. Ask it when everything is synced: until then
 * what was left aside is kept (FM-13, FM-15).
 */
export function isLeftOver(name: string, current: Directory): boolean {
  const prefix = ownersPrefix(current.app, current.userId)
  const found = name.startsWith(prefix) ? /^(\d+)-v(\d+)-(\d+)$/.exec(name.slice(prefix.length)) : null
  if (!found || name === directoryName(current)) return false
  const [major, layout] = [Number(found[1]), Number(found[2])]
  return major < current.postgresMajor || (major === current.postgresMajor && layout <= current.layout)
}

/** Nothing of the kind works here: there is no other directory to be tried. */
export class KindUnusable extends Error {
  override readonly name = 'KindUnusable'
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
  /** Throws when it does not open; KindUnusable when no other one would. `isAgain`: another one of the kind failed. */
  open(kind: StorageKind, name: string, isAgain: boolean): Promise<Database>
  onFailure(error: unknown): void
}

/**
 * Opens the first that works. A directory that does not open is left aside and the next number of the same kind is
 * tried before the next kind: the outbox brings back what was only there (OUT-1). On a full disk, or without the memory
 * for a database, no other would open either: it is thrown, and what is there stays in use (FM-10, FM-18).
 */
export async function openStorage<Database>(opening: Opening<Database>): Promise<Opened<Database>> {
  const { ladder, directory } = opening
  let last: unknown = null
  for (const kind of ladder) {
    for (const [tries, number] of numbersOf(kind, opening).entries()) {
      try {
        const database = await opening.open(kind, directoryName({ ...directory, number }), tries > 0)
        return { database, kind, number }
      } catch (error) {
        last = error
        opening.onFailure(error)
        if (isForAll(error)) throw error
        if (error instanceof KindUnusable) break
      }
    }
  }
  throw last instanceof Error ? last : new Error(String(last))
}

function isForAll(error: unknown): boolean {
  const trouble = storageTrouble(error)
  return trouble === 'full' || trouble === 'memory'
}

/**
 * IndexedDB does not say who else has a directory open, and one who sleeps would write over what is done meanwhile: a
 * stolen one is left aside at once. Handles of the private file system are exclusive, so there the same one may be tried.
 */
function numbersOf(kind: StorageKind, { directory: { number }, isStolen }: Opening<unknown>): number[] {
  if (kind === 'memory') return [number]
  return kind === 'indexeddb' && isStolen ? [number + 1] : [number, number + 1]
}
