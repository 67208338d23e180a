/**
 * A tab without an app: a blank page of the same origin that speaks the words of tabs (`lib/sync/device/tabs/words.ts`) and
 * nothing else. It storms the leader with actions, asks each new leader again for what was not answered, and notes when who
 * said what. It never leads.
 */
import type { BrowserContext, Page } from '@playwright/test'

export interface Leading {
  readonly term: number
  readonly isOpen: boolean
  readonly atMs: number
}

export interface Answered {
  readonly title: string
  readonly actionId: string
  readonly askedAtMs: number
  readonly answeredAtMs: number
  /** Null: done. */
  readonly failure: string | null
  readonly value: unknown
}

export interface Heard {
  /** The first word of each term, and the first after its database was open. */
  readonly leaders: readonly Leading[]
  readonly answered: readonly Answered[]
  readonly waiting: number
  /** Answers to what had been answered before. */
  readonly twice: number
}

export interface StormInput {
  readonly projectId: string
  readonly columnId: string
  /** The issue behind which the new ones go. */
  readonly after: string
}

export class Probe {
  private constructor(readonly page: Page) {}

  /** `onDone` hears of each acknowledged action at once, before whoever asks the probe later. */
  static async open(
    context: BrowserContext,
    { url, userId, onDone }: { url: string; userId: string; onDone?: (title: string) => void },
  ): Promise<Probe> {
    const page = await context.newPage()
    await page.goto(`${url}/icon.svg`)
    await page.exposeFunction('onDone', (title: string) => onDone?.(title))
    await page.evaluate(listen, userId)
    await page.evaluate(prepareStorm)
    return new Probe(page)
  }

  /** Begins an action every so often, until `stop`. */
  storm(input: StormInput, everyMs: number, label: string): Promise<void> {
    return this.page.evaluate(([given, ms, name]) => window.probe.storm(given, ms, name), [
      input,
      everyMs,
      label,
    ] as const)
  }

  stop(): Promise<void> {
    return this.page.evaluate(() => window.probe.stop())
  }

  heard(): Promise<Heard> {
    return this.page.evaluate(() => window.probe.heard())
  }

  /** Everything the device holds, as the leader exports it. */
  async exported(): Promise<{
    readonly tables: Readonly<Record<string, readonly Readonly<Record<string, string | null>>[]>>
  }> {
    return JSON.parse(String(await this.page.evaluate(() => window.line.ask({ method: 'exportData' }))))
  }

  /** All rows come from the server again. */
  async loadAnew(): Promise<void> {
    await this.page.evaluate(() => window.line.ask({ method: 'resync' }))
  }

  async syncNow(): Promise<void> {
    await this.page.evaluate(() => window.line.ask({ method: 'syncNow' }))
  }
}

interface InPage {
  storm(input: StormInput, everyMs: number, label: string): void
  stop(): void
  heard(): Heard
}

interface Line {
  ask(call: object): Promise<unknown>
  state(): Omit<Heard, 'answered'>
}

declare global {
  interface Window {
    line: Line
    probe: InPage
    onDone(title: string): void
  }
}

/** Runs in the page: it may use nothing from around it. Asks, and asks each new leader again. */
function listen(userId: string): void {
  interface Waiting {
    readonly call: object
    readonly untilMs: number
    readonly resolve: (value: unknown) => void
    readonly reject: (error: Error) => void
  }
  const tabId = `probe-${Math.random()}`
  const everybody = new BroadcastChannel(`beamline:${userId}`)
  const mine = new BroadcastChannel(`beamline:${userId}:tab:${tabId}`)
  const waiting = new Map<number, Waiting>()
  const over = new Set<number>()
  const leaders: { term: number; isOpen: boolean; atMs: number }[] = []
  let [term, build, lastId, twice] = [0, '', 0, 0]
  let inbox: BroadcastChannel | null = null

  const send = (request: object) => inbox?.postMessage({ kind: 'request', tabId, term, request })
  const askLeader = (id: number, { call, untilMs }: Waiting) => send({ kind: 'call', id, call, untilMs })
  const join = () => {
    send({ kind: 'join', build, isVisible: true })
    for (const [id, one] of waiting) askLeader(id, one)
  }

  everybody.onmessage = ({ data }) => {
    if (data.kind !== 'leading' || data.term < term) return
    const isKnown = leaders.some((leader) => leader.term === data.term && leader.isOpen === data.isOpen)
    if (!isKnown) leaders.push({ term: data.term, isOpen: data.isOpen, atMs: Date.now() })
    if (data.term === term) return
    term = data.term
    build = data.build
    inbox?.close()
    inbox = new BroadcastChannel(`beamline:${userId}:inbox:${term}`)
    join()
  }
  mine.onmessage = ({ data }) => {
    if (data.term !== term) return
    const { answer } = data
    if (answer.kind === 'rejoin') return join()
    if (answer.kind !== 'done' && answer.kind !== 'failed') return
    const found = waiting.get(answer.id)
    if (over.has(answer.id)) twice += 1
    waiting.delete(answer.id)
    over.add(answer.id)
    if (answer.kind === 'done') found?.resolve(answer.value)
    else found?.reject(new Error(JSON.stringify(answer.failure)))
  }

  window.line = {
    ask: (call) =>
      new Promise((resolve, reject) => {
        lastId += 1
        const one = { call, untilMs: Date.now() + 60_000, resolve, reject }
        waiting.set(lastId, one)
        askLeader(lastId, one)
      }),
    state: () => ({ leaders, waiting: waiting.size, twice }),
  }
  everybody.postMessage({ kind: 'seek', tabId, build: '' })
}

/** Runs in the page as well. */
function prepareStorm(): void {
  const answered: Answered[] = []
  const act = async (input: StormInput, title: string) => {
    const [actionId, askedAtMs] = [crypto.randomUUID() as string, Date.now()]
    const note = (failure: string | null, value: unknown) =>
      answered.push({ title, actionId, askedAtMs, answeredAtMs: Date.now(), failure, value })
    try {
      const call = { method: 'execute', name: 'issue.create', input: { ...input, title }, actionId }
      note(null, await window.line.ask(call))
      window.onDone(title)
    } catch (error) {
      note(String(error), null)
    }
  }
  let [count, storming] = [0, 0]
  window.probe = {
    storm: (input, everyMs, label) => {
      storming = window.setInterval(() => {
        count += 1
        void act(input, `${label} ${count}`)
      }, everyMs)
    },
    stop: () => clearInterval(storming),
    heard: () => ({ ...window.line.state(), answered }),
  }
}
