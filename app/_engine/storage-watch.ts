/**
 * Watches over the storage of an open device, and lets a new worker open it anew where this one cannot go on with what it
 * has: files that found no room, a directory that is damaged.
 */
import type { BrowserDatabase } from '@/db/browser'
import type { Device } from '@/lib/sync/device/engine'
import type { LedOutbox } from '@/lib/sync/device/outbox'
import { StorageFailure, storageTrouble } from '@/lib/sync/device/storage-failure'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import { schedule } from './schedule'

export interface StorageWatchOptions {
  readonly outbox: LedOutbox
  /** Ends this worker; its page begins another. */
  restart(): void
  onFailure(error: unknown): void
}

export interface StorageWatch {
  /** A file of the database found no room. Heard at once: Postgres may not come back from it. */
  full(): void
  opened(database: BrowserDatabase): void
  /** It did not open. */
  notOpened(error: unknown): void
  follow(device: Device): void
  hear(event: DeviceTrace): void
}

/** A database that found no room when it opened is opened again so much later. */
const reopenMs = 15_000

export function createStorageWatch({ outbox, restart, onFailure }: StorageWatchOptions): StorageWatch {
  let database: BrowserDatabase | null = null
  let device: Device | null = null
  let ranFull = false
  let isAside = false

  /** The next start takes another directory; the outbox brings back what was only in this one (OUT-1, FM-13). */
  const setAside = async () => {
    // One that was made just now is not left aside for another: whatever is wrong would be wrong again.
    if (isAside || database === null || database.isMade) return
    isAside = true
    const { state } = await outbox.load()
    if (state) await outbox.rewrite({ state: { ...state, directory: database.directory + 1 } })
    restart()
  }
  /**
   * A database whose own files found no room may wait for ever for one that was not made, or have given up: when there is
   * room again and what was taken back is, a new worker opens it (FM-10).
   */
  const reopen = () => {
    if (!ranFull || device === null) return
    const cancel = schedule(reopenMs, restart)
    void device
      .resting()
      .catch(onFailure)
      .then(() => {
        cancel()
        restart()
      })
  }
  const full = () => {
    ranFull = true
    device?.storageFailed(new StorageFailure('full', 'A file of the database found no room.'))
  }

  return {
    full,
    opened: (opened) => {
      database = opened
    },
    notOpened: (error) => {
      const trouble = storageTrouble(error)
      if (trouble === 'damaged') setAside().catch(onFailure)
      if (trouble === 'full') schedule(reopenMs, restart)
    },
    follow: (followed) => {
      device = followed
      // PGlite writes its files after it has answered: nobody waits for a failure of that.
      addEventListener('unhandledrejection', ({ reason }) => {
        onFailure(reason)
        if (storageTrouble(reason) === 'full') full()
        else followed.storageFailed(reason)
      })
      if (database) removeWhenSynced(followed, database)
    },
    hear: (event) => {
      if (event.kind === 'damaged') setAside().catch(onFailure)
      if (event.kind === 'space' && !event.isFull) reopen()
    },
  }
}

/** Files of a worker that was ended may be open for some seconds more, and those of a tab that sleeps for long. */
const removal = { againMs: 3_000, triesMax: 10 }

/** Once the server has everything: what was left aside before is of no use any more. */
function removeWhenSynced({ status }: Device, { removeLeftOver }: BrowserDatabase): void {
  let tries = 0
  const attempt = async () => {
    tries += 1
    const isDone = await removeLeftOver()
    if (!isDone && tries < removal.triesMax) schedule(removal.againMs, () => void attempt())
  }
  const stop = status.subscribe(() => {
    if (status.get().kind !== 'synced') return
    stop()
    void attempt()
  })
}
