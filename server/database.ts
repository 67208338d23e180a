/**
 * The one database of this process, opened on first use and ready for this build. You probably do not need to edit this.
 *
 * It hangs on `globalThis` because module instances multiply: every reload in development makes new ones, and Next
 * bundles the start-up code apart from the routes. Two open PGlites on one directory would destroy it.
 */
import { type Database, openDatabase, preparation, prepareDatabase, unpreparedReason } from '@/db/server'
import { type Environment, env } from './env'

interface Held {
  readonly opened: Promise<Database>
  /** The build it was made ready for; a reload that changes tables or policies makes it ready again. */
  readyFor: string | null
  ready: Promise<void>
}

const key = Symbol.for('beamline.database')
const holder = globalThis as typeof globalThis & { [key]?: Held | undefined }

/** The database cannot be worked on. The message says what to do and is meant to be printed alone. */
export class DatabaseNotReady extends Error {
  override readonly name = 'DatabaseNotReady'
}

/** Open, whatever state it is in: for commands that look before they leap. */
export function openedDatabase(): Promise<Database> {
  return (holder[key] ?? open()).opened
}

export async function readyDatabase(): Promise<Database> {
  const held = holder[key] ?? open()
  if (held.readyFor !== preparation) {
    held.readyFor = preparation
    held.ready = held.opened.then((database) => makeReady(database, env()))
  }
  try {
    const [database] = await Promise.all([held.opened, held.ready])
    return database
  } catch (error) {
    // Kept open, but tried again on the next call: the person at the keyboard corrects what the message names.
    held.readyFor = null
    throw error
  }
}

function open(): Held {
  if (process.env.NEXT_PHASE === 'phase-production-build') {
    throw new Error('A build must not open the database: read data in the browser or in a route handler instead.')
  }
  const { databaseUrl, directDatabaseUrl, databasePrepare, dataDirectory } = env()
  const options = {
    ...{ databaseUrl, dataDirectory, directUrl: directDatabaseUrl },
    ...{ prepare: databasePrepare, command: commandOfProcess() },
  }
  const opened = Promise.resolve(openDatabase(options))
  const held: Held = { opened, readyFor: null, ready: Promise.resolve() }
  holder[key] = held
  opened.catch(() => {
    holder[key] = undefined
  })
  return held
}

/** In development it is prepared on the spot; in production by the person who deploys, because it may take a while. */
async function makeReady({ store }: Database, { mode }: Environment): Promise<void> {
  const reason = await unpreparedReason(store)
  if (reason === null) return
  if (mode === 'production') {
    throw new DatabaseNotReady(`The database is not ready for this build: ${reason}.\nRun: npm run db:migrate`)
  }
  const applied = await prepareDatabase(store, { isSealing: false }).catch((error: unknown) => {
    throw error instanceof Error && 'statement' in error ? new DatabaseNotReady(inShort(error)) : error
  })
  console.log(
    applied.length > 0 ? `Database: applied ${applied.join(', ')}.` : 'Database: policies brought up to date.',
  )
}

/** An error of the database quotes the statement, and installation is one statement of many pages. */
function inShort(error: Error): string {
  return `The database could not be prepared: ${error.message}\nCorrect what that names in db/policies.ts or in the last migration.`
}

/** What the person typed; `npm run dev` and `npm start` say so to the server they start. */
function commandOfProcess(): string {
  return process.env.BEAMLINE_COMMAND ?? process.argv.slice(1).join(' ')
}

/** For commands, which end; a server keeps its database until its process goes. */
export async function closeDatabase(): Promise<void> {
  const held = holder[key]
  holder[key] = undefined
  if (held) await (await held.opened).close()
}
