/**
 * The data directories of this browser, as both of its storages keep them: which are there, whether one is whole, and how
 * those go that nobody needs any more. You probably do not need to edit this.
 */
import { type Directory, directoryName, isLeftOver, isOwners, type StorageKind } from '@/lib/sync/device/storage'
import { StorageFailure } from '@/lib/sync/device/storage-failure'
import { trialPrefix } from './browser-files'

export const appName = 'beamline'

/** PGlite's own name of a directory in IndexedDB. */
const databaseOf = (name: string) => `/pglite/${name}`

/**
 * Files are only loaded into a new directory. One that a crash left half made opens, or is left aside (OUT-1); one whose
 * table of contents is gone would be filled anew beside files that nobody finds any more, so it is left aside at once
 * (FM-13). Throws StorageFailure.
 */
export async function isThere(kind: StorageKind, name: string): Promise<boolean> {
  if (kind === 'memory') return false
  if (kind === 'indexeddb') {
    const databases = await indexedDB.databases()
    return databases.some((database) => database.name === databaseOf(name))
  }
  const root = await navigator.storage.getDirectory()
  for await (const entry of root.keys()) {
    if (entry !== name) continue
    await expectContents(await root.getDirectoryHandle(name))
    return true
  }
  return false
}

async function expectContents(directory: FileSystemDirectoryHandle): Promise<void> {
  try {
    const file = await (await directory.getFileHandle('state.txt')).getFile()
    const [contents = ''] = (await file.text()).split('\n', 1)
    JSON.parse(contents)
  } catch (error) {
    const isTold = error instanceof SyntaxError || (error instanceof DOMException && error.name === 'NotFoundError')
    // Whoever has it open may not let it be read: opening it will tell.
    if (!isTold) return
    throw new StorageFailure('damaged', 'The table of contents of the database is gone.', { cause: error })
  }
}

/**
 * Removes this user's directories that are not needed any more. To be called when everything is synced. Answers whether all
 * are gone: somebody may still have one open, and then it goes another time.
 */
export async function removeLeftOver(
  kind: StorageKind,
  current: Directory,
  onFailure: (error: unknown) => void,
): Promise<boolean> {
  if (kind === 'memory') return true
  let isDone = true
  const isKept = (of: StorageKind, name: string) => of === kind && name === directoryName(current)
  const isOld = (of: StorageKind, name: string) =>
    !isKept(of, name) && (isLeftOver(name, current) || name === directoryName(current) || name.startsWith(trialPrefix))
  for (const [of, list, remove] of [
    ['opfs', listFiles, removeFiles],
    ['indexeddb', listDatabases, removeDatabase],
  ] as const) {
    try {
      for (const name of await list()) if (isOld(of, name)) await remove(name)
    } catch (error) {
      isDone = false
      onFailure(error)
    }
  }
  return isDone
}

/** Removes all directories of this user. Rejects while one of them is open. */
export async function removeDirectoriesOf(userId: string): Promise<void> {
  const isTheirs = (name: string) => isOwners(name, appName, userId)
  if ('storage' in navigator && 'getDirectory' in navigator.storage) {
    for (const name of await listFiles()) if (isTheirs(name)) await removeFiles(name)
  }
  for (const name of await listDatabases()) if (isTheirs(name)) await removeDatabase(name)
}

async function listFiles(): Promise<string[]> {
  const names: string[] = []
  for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name)
  return names
}

async function removeFiles(name: string): Promise<void> {
  await (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true })
}

async function listDatabases(): Promise<string[]> {
  const prefix = databaseOf('')
  return (await indexedDB.databases()).flatMap(({ name }) =>
    name?.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  )
}

const removeDatabase = (name: string) => removeIndexedDb(databaseOf(name))

/** Rejects while somebody has it open and does not close it. */
export function removeIndexedDb(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error(`${name} is still open.`))
  })
}
