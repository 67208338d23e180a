/**
 * `npm run db:migrate`: brings the database of the environment up to this checkout: tables, triggers, policies, the role
 * actions run as, and accounts; with Electric, what it reads. Running it again changes nothing. A server on the embedded database must be stopped.
 */
import { openDatabase, prepareDatabase } from '../db/server'
import { publishLog } from '../lib/sync/store/publish'
import { masked, readEnvironment } from '../server/env'
import { loadEnvFiles, runCommand } from './env-files'

await runCommand(async () => {
  loadEnvFiles('production')
  // No session is made or read here, so no secret is asked for.
  const environment = readEnvironment({ ...process.env, NODE_ENV: 'development' })
  const { databaseUrl, databasePrepare, dataDirectory, electricUrl, electricRole } = environment
  console.log(`Migrating ${databaseUrl === null ? `the embedded database in ${dataDirectory}` : masked(databaseUrl)} …`)
  const database = await openDatabase({
    databaseUrl,
    dataDirectory,
    directUrl: null,
    prepare: databasePrepare,
    command: 'npm run db:migrate',
  })
  try {
    const applied = await prepareDatabase(database.store, { isSealing: true })
    console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'No migration was missing.')
    if (electricUrl !== null) {
      await publishLog(database.store, { role: electricRole })
      console.log(`The log is published for Electric, which reads it as ${electricRole}.`)
    }
    console.log('The database is ready for this build.')
    return 0
  } finally {
    await database.close()
  }
})
