/**
 * `npm run dev`: the application for development, with reloads. A fresh clone needs nothing: without `DATABASE_URL` it
 * runs on an embedded database in `.data/`, makes its tables and fills it with a demonstration.
 */
import { readEnvironment } from '../server/env'
import { loadEnvFiles, runCommand } from './env-files'
import { runNextServer } from './next-server'
import { prepareDeviceDatabase } from './prepared-database'

await runCommand(async () => {
  loadEnvFiles('development')
  const { port, appUrl } = readEnvironment({ ...process.env, NODE_ENV: 'development' })
  console.log(`Starting Beamline for development on ${appUrl} … (stop with Ctrl+C)`)
  // Everybody on the network could pick a seeded person, so it listens on this machine only. HOST=0.0.0.0 opens it.
  const prepared = await prepareDeviceDatabase({ isReusing: true })
  return runNextServer('dev', {
    NEXT_PUBLIC_PREPARED: prepared,
    PORT: String(port),
    HOST: process.env.HOST ?? 'localhost',
    NODE_ENV: 'development',
  })
})
