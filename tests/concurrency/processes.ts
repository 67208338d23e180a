/** Starts servers as real processes, stops them at a statement, and kills them there. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExchangeAnswer } from '@/lib/sync/core/protocol'
import type { ExchangeServer } from './authority'
import type { Flaw, FromServer, StartOptions, ToServer } from './messages'

const program = fileURLToPath(new URL('./server-process.ts', import.meta.url))

/** The server said no answer: it died, or the exchange failed. Whoever asked knows nothing and asks again. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  constructor(
    message: string,
    /** SQLSTATE, when the database said no; empty when the process is gone. */
    readonly code: string,
  ) {
    super(message)
  }
}

/** What happened in the processes of one run. */
export interface ProcessTally {
  readonly retries: string[]
  readonly paths: Record<'fast' | 'late' | 'restamped', number>
  /** How often an ingest began in one process while another process was inside one. */
  overlaps: number
  kills: number
}

export function createTally(): ProcessTally {
  return { retries: [], paths: { fast: 0, late: 0, restamped: 0 }, overlaps: 0, kills: 0 }
}

export interface ServerProcess extends ExchangeServer {
  /** Of its connections, in `pg_stat_activity`. */
  readonly applicationName: string
  /** Resolves when the process stands before the next statement with this text, and stays there until `go`. */
  stopAt(text: string): Promise<void>
  go(): void
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface ProcessOptions {
  readonly url: string
  readonly name: string
  readonly tally?: ProcessTally
  readonly flaw?: Flaw
  /** Server time, sent with each exchange. */
  readonly now: () => number
}

interface Call {
  readonly resolve: (answer: ExchangeAnswer) => void
  readonly reject: (error: NoAnswer) => void
}

/** Ingests that are open, by tally: one number for all processes that share it. */
const openIngests = new WeakMap<ProcessTally, Map<ChildProcess, number>>()

export async function startServerProcess(options: ProcessOptions): Promise<ServerProcess> {
  const tally = options.tally ?? createTally()
  const url = new URL(options.url)
  url.searchParams.set('application_name', options.name)
  const start: StartOptions = { url: url.href, connectionsMax: 6, flaw: options.flaw ?? null }
  const child = fork(program, [JSON.stringify(start)], { execArgv: ['--import', 'tsx'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const calls = new Map<number, Call>()
  let lastCall = 0
  let onStopped: () => void = () => undefined
  // A pipe that breaks while something is written is told by the exit.
  const send = (message: ToServer) => void (child.connected && child.send(message, () => undefined))

  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`Server process ${options.name} ended with ${code}`)))
    child.on('message', (message: FromServer) => {
      if (message.kind === 'ready') resolve()
      else if (message.kind === 'stopped') onStopped()
      else if (message.kind === 'answer' || message.kind === 'failed') settle(calls, message)
      else note(tally, child, message)
    })
  })
  void exited.then(() => {
    openIngests.get(tally)?.delete(child)
    for (const { reject } of calls.values()) reject(new NoAnswer(`Server process ${options.name} is gone`, ''))
    calls.clear()
  })
  await ready

  return {
    applicationName: options.name,
    exchange: (userId, request) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(new NoAnswer(`Server process ${options.name} is gone`, ''))
        lastCall += 1
        calls.set(lastCall, { resolve, reject })
        send({ kind: 'exchange', call: lastCall, userId, request, atMs: options.now() })
      }),
    stopAt: (text) =>
      new Promise((resolve) => {
        onStopped = resolve
        send({ kind: 'stop-at', text })
      }),
    go: () => send({ kind: 'go' }),
    async kill() {
      tally.kills += 1
      child.kill('SIGKILL')
      await exited
    },
    async close() {
      send({ kind: 'close' })
      await exited
    },
  }
}

function settle(calls: Map<number, Call>, message: Extract<FromServer, { kind: 'answer' | 'failed' }>): void {
  const call = calls.get(message.call)
  calls.delete(message.call)
  if (message.kind === 'answer') call?.resolve(message.answer)
  else call?.reject(new NoAnswer(message.message, message.code))
}

type Told = Exclude<FromServer, { kind: 'ready' | 'stopped' | 'answer' | 'failed' }>

function note(tally: ProcessTally, child: ChildProcess, message: Told): void {
  const open = openIngests.get(tally) ?? new Map<ChildProcess, number>()
  openIngests.set(tally, open)
  const own = open.get(child) ?? 0
  if (message.kind === 'ingested') tally.paths[message.path] += 1
  else if (message.kind === 'retried') tally.retries.push(message.code)
  else if (message.kind === 'ingest-ended') open.set(child, own - 1)
  else {
    if ([...open].some(([other, count]) => other !== child && count > 0)) tally.overlaps += 1
    open.set(child, own + 1)
  }
}
