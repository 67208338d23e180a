/**
 * `npm run compact`: moves the horizon forward and removes what lies beyond it. Safe at any time, also beside running
 * servers and beside itself. A server that runs for days does the same by itself.
 */
import { closeDatabase } from '../server/database'
import { env } from '../server/env'
import { syncServer } from '../server/sync'
import { loadEnvFiles, runCommand } from './env-files'

await runCommand(async () => {
  loadEnvFiles('production')
  process.env.BEAMLINE_COMMAND = 'npm run compact'
  try {
    const days = (ms: number) => Math.round(ms / 86_400_000)
    const { lateWindowMs, keptHistoryMs } = env().retention
    console.log(`Late arrivals are taken for ${days(lateWindowMs)} days, history is kept for ${days(keptHistoryMs)}.`)
    const { sealed, entries, actions } = await (await syncServer()).compact()
    console.log(`Sealed ${sealed} audiences further; removed ${entries} log entries and ${actions} actions.`)
    return 0
  } finally {
    await closeDatabase()
  }
})
