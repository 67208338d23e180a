/** A browser with some tabs, one server, and a network that comes and goes. It does what it is told and keeps the count. */

import { ActionRejected } from '@/lib/sync/action'
import type { ExchangeAnswer } from '@/lib/sync/core/protocol'
import { DeviceFailure } from '@/lib/sync/device/client'
import type { Transport } from '@/lib/sync/device/transport'
import { createSyncServer } from '@/lib/sync/server/authority'
import { simModel } from '../sim/app/sql'
import { type Chance, chanceOf, uuidOf } from '../sim/chance'
import { MemoryServer } from '../sim/memory/server-store'
import { count, type refuse, tabActions, type wait } from './actions'
import { Browser } from './browser'
import { Disk } from './disk'
import { noonMs, SimulatedTab, type Surroundings } from './tab'
import type { Thread } from './thread'

export type Verdict = 'waiting' | 'done' | 'rejected' | 'unavailable' | 'timeout' | 'other'

export interface Deed {
  readonly tab: SimulatedTab
  readonly name: string
  readonly nonce: number
  verdict: Verdict
  answers: number
  value: unknown
  error: unknown
  settled: string
}

export class TabWorld {
  readonly browser: Browser
  readonly disk: Disk
  readonly server = new MemoryServer()
  readonly tabs: SimulatedTab[] = []
  readonly deeds: Deed[] = []
  readonly failures: unknown[] = []
  readonly tally = new Map<string, number>()
  isOnline = true
  /** What the server hands out to a page that is opened now. */
  build = '1'
  private readonly ids: Chance
  private readonly around: Surroundings
  private opened = 0

  constructor(readonly seed: number) {
    this.ids = chanceOf(seed, 'ids')
    const engine = chanceOf(seed, 'engine')
    this.browser = new Browser(engine)
    this.disk = new Disk(this.browser)
    const authority = createSyncServer({
      store: this.server,
      ...{ actions: tabActions, model: simModel, build: '9' },
      newId: () => this.newId(),
      now: () => noonMs + this.browser.timeline.now(),
      random: () => engine.next(),
      pause: async () => undefined,
    })
    this.around = {
      browser: this.browser,
      disk: this.disk,
      newId: () => this.newId(),
      random: () => engine.next(),
      fail: (error) => this.failures.push(error),
      count: (happening) => this.note(happening),
      transport: (thread) => this.transport(thread, async (request) => authority.exchange('ann', request)),
    }
  }

  note(happening: string): void {
    this.tally.set(happening, (this.tally.get(happening) ?? 0) + 1)
  }

  private newId(): string {
    return uuidOf(this.ids)
  }

  /** What happened, with how often. */
  happened(): Map<string, number> {
    const all = new Map(this.tally)
    for (const { verdict } of this.deeds) all.set(`answered: ${verdict}`, (all.get(`answered: ${verdict}`) ?? 0) + 1)
    const ended = this.deeds.filter(({ error }) => String(error).includes('did not come to an end')).length
    all.set('ended', ended)
    all.set('write refused by term', this.disk.refusedWrites)
    return new Map([...all].filter(([, times]) => times > 0))
  }

  open(build = '1'): SimulatedTab {
    this.opened += 1
    const tab = new SimulatedTab(`tab ${this.opened}`, build, this.around)
    this.tabs.push(tab)
    return tab
  }

  alive(): SimulatedTab[] {
    return this.tabs.filter((tab) => tab.isAlive)
  }

  leader(): SimulatedTab | undefined {
    return this.tabs.find((tab) => tab.page.state !== 'dead' && tab.leads())
  }

  /** `gesture`: the same press again. */
  act(tab: SimulatedTab, action: typeof count | typeof refuse | typeof wait = count, gesture?: string): Deed {
    const before = this.deeds.length
    const input = { nonce: gesture === undefined ? before : Number(gesture) }
    const deed: Deed = {
      ...{ tab, name: action.name, nonce: input.nonce, verdict: 'waiting', answers: 0, value: null, error: null },
      settled: 'waiting',
    }
    const call = tab.client.execute(action.name, input, gesture === undefined ? {} : { gesture })
    this.deeds.push(deed)
    call.then(
      (value) => {
        deed.answers += 1
        deed.verdict = 'done'
        deed.value = value
      },
      (error: unknown) => {
        deed.answers += 1
        deed.error = error
        deed.verdict = verdictOf(error)
      },
    )
    call.settled.then(
      (receipt) => {
        deed.settled = receipt.status
      },
      () => {
        deed.settled = 'none'
      },
    )
    return deed
  }

  pass(ms: number): Promise<void> {
    return this.browser.timeline.pass(ms)
  }

  private transport(thread: Thread, exchange: (request: unknown) => Promise<ExchangeAnswer>): Transport {
    const { timeline } = this.browser
    return {
      snapshot: async () => ({ kind: 'offline' }),
      exchange: async (request) => {
        const text = JSON.stringify(request)
        await timeline.turn(this.browser.delay(40), null)
        const answer = this.isOnline ? await exchange(JSON.parse(text)) : null
        await timeline.turn(this.browser.delay(40), thread)
        return answer ? { kind: 'answer', answer } : { kind: 'offline' }
      },
    }
  }
}

function verdictOf(error: unknown): Verdict {
  if (error instanceof ActionRejected) return 'rejected'
  if (!(error instanceof DeviceFailure)) return 'other'
  return error.code === 'unavailable' || error.code === 'timeout' ? error.code : 'other'
}
