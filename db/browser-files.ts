/**
 * The files of the device's database in the browser's private file system. You probably do not need to edit this.
 *
 * PGlite's file system takes what a browser answers to a write for the number of bytes written. Chromium answers
 * 4294967288 when there is no room (−8, its own error), others throw: both become the error by which Postgres knows a full
 * disk, rolls back and says `53100` (FM-10). Without this it says `XX000 … Success`.
 *
 * And where a new file finds no room it waits for ever: so files are only added to its pool when a trial finds some.
 *
 * The directory is opened when PGlite first looks into it, and not before its name is known: everything else of PGlite can be
 * there by then (`pglite-ahead.ts`).
 */
import { BaseFilesystem } from '@electric-sql/pglite/basefs'
import { OpfsAhpFS } from '@electric-sql/pglite/opfs-ahp'
import { noSpaceErrno, StorageFailure, storageTrouble } from '@/lib/sync/device/storage-failure'

export interface Place {
  readonly name: string
  /** How many files a new one gets. */
  readonly initialPoolSize: number
  /** Called from within a write that finds no room: Postgres may not come back from it. */
  onFull(): void
}

export class BrowserFiles extends OpfsAhpFS {
  private onFull = (): void => undefined
  private openDirectory = async (): Promise<unknown> => undefined

  constructor(
    private readonly place: Promise<Place>,
    options: { readonly maintainedPoolSize: number },
  ) {
    super('', options)
  }

  /** PGlite asks for it before anything else, and OpfsAhpFS would open all files here. */
  override async init(...given: Parameters<OpfsAhpFS['init']>): ReturnType<OpfsAhpFS['init']> {
    this.openDirectory = () => super.init(...given)
    return BaseFilesystem.prototype.init.apply(this, given)
  }

  /** The last thing before PGlite looks whether there is a database. */
  override async initialSyncFs(): Promise<void> {
    const { name, initialPoolSize, onFull } = await this.place
    this.onFull = onFull
    Object.assign(this, { dataDir: name, initialPoolSize })
    await this.openDirectory()
  }

  override async maintainPool(size = this.maintainedPoolSize): Promise<void> {
    const { length } = this.state.pool
    // A new directory cannot do without; one that has some left opens, and is read, on a full disk as well.
    if (length > 0 && length < size) {
      try {
        await expectRoom()
      } catch (error) {
        if (storageTrouble(error) === 'full') return this.onFull()
      }
    }
    await super.maintainPool(size)
  }

  override write(...call: Parameters<OpfsAhpFS['write']>): number {
    const [, , , length] = call
    const written = this.withErrno(() => super.write(...call))
    if (written === length) return written
    throw this.noSpace(`${written} of ${length} bytes were written.`)
  }

  override writeFile(...file: Parameters<OpfsAhpFS['writeFile']>): void {
    this.withErrno(() => super.writeFile(...file))
  }

  override truncate(path: string, length?: number): void {
    this.withErrno(() => super.truncate(path, length))
  }

  private withErrno<Value>(work: () => Value): Value {
    try {
      return work()
    } catch (error) {
      if (storageTrouble(error) === 'full') throw this.noSpace('The browser gives no more room.', error)
      throw error
    }
  }

  /** PGlite hands the number on to Postgres. */
  private noSpace(message: string, cause?: unknown): Error {
    this.onFull()
    return Object.assign(new Error(message, { cause }), { code: noSpaceErrno })
  }
}

/** Of this worker alone: a handle is exclusive, and one that was killed may leave its file behind. */
export const trialPrefix = 'beamline-trial-'
const trialName = `${trialPrefix}${crypto.randomUUID()}`
let trial: Promise<void> = Promise.resolve()
/** As much as Postgres adds to its log at once, with small segments. */
const trialBytes = 1_048_576

/**
 * Writes a file and removes it. Rejects when there is no room: Chromium answers small writes to IndexedDB by what it knew
 * half a minute ago, and files by how it is.
 */
export function expectRoom(): Promise<void> {
  trial = trial.then(writeTrial, writeTrial)
  return trial
}

async function writeTrial(): Promise<void> {
  const root = await navigator.storage.getDirectory()
  const file = await root.getFileHandle(trialName, { create: true })
  try {
    const handle = await file.createSyncAccessHandle()
    try {
      const written = handle.write(new Uint8Array(trialBytes), { at: 0 })
      if (written !== trialBytes) throw new StorageFailure('full', `${written} of ${trialBytes} bytes were written.`)
    } finally {
      handle.close()
    }
  } finally {
    await root.removeEntry(trialName)
  }
}
