/**
 * `npm run test:electric`: the contract of the live tail's shape, held against a real Electric behind this server's
 * gatekeeper as well as against the embedded shape server.
 *
 *    docker compose -f tests/contracts/shape/electric.compose.yml up -d
 *    ELECTRIC_URL=http://127.0.0.1:3001 DATABASE_URL=postgres://… npm run test:electric
 *
 * The database is emptied: give it one of its own.
 */
import { run } from './steps'

const missing = ['ELECTRIC_URL', 'DATABASE_URL'].filter((name) => !process.env[name])
if (missing.length > 0) {
  console.error(
    `${missing.join(' and ')} must be set: the address of Electric, and that of the database it reads, which is emptied.\n` +
      'How to start both: tests/contracts/shape/electric.compose.yml',
  )
  process.exit(2)
}
const options = ['run', 'tests/contracts/shape/client.test.ts', ...process.argv.slice(2)]
process.exitCode = await run({ program: { package: 'vitest', file: 'vitest.mjs' }, options })
