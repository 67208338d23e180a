/** Writes `public/sw.js`: the service worker of the finished build in `.next/`, with the list of all it has to keep. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Manifest } from '../app/_engine/offline/plan'
import { root } from './steps'

/** Pages that open without a network. */
const pages = ['/', '/app']
const publicFiles = ['/theme.js', '/icon.svg', '/icon-192.png', '/icon-512.png', '/manifest.webmanifest']

export async function writeServiceWorker(buildNumber: string): Promise<Manifest> {
  const prerendered = JSON.parse(readFileSync(join(root, '.next', 'prerender-manifest.json'), 'utf8')) as {
    routes: Record<string, unknown>
  }
  const missing = pages.filter((page) => !(page in prerendered.routes))
  if (missing.length > 0)
    throw new Error(`These pages cannot be kept offline, they are not static: ${missing.join(', ')}`)
  const manifest: Manifest = { build: buildNumber, pages, files: [...publicFiles, ...staticFiles()] }
  await build({
    entryPoints: [join(root, 'app/_engine/offline/service-worker.ts')],
    outfile: join(root, 'public', 'sw.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    define: { MANIFEST: JSON.stringify(manifest) },
    logLevel: 'error',
  })
  return manifest
}

function staticFiles(): string[] {
  const folder = join(root, '.next', 'static')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => `/_next/static${join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/')}`)
    .sort()
}
