/**
 * The production server as browser tests use it: on a data directory (or a database) and a port of its own, started,
 * killed as a crash would, and started again on what it left behind.
 *
 *     prepareServer ──▶ stopped ──start──▶ running ──kill──▶ stopped ──start──▶ running ──remove──▶ gone
 *     (npm run db:migrate)     (npm start, waits until it answers)
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDatabase, freePort } from '../support/postgres-cluster'
import { adminUrlVariable } from './postgres'

const root = fileURLToPath(new URL('../..', import.meta.url))
const startDeadlineMs = 60_000
const prepareDeadlineMs = 120_000
const pollEveryMs = 50

export type DatabaseKind = 'embedded' | 'postgres'

export interface ProductionServer {
  readonly url: string
  /** The connection string of its owner; null on the embedded database, whose files nobody else may open. */
  readonly databaseUrl: string | null
  /** Where an embedded database keeps its files. */
  readonly dataDirectory: string
  /** The last lines it printed. */
  output(): string
  /** Starts it if it is not running, and resolves when it answers. */
  start(): Promise<void>
  /** Kills it as a crash or a power cut would: no time to finish anything. */
  kill(): Promise<void>
  /** Kills it and removes its data. */
  remove(): Promise<void>
}

/** Makes the data of a new server: an empty database with today's tables, as `npm run db:migrate` leaves it. */
export async function prepareServer(kind: DatabaseKind): Promise<ProductionServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'beamline-e2e-'))
  const database = kind === 'postgres' ? await createDatabase(adminUrl()) : null
  const port = await freePort()
  const url = `http://localhost:${port}`
  const environment = {
    ...process.env,
    NODE_ENV: 'production' as const,
    NEXT_TELEMETRY_DISABLED: '1',
    PORT: String(port),
    APP_URL: url,
    DATA_DIR: dataDirectory,
    DATABASE_URL: database?.url ?? '',
    AUTH_SECRET: randomBytes(32).toString('base64url'),
    // Each person of a test comes from an address of their own, as in life: limits per address count them apart.
    TRUSTED_PROXIES: '127.0.0.1,::1',
  }
  const output: string[] = []
  const launch = (script: string) => launchScript(script, environment, output)
  await finish(launch('scripts/db-migrate.ts'), output)

  let running: ChildProcess | null = null
  const kill = async () => {
    if (running !== null) await killGroup(running)
    running = null
  }
  return {
    url,
    databaseUrl: database?.url ?? null,
    dataDirectory,
    output: () => output.join(''),
    async start() {
      if (running !== null && isRunning(running)) return
      running = launch('scripts/start.ts')
      await waitUntilItAnswers(url, running, output)
    },
    kill,
    async remove() {
      await kill()
      await database?.drop()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

function adminUrl(): string {
  const url = process.env[adminUrlVariable]
  if (url === undefined)
    throw new Error('The PostgreSQL of the browser tests is not running: start them with npm run e2e.')
  return url
}

/** In a process group of its own, so that a kill reaches whatever the script itself started. */
function launchScript(script: string, environment: NodeJS.ProcessEnv, output: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, script)], {
    cwd: root,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.push(text)
      if (output.length > 400) output.shift()
    })
  }
  return child
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

async function ended(child: ChildProcess): Promise<void> {
  if (isRunning(child)) await new Promise((resolve) => child.once('exit', resolve))
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (!isRunning(child) || child.pid === undefined) return
  process.kill(-child.pid, 'SIGKILL')
  await ended(child)
  // Its children end a moment later, and until then their locks are those of a living process.
  while (hasGroup(child.pid)) await delay(pollEveryMs)
}

function hasGroup(leader: number): boolean {
  try {
    return process.kill(-leader, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

async function finish(child: ChildProcess, output: readonly string[]): Promise<void> {
  const outOfTime = AbortSignal.timeout(prepareDeadlineMs)
  outOfTime.addEventListener('abort', () => void killGroup(child))
  await ended(child)
  if (child.exitCode !== 0) throw new Error(`The server's data could not be prepared:\n${output.join('')}`)
}

async function waitUntilItAnswers(url: string, child: ChildProcess, output: readonly string[]): Promise<void> {
  const deadlineMs = Date.now() + startDeadlineMs
  while (Date.now() < deadlineMs) {
    if (!isRunning(child)) throw new Error(`The server ended while it started:\n${output.join('')}`)
    if (await answers(url)) return
    await delay(pollEveryMs)
  }
  await killGroup(child)
  throw new Error(`The server did not answer within ${startDeadlineMs} ms:\n${output.join('')}`)
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    return response.ok
  } catch {
    // Nobody listens there yet: that is what is being waited for.
    return false
  }
}
