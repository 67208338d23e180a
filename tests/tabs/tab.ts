/** One tab of a simulated browser: a page and its worker, put together as `app/_engine` does it, on what the disk keeps. */
import { createDevice } from '@/lib/sync/device/engine'
import type { LiveQueries } from '@/lib/sync/device/live'
import { openStorage } from '@/lib/sync/device/storage'
import { type Candidate, serveTab } from '@/lib/sync/device/tabs/candidate'
import { fencedStore, fencedTransport } from '@/lib/sync/device/tabs/fence'
import type { OwnWorker } from '@/lib/sync/device/tabs/keeper'
import { connectTab, type Tab } from '@/lib/sync/device/tabs/outlet'
import type { Transport } from '@/lib/sync/device/transport'
import type { Port } from '@/lib/sync/device/worker-protocol'
import type { MemoryDeviceDatabase } from '../sim/memory/device-store'
import { tabActions } from './actions'
import type { Browser } from './browser'
import type { Disk } from './disk'
import { Thread } from './thread'

export interface Surroundings {
  readonly browser: Browser
  readonly disk: Disk
  transport(thread: Thread): Transport
  newId(): string
  random(): number
  fail(error: unknown): void
  count(happening: string): void
}

/** Virtual time begins here: clocks of actions are dates. */
export const noonMs = Date.UTC(2031, 5, 1, 12)
const userId = 'ann'
const directory = { app: 'tabs', userId, postgresMajor: 18, layout: 1, number: 1 }

export class SimulatedTab {
  readonly page: Thread
  worker: Thread | null = null
  readonly client: Tab
  /** The last rows a live query of this tab was told. */
  rows: unknown = null
  isClosing = false
  private workers = 0

  constructor(
    readonly name: string,
    readonly build: string,
    private readonly around: Surroundings,
  ) {
    const { browser } = around
    this.page = new Thread(`${name} page`)
    const { timeline } = browser
    this.client = connectTab({
      tabId: name,
      opening: { userId, build, isDevelopment: false },
      openChannel: (channel) => browser.openChannel(this.page, channel),
      spawn: () => this.spawn(),
      newId: around.newId,
      schedule: (ms, work) => timeline.after(ms, this.page, work),
      now: () => noonMs + timeline.now(),
    })
    this.client.watch(
      { sql: 'items', params: [] },
      {
        onRows: (rows) => {
          this.rows = rows
        },
        onError: (error) => around.fail(error),
      },
    )
  }

  get isAlive(): boolean {
    return this.page.state === 'alive'
  }

  leads(): boolean {
    return this.worker !== null && this.around.disk.leader === this.worker
  }

  /** As closing, a crash, or the system's hand do it. */
  kill(): void {
    const { timeline } = this.around.browser
    timeline.kill(this.page)
    if (this.worker) timeline.kill(this.worker)
  }

  freeze(isTold: boolean): void {
    const { timeline } = this.around.browser
    if (isTold) this.client.freezing()
    timeline.freeze(this.page)
    if (this.worker) timeline.freeze(this.worker)
  }

  thaw(isTold: boolean): void {
    const { timeline } = this.around.browser
    timeline.thaw(this.page)
    if (this.worker) timeline.thaw(this.worker)
    if (isTold) this.client.thawed()
  }

  /** Its worker does not say anything any more, and its page does not know. */
  hang(): void {
    if (this.worker) this.around.browser.timeline.freeze(this.worker)
  }

  private spawn(): OwnWorker {
    const { browser } = this.around
    this.workers += 1
    const thread = new Thread(`${this.name} worker ${this.workers}`)
    this.worker = thread
    const { left, right } = browser.connect(this.page, thread)
    browser.timeline.after(browser.delay(40), thread, () => serve(right, { ...this.around, thread, build: this.build }))
    return { ...left, terminate: () => browser.timeline.kill(thread) }
  }
}

interface Serving extends Surroundings {
  readonly thread: Thread
  readonly build: string
}

function serve(port: Port, around: Serving): void {
  const { browser, disk, thread, build, fail, count } = around
  const { timeline } = browser
  const schedule = (ms: number, work: () => void) => timeline.after(ms, thread, work)
  const now = () => noonMs + timeline.now()
  const candidate: Candidate = serveTab(port, {
    locks: browser.locks(thread),
    openChannel: (name) => browser.openChannel(thread, name),
    schedule,
    now,
    onFailure: (error) => {
      if (thread.state !== 'dead') fail(error)
    },
    claim: async () => {
      const outbox = disk.openOutbox(thread, () => candidate.lost())
      const term = await outbox.lead()
      disk.leader = thread
      return {
        term,
        open: async ({ isStolen, fence }) => {
          if (isStolen) count('stolen')
          // A warm start: wasm, files, the write-ahead log.
          await timeline.turn(browser.delay(1_500), thread)
          const { state } = await outbox.load()
          const live = createLive(around)
          const opened = await openStorage({
            ladder: ['opfs'],
            directory: { ...directory, number: state?.directory ?? 1 },
            isStolen,
            open: async (_kind, name) => disk.openStore(name, thread, () => live.committed()),
            onFailure: () => count('directory left aside'),
          })
          live.database = opened.database.database
          const device = await createDevice({
            store: fencedStore(opened.database, fence),
            outbox,
            transport: fencedTransport(around.transport(thread), () => outbox.isLeading()),
            actions: tabActions,
            ...{ schema: 'schema', build, userId, storage: 'opfs', directory: opened.number, isDevelopment: false },
            ...{ now, schedule, newId: around.newId, random: around.random },
            trace: (event) => {
              if (event.kind === 'began') candidate.running({ id: event.actionId, name: event.name })
              if (event.kind === 'ran') candidate.running(null)
              if (event.kind === 'failed' && thread.state === 'alive') count('engine failure')
            },
          })
          return { device, live }
        },
      }
    },
  })
}

/** Live queries as the engine's: after each commit whoever watches is told, if anything changed. */
function createLive({ browser, thread }: Serving) {
  const listeners = new Set<{ readonly tell: (text: string) => void }>()
  const live = {
    database: null as MemoryDeviceDatabase | null,
    text: () => rowsText(live.database),
    committed: () => {
      browser.timeline.after(1, thread, () => {
        for (const { tell } of listeners) tell(live.text())
      })
    },
    watch: (_statement, { onRows }) => {
      let known = ''
      const listener = {
        tell: (text: string) => {
          if (text === known) return
          known = text
          onRows([[text]])
        },
      }
      listeners.add(listener)
      browser.timeline.after(2, thread, () => listener.tell(live.text()))
      return () => listeners.delete(listener)
    },
  } satisfies LiveQueries & Record<string, unknown>
  return live
}

export function rowsText(database: Pick<MemoryDeviceDatabase, 'tables'> | null): string {
  const rows = [...(database?.tables.rows.values() ?? [])].filter((row) => row.table === 'items')
  return JSON.stringify(
    rows.map((row) => row.image).sort((left, right) => (String(left.id) < String(right.id) ? -1 : 1)),
  )
}
