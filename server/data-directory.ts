/**
 * The directory of the embedded database, `.data/` by default, and its lock.
 *
 * PGlite is a database inside one process. A second process on the same files would corrupt them without noticing, so
 * whoever opens them holds a lock, and everybody else is told who holds it and what to do instead.
 *
 *     .data/
 *       postgres-18/     the database; named after the Postgres major, because another major cannot open it
 *       auth-secret      signs sessions in development
 *       lock/            held while the database is open (its time is renewed; a dead one goes stale)
 *       lock-owner.json  who holds it, for the message
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { lock } from 'proper-lockfile'
import { z } from 'zod'

/** Postgres major of the PGlite version in package.json. Another major needs a dump and a restore. */
const postgresMajor = 18

/** A process that is busy for this long could lose its lock, so it is far above any pause of a healthy one. */
const staleMs = 30_000

const lockOwner = z.object({ pid: z.number(), host: z.string(), command: z.string(), since: z.string() })
type LockOwner = z.infer<typeof lockOwner>

/** Somebody else has the embedded database open. */
export class DataDirectoryLocked extends Error {
  override readonly name = 'DataDirectoryLocked'
}

export interface DataDirectory {
  /** Where PGlite opens its files. It exists. */
  readonly databaseDirectory: string
  release(): Promise<void>
}

/** Takes the lock, or throws `DataDirectoryLocked` with who has it. A lock whose process is gone is taken over. */
export async function openDataDirectory(directory: string, command: string): Promise<DataDirectory> {
  const databaseDirectory = join(directory, `postgres-${postgresMajor}`)
  mkdirSync(databaseDirectory, { recursive: true })
  const release = await takeLock(directory).catch((error: unknown) => {
    if (!isLocked(error)) throw error
    if (!removeLockOfDeadProcess(directory)) throw lockedBy(directory)
    return takeLock(directory).catch((again: unknown) => {
      throw isLocked(again) ? lockedBy(directory) : again
    })
  })
  const owner: LockOwner = { pid: process.pid, host: hostname(), command, since: new Date().toISOString() }
  writeFileSync(ownerFile(directory), JSON.stringify(owner))
  return { databaseDirectory, release }
}

/** The secret that signs sessions in development, made on first use. */
export function developmentSecret(directory: string): string {
  const file = join(directory, 'auth-secret')
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}

const lockDirectory = (directory: string) => join(directory, 'lock')
const ownerFile = (directory: string) => join(directory, 'lock-owner.json')
const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
const isLocked = (error: unknown) => hasCode(error, 'ELOCKED')

function takeLock(directory: string) {
  return lock(directory, {
    lockfilePath: lockDirectory(directory),
    stale: staleMs,
    onCompromised(error) {
      console.error(`The lock of ${directory} was taken away (${error.message}). Stopping, to keep its data whole.`)
      process.exit(1)
    },
  })
}

/**
 * A killed process leaves its lock behind; waiting until it goes stale would make every restart slow. Only a process of
 * this machine can be asked whether it lives. A container that restarts finds its own pid in the file, written by the
 * process before it.
 */
function removeLockOfDeadProcess(directory: string): boolean {
  const seen = lockTime(directory)
  const owner = readOwner(directory)
  if (owner === null || owner.host !== hostname()) return false
  if (owner.pid === process.pid ? isOurs(owner) : isAlive(owner.pid)) return false
  if (seen === null || lockTime(directory) !== seen) return false
  rmSync(lockDirectory(directory), { recursive: true, force: true })
  return true
}

function lockTime(directory: string): number | null {
  return statSync(lockDirectory(directory), { throwIfNoEntry: false })?.mtimeMs ?? null
}

function readOwner(directory: string): LockOwner | null {
  try {
    return lockOwner.parse(JSON.parse(readFileSync(ownerFile(directory), 'utf8')))
  } catch {
    // Missing or half written: then nobody can say who it is, and the lock goes stale by itself.
    return null
  }
}

function isOurs(owner: LockOwner): boolean {
  const startedAtMs = Date.now() - process.uptime() * 1000
  return Date.parse(owner.since) >= startedAtMs
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

function lockedBy(directory: string): DataDirectoryLocked {
  const owner = readOwner(directory)
  const who = owner === null ? 'another process' : `"${owner.command}" (process ${owner.pid}, since ${owner.since})`
  return new DataDirectoryLocked(
    `The embedded database in ${directory} is open in ${who}, and only one process may open it.\n` +
      'Stop that process first, or set DATA_DIR to another directory, or set DATABASE_URL to a Postgres server, ' +
      'which several processes can share.',
  )
}
