/**
 * `npm run doctor`: looks at the database of the environment and says which build owns it and whether it is ready.
 *
 *    npm run doctor -- --accept-build              lets the build of this checkout work again: a rollback (DEP-1)
 *    npm run doctor -- --accept-build 1764150000000
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaFingerprint } from '../db/migrations'
import { model } from '../db/model'
import { unpreparedReason } from '../db/server'
import { buildNumber } from '../lib/sync/core/deploy'
import { acceptBuild } from '../lib/sync/server/serving'
import { createServerStore } from '../lib/sync/store/server/transaction'
import { closeDatabase, openedDatabase } from '../server/database'
import { loadEnvFiles, runCommand } from './env-files'
import { root } from './steps'

await runCommand(async () => {
  loadEnvFiles('production')
  process.env.BEAMLINE_COMMAND = 'npm run doctor'
  try {
    return await examine()
  } finally {
    await closeDatabase()
  }
})

async function examine(): Promise<number> {
  const { store } = await openedDatabase()
  const server = createServerStore(store, model)
  const accepted = askedToAccept()
  if (accepted !== null) {
    if (buildNumber(accepted) === 0) {
      console.error(
        'Which build? Write its number, as the server names it: npm run doctor -- --accept-build 1764150000000',
      )
      return 1
    }
    await acceptBuild(server, accepted)
    console.log(`Build ${accepted} may work from now on, and what was accepted before is sealed.`)
  }
  const problem = await unpreparedReason(store)
  if (problem !== null) {
    console.error(`The database is not ready for this checkout: ${problem}.\nRun: npm run db:migrate`)
    return 1
  }
  const { build, withdrawnUntil, schema } = await server.read((tx) => tx.deploys.readDeploy())
  console.log(
    `Build let in last: ${build === null ? 'none yet' : `${build} (${new Date(Number(build)).toISOString()})`}`,
  )
  if (withdrawnUntil !== null) console.log(`Taken back: builds up to ${withdrawnUntil}`)
  console.log(`Tables: ${schema === schemaFingerprint ? 'those of this checkout' : 'of another build'}`)
  return schema === schemaFingerprint ? 0 : 1
}

/** Null: nobody asked. Without a number it is the build that `npm run build` made here. */
function askedToAccept(): string | null {
  const place = process.argv.indexOf('--accept-build')
  if (place < 0) return null
  const made = join(root, '.next', 'beamline-build')
  return process.argv[place + 1] ?? (existsSync(made) ? readFileSync(made, 'utf8') : '')
}
