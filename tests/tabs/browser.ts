/** What tabs of one browser share: Web Locks, broadcast channels, ports to workers. As the standards say, in virtual time. */
import type { Channel } from '@/lib/sync/device/tabs/channel'
import type { Locks } from '@/lib/sync/device/tabs/election'
import type { Port } from '@/lib/sync/device/worker-protocol'
import type { Chance } from '../support/busywork'
import { type Thread, Timeline } from './thread'

type Listener = (event: { readonly data: unknown }) => void

interface Ear {
  readonly thread: Thread
  readonly listeners: Listener[]
  readonly early: unknown[]
  /** Messages of one channel arrive in the order they were sent. */
  lastAtMs: number
}

interface Claimant {
  readonly thread: Thread
  grant(): void
  isOver: boolean
}

interface Lock {
  holder: (Claimant & { steal(): void }) | null
  readonly waiting: Claimant[]
}

export class Browser {
  readonly timeline = new Timeline()
  private readonly earsByName = new Map<string, Set<Ear>>()
  private readonly lockByName = new Map<string, Lock>()

  constructor(private readonly chance: Chance) {}

  /** Some milliseconds, as chance says. */
  delay(most: number): number {
    return 1 + Math.floor(this.chance.next() * most)
  }

  openChannel(thread: Thread, name: string): Channel {
    const ears = this.earsByName.get(name) ?? new Set()
    this.earsByName.set(name, ears)
    const mine: Ear = { thread, listeners: [], early: [], lastAtMs: 0 }
    ears.add(mine)
    const close = () => ears.delete(mine)
    thread.onDeath.push(close)
    return {
      postMessage: (message) => {
        for (const ear of ears) if (ear !== mine) this.deliver(ear, message)
      },
      addEventListener: (_type, listener) => mine.listeners.push(listener),
      close,
    }
  }

  /** Both ends of a way between two threads. */
  connect(left: Thread, right: Thread): { left: Port; right: Port } {
    const [leftEar, rightEar] = [left, right].map(
      (thread): Ear => ({ thread, listeners: [], early: [], lastAtMs: 0 }),
    ) as [Ear, Ear]
    const end = (mine: Ear, other: Ear): Port => ({
      postMessage: (message) => this.deliver(other, message),
      addEventListener: (_type, listener) => {
        mine.listeners.push(listener)
        // What was said while its script was loading.
        for (const data of mine.early.splice(0)) listener({ data })
      },
    })
    return { left: end(leftEar, rightEar), right: end(rightEar, leftEar) }
  }

  private deliver(ear: Ear, message: unknown): void {
    const data: unknown = structuredClone(message)
    const atMs = Math.max(ear.lastAtMs, this.timeline.now() + this.delay(4))
    ear.lastAtMs = atMs
    this.timeline.after(atMs - this.timeline.now(), ear.thread, () => {
      if (ear.listeners.length === 0) ear.early.push(data)
      for (const listener of [...ear.listeners]) listener({ data })
    })
  }

  locks(thread: Thread): Locks {
    return {
      request: (name, { steal, signal }, work) =>
        new Promise((resolve, reject) => {
          const lock = this.lockByName.get(name) ?? { holder: null, waiting: [] }
          this.lockByName.set(name, lock)
          const claimant: Claimant = { thread, isOver: false, grant: () => hold() }
          const end = () => {
            if (claimant.isOver) return
            claimant.isOver = true
            if (lock.holder === held) lock.holder = null
            this.grantNext(lock)
          }
          const held = Object.assign(claimant, {
            steal: () => {
              claimant.isOver = true
              this.timeline.after(1, thread, () => reject(new DOMException('Stolen', 'AbortError')))
            },
          })
          const hold = () => {
            lock.holder = held
            this.timeline.after(1, thread, () => {
              if (claimant.isOver) return
              work({}).then((value) => {
                end()
                resolve(value)
              }, reject)
            })
          }
          thread.onDeath.push(end)
          signal?.addEventListener('abort', () => {
            if (lock.holder === held) return
            end()
            reject(new DOMException('Withdrawn', 'AbortError'))
          })
          if (steal) {
            lock.holder?.steal()
            hold()
          } else {
            lock.waiting.push(claimant)
            this.grantNext(lock)
          }
        }),
    }
  }

  private grantNext(lock: Lock): void {
    while (lock.holder === null) {
      const next = lock.waiting.shift()
      if (!next) return
      if (!next.isOver) next.grant()
    }
    return
  }
}
