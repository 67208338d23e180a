/**
 * `npm run db:seed`: fills an empty database with the demonstration, through actions, and prints the accounts it made
 * with their passwords. `npm run dev` does the same by itself, without passwords.
 */
import { randomBytes } from 'node:crypto'
import { unpreparedReason } from '../db/server'
import { closeDatabase, openedDatabase } from '../server/database'
import { isDatabaseEmpty, seedDatabase } from '../server/seed'
import { loadEnvFiles, runCommand } from './env-files'

await runCommand(async () => {
  loadEnvFiles('production')
  process.env.BEAMLINE_COMMAND = 'npm run db:seed'
  try {
    return await seedAndTell()
  } finally {
    await closeDatabase()
  }
})

async function seedAndTell(): Promise<number> {
  const reason = await unpreparedReason((await openedDatabase()).store)
  if (reason !== null) {
    console.error(`The database is not ready: ${reason}.\nRun: npm run db:migrate`)
    return 1
  }
  if (!(await isDatabaseEmpty())) {
    console.error('There are accounts or projects already, so nothing was added. Seed an empty database instead.')
    return 1
  }
  console.log('Adding people and projects …')
  const accounts = await seedDatabase(() => randomBytes(9).toString('base64url'))
  for (const { name, email, password } of accounts) {
    console.log(`  ${name.padEnd(16)} ${email.padEnd(24)} ${password ?? '(was there before)'}`)
  }
  console.log('Passwords are shown this once. Whoever signs in with one should change it.')
  return 0
}
