/**
 * `npm start`: the production server, on what `npm run build` made and `npm run db:migrate` prepared.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readEnvironment } from '../server/env'
import { scriptHashesPlaceholder } from '../server/security-headers'
import { loadEnvFiles, runCommand } from './env-files'
import { runNextServer } from './next-server'
import { root } from './steps'

await runCommand(async () => {
  loadEnvFiles('production')
  const { port, appUrl } = readEnvironment({ ...process.env, NODE_ENV: 'production' })
  const problem = buildProblem()
  if (problem !== null) {
    console.error(`${problem} Run: npm run build`)
    return 1
  }
  console.log(`Starting Beamline for production on port ${port}, as ${appUrl} …`)
  return runNextServer('start', { PORT: String(port), HOST: process.env.HOST ?? '', NODE_ENV: 'production' })
})

function buildProblem(): string | null {
  const output = join(root, '.next')
  if (!existsSync(join(output, 'BUILD_ID'))) return 'There is no production build.'
  const routes = readFileSync(join(output, 'routes-manifest.json'), 'utf8')
  return routes.includes(scriptHashesPlaceholder) ? 'The build is not complete: its pages could run no script.' : null
}
