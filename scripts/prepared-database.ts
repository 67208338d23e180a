/**
 * The database every device begins with: tables, policies and triggers are made once, here, and a browser loads the files
 * instead of making them (TAB-3). They lie in `public/prepared/` under the hash of their bytes, so that they can be kept
 * for ever. Without them devices make their tables themselves, which takes seconds.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { migrations } from '../db/migrations'
import { model } from '../db/model'
import { createDeviceStore } from '../lib/sync/store/device/transaction'
import { createPgliteStore } from '../lib/sync/store/pglite-driver'
import { dropTemplates } from './drop-templates'
import { root } from './steps'

const folder = join(root, 'public', 'prepared')
/** What the files were made from, so that `npm run dev` makes them once. */
const recipe = join(root, '.cache', 'prepared.json')

/** The address under which browsers find it. Older ones go: pages of an older build fall back to making their tables. */
export async function prepareDeviceDatabase({ isReusing }: { readonly isReusing: boolean }): Promise<string> {
  const made = createHash('sha256')
    .update(JSON.stringify([migrations, model, sources()]))
    .digest('hex')
  const known = isReusing ? readRecipe() : null
  if (known?.made === made && readdirSync(folder).includes(known.name)) return `/prepared/${known.name}`
  const bytes = await makeDirectory()
  const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.tar.gz`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(join(folder, name), bytes)
  writeFileSync(recipe, JSON.stringify({ made, name }))
  return `/prepared/${name}`
}

async function makeDirectory(): Promise<Buffer> {
  const pglite = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] })
  await createDeviceStore({ store: createPgliteStore(pglite), model, migrations }).prepare()
  await dropTemplates(pglite)
  const directory = await pglite.dumpDataDir('gzip')
  await pglite.close()
  return Buffer.from(await directory.arrayBuffer())
}

/** The installer's own files: what it writes into a database is part of the recipe. */
function sources(): string[] {
  const store = join(root, 'lib', 'sync', 'store')
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const own = ['drop-templates.ts', 'prepared-database.ts'].map((name) => join(root, 'scripts', name))
  return [...files.sort().map((name) => join(store, name)), ...own, join(root, 'package-lock.json')].map((path) =>
    readFileSync(path, 'utf8'),
  )
}

function readRecipe(): { readonly made: string; readonly name: string } | null {
  try {
    readdirSync(folder)
    return JSON.parse(readFileSync(recipe, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
