/**
 * `npm run build`: the production build. It needs no database and no secret. After Next is done it writes the hashes of
 * all inline scripts into the content security policy (`server/security-headers.ts`), and the service worker that keeps
 * the build for use without a network.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { developmentRoutes, hashesOfInlineScripts, pagesPerRequest } from '../server/page-scripts'
import { scriptHashesPlaceholder } from '../server/security-headers'
import { loadEnvFiles, runCommand } from './env-files'
import { overBudget, sizesKb } from './first-visit'
import { prepareDeviceDatabase } from './prepared-database'
import { writeServiceWorker } from './service-worker'
import { advice, compareShipped, currentFingerprints, readShipped } from './shipped'
import { root, run } from './steps'

const output = join(root, '.next')

await runCommand(async () => {
  loadEnvFiles('production')
  const fingerprints = await currentFingerprints()
  const { added, raised, changed } = compareShipped(readShipped(), fingerprints)
  if (changed.length > 0) {
    console.error(advice(changed))
    return 1
  }
  if (added.length + raised.length > 0) {
    console.log(`${added.length} fingerprints are new. Before a release: npm run fingerprints, and commit the file.`)
  }
  console.log('Preparing the database that devices begin with …')
  const prepared = await prepareDeviceDatabase({ isReusing: false })
  console.log('Building Beamline for production …')
  const build = String(Date.now())
  const code = await run({
    program: { package: 'next', file: 'dist/bin/next' },
    options: ['build'],
    environment: {
      ...{ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      ...{ NEXT_PUBLIC_BUILD: build, NEXT_PUBLIC_PREPARED: prepared, BEAMLINE_SHIPPED: JSON.stringify(fingerprints) },
    },
  })
  if (code !== 0) {
    console.error('The build failed. Correct what is named above and run it again.')
    return code
  }
  writeFileSync(join(output, 'beamline-build'), build)
  const failed = writeScriptHashes()
  if (failed !== 0) return failed
  const { files } = await writeServiceWorker(build)
  console.log(`Wrote the service worker, which keeps ${files.length} files for use without a network.`)
  const sizes = sizesKb([...files, prepared])
  console.log(`A first visit, compressed: ${[...sizes].map(([kind, kb]) => `${kind} ${kb} kB`).join(', ')}.`)
  const over = overBudget(sizes)
  if (over.length > 0) {
    console.error(`That is more than scripts/first-visit.ts allows: ${over.join('; ')}.`)
    return 1
  }
  console.log('Next: npm run db:migrate, then npm start.')
  return 0
})

function writeScriptHashes(): number {
  const routes = readJson('app-path-routes-manifest.json')
  const leaked = developmentRoutes(routes)
  if (leaked.length > 0) {
    console.error(`The build has routes for development only: ${leaked.join(', ')}. Name their files route.dev.ts.`)
    return 1
  }
  const dynamic = pagesPerRequest(routes, readJson('prerender-manifest.json'))
  if (dynamic.length > 0) {
    console.error(
      `These pages are rendered per request: ${dynamic.join(', ')}. They would not open offline, and their inline ` +
        'scripts have no hash. Make them static: read what differs (ids, the session) in the browser.',
    )
    return 1
  }
  const hashes = hashesOfInlineScripts(htmlFiles().map((path) => readFileSync(path, 'utf8')))
  const manifest = join(output, 'routes-manifest.json')
  const text = readFileSync(manifest, 'utf8')
  if (hashes.length === 0 || !text.includes(scriptHashesPlaceholder)) {
    console.error('Found no inline scripts, or no policy to write their hashes to. Has Next changed its output?')
    return 1
  }
  writeFileSync(manifest, text.replaceAll(scriptHashesPlaceholder, hashes.join(' ')))
  console.log(`Wrote the hashes of ${hashes.length} inline scripts into the content security policy.`)
  return 0
}

function htmlFiles(): string[] {
  return readdirSync(join(output, 'server'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
    .map((entry) => join(entry.parentPath, entry.name))
}

function readJson(name: string) {
  return JSON.parse(readFileSync(join(output, name), 'utf8'))
}
