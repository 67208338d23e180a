/**
 * What a server does before its first request: it opens the database, so that a problem shows in the terminal at once
 * and not in somebody's browser. In development it also makes the database ready and fills an empty one.
 */
import { readyDatabase } from './database'
import { env, masked } from './env'
import { isDatabaseEmpty, seedDatabase } from './seed'
import { startupProblem } from './startup-problem'
import { syncServer } from './sync'

export async function start(): Promise<void> {
  // Killed parents cannot take their children along: without this a killed `npm start` would leave its server running,
  // with the port and the lock of the database.
  if (process.connected) process.once('disconnect', () => process.exit(1))
  try {
    const { mode, databaseUrl, dataDirectory, appUrl } = env()
    await readyDatabase()
    const where = databaseUrl === null ? `the embedded database in ${dataDirectory}` : masked(databaseUrl)
    console.log(`Beamline runs on ${where}.`)
    if (mode === 'development') await seedForDevelopment()
    console.log(`Open ${appUrl}`)
    compactNowAndThen()
  } catch (error) {
    report(error)
  }
}

const compactEveryMs = 6 * 60 * 60 * 1000

/**
 * A server that runs for days keeps its own history short; where servers come and go a scheduler calls
 * `/api/cron/compact`. Several at once are no harm.
 */
function compactNowAndThen(): void {
  const compact = async () => (await syncServer()).compact()
  const timer = setInterval(() => {
    compact().catch((error: unknown) => console.error('Compaction failed and is tried again later:', error))
  }, compactEveryMs)
  timer.unref()
}

/** People of the demonstration get no password here: whoever runs `npm run dev` picks them, and nobody else can. */
async function seedForDevelopment(): Promise<void> {
  if (!(await isDatabaseEmpty())) return
  console.log('The database is empty: adding the demonstration …')
  const accounts = await seedDatabase(() => null)
  console.log(`Added ${accounts.length} people and their projects. Sign in as any of them with one click.`)
}

/**
 * A problem with words of its own ends the process, and in production everything does. In development the rest is left
 * for the next request: a policy that does not compile is corrected in the editor while the server runs.
 */
function report(error: unknown): void {
  const problem = startupProblem(error)
  console.error(problem === null ? error : `\n${problem}\n`)
  if (problem !== null || process.env.NODE_ENV === 'production') process.exit(1)
}
