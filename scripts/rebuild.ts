/**
 * `npm run rebuild -- change.sql issues comments`: changes rows of captured tables by SQL, for what no action can do, and
 * makes every device load the audiences anew (MIG-1). Name all tables whose rows change. Servers may go on.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { model } from '../db/model'
import { unpreparedReason } from '../db/server'
import { rebuild } from '../lib/sync/store/server/rebuild'
import { closeDatabase, openedDatabase } from '../server/database'
import { loadEnvFiles, runCommand } from './env-files'

await runCommand(async () => {
  const [file, ...tables] = process.argv.slice(2)
  const unknown = tables.filter((table) => !model.tables.includes(table))
  if (file === undefined || tables.length === 0 || unknown.length > 0) {
    console.error('Write: npm run rebuild -- change.sql table [table …]')
    console.error(unknown.length > 0 ? `Not captured: ${unknown.join(', ')}.` : 'Name all tables whose rows change.')
    return 1
  }
  loadEnvFiles('production')
  process.env.BEAMLINE_COMMAND = 'npm run rebuild'
  try {
    const { store } = await openedDatabase()
    const problem = await unpreparedReason(store)
    if (problem !== null) {
      console.error(`The database is not ready: ${problem}.\nRun: npm run db:migrate`)
      return 1
    }
    const statements = readFileSync(file, 'utf8')
    const concerned = await store.transaction((sql) =>
      rebuild(sql, { tables, statements, nowMs: Date.now(), newId: randomUUID }),
    )
    console.log(`Done. Devices load ${concerned.length} audiences anew; what was accepted before is sealed.`)
    return 0
  } finally {
    await closeDatabase()
  }
})
