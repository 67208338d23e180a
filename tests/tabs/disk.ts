/**
 * What a browser keeps when tabs die: data directories, each open in one place, and the outbox with its term. It watches
 * over both while it is at it.
 */
import { DeviceFailure } from '@/lib/sync/device/client'
import type { LedOutbox } from '@/lib/sync/device/outbox'
import type { DeviceStore } from '@/lib/sync/store/device/transaction'
import { MemoryDevice, MemoryDeviceDatabase } from '../sim/memory/device-store'
import { DurableOutbox } from '../sim/outbox'
import type { Browser } from './browser'
import type { Thread } from './thread'

interface Directory {
  database: MemoryDeviceDatabase
  opener: Thread | null
}

export class Disk {
  readonly outbox = new DurableOutbox()
  /** The thread that claimed the last term. */
  leader: Thread | null = null
  private term = 0
  private readonly directories = new Map<string, Directory>()
  /** Which thread wrote in which term. */
  readonly writers = new Map<number, Set<string>>()
  /** What must not happen and did. */
  readonly failures: string[] = []
  refusedWrites = 0
  busyDirectories = 0

  constructor(private readonly browser: Browser) {}

  /** Everything but the outbox. */
  loseDirectories(): void {
    for (const directory of this.directories.values()) directory.database.clear()
  }

  /** Handles of the private file system are exclusive; those of the dead are free. */
  openDirectory(name: string, thread: Thread): MemoryDeviceDatabase {
    const directory = this.directories.get(name) ?? { database: new MemoryDeviceDatabase(), opener: null }
    this.directories.set(name, directory)
    const { opener } = directory
    if (opener !== null && opener.state !== 'dead') {
      this.busyDirectories += 1
      throw Object.assign(new Error('Handles are open elsewhere'), { name: 'NoModificationAllowedError' })
    }
    directory.opener = thread
    return directory.database
  }

  /** One transaction after another, each in a turn of the thread; what is committed stays, whoever hears of it. */
  openStore(
    name: string,
    thread: Thread,
    onCommit: () => void,
  ): DeviceStore & { readonly database: MemoryDeviceDatabase } {
    const database = this.openDirectory(name, thread)
    const memory = new MemoryDevice(database)
    const { timeline } = this.browser
    let line: Promise<unknown> = Promise.resolve()
    return {
      database,
      prepare: () => memory.prepare(),
      transaction: (work) => {
        const result = line.then(async () => {
          await timeline.turn(this.browser.delay(3), thread)
          const value = await memory.transaction(work)
          onCommit()
          await timeline.turn(this.browser.delay(3), thread)
          return value
        })
        line = result.catch(() => undefined)
        return result
      },
      close: async () => {
        const directory = this.directories.get(name)
        if (directory?.opener === thread) directory.opener = null
      },
    }
  }

  /** The outbox as one thread has it: writes go on in the browser when the thread does not. */
  openOutbox(thread: Thread, onLost: () => void): LedOutbox {
    let mine = 0
    const { timeline } = this.browser
    const inBrowser = <Value>(work: () => Value): Promise<Value> =>
      new Promise((resolve, reject) => {
        timeline.after(this.browser.delay(8), null, () => {
          try {
            const value = work()
            timeline.after(1, thread, () => resolve(value))
          } catch (error) {
            timeline.after(1, thread, () => reject(error))
          }
        })
      })
    const write = (work: () => void) =>
      inBrowser(() => {
        if (mine !== this.term) {
          this.refusedWrites += 1
          throw new DeviceFailure('unavailable', 'Another tab has the database of this device.')
        }
        this.note(mine, thread)
        work()
      }).catch((error: unknown) => {
        if (error instanceof DeviceFailure) onLost()
        throw error
      })
    return {
      load: () => inBrowser(() => this.outbox.load()).then((loaded) => loaded),
      add: (record, state) => write(() => void this.outbox.add(structuredClone(record), state)),
      rewrite: (change) => write(() => void this.outbox.rewrite(change)),
      close: async () => undefined,
      tryWrite: () => inBrowser(() => undefined),
      lead: () =>
        inBrowser(() => {
          this.term += 1
          mine = this.term
          return mine
        }),
      isLeading: async () => {
        const isLeading = await inBrowser(() => mine === this.term)
        if (!isLeading) onLost()
        return isLeading
      },
    }
  }

  private note(term: number, thread: Thread): void {
    const writers = this.writers.get(term) ?? new Set()
    this.writers.set(term, writers)
    writers.add(thread.name)
    if (term < this.term) this.failures.push(`${thread.name} wrote in term ${term}, when it was term ${this.term}`)
    if (writers.size > 1) this.failures.push(`Two threads wrote in term ${term}: ${[...writers].join(', ')}`)
  }
}
