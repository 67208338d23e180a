/**
 * A new PGlite for a test. Running initdb takes seconds, so it is done once per machine and version: its directory is
 * kept in `.cache/`, and every database starts from a copy of it.
 */
import { readFileSync } from 'node:fs'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Extensions, PGlite, type PGliteInterfaceExtensions } from '@electric-sql/pglite'
import { dropTemplates } from '../../scripts/drop-templates'

const folder = fileURLToPath(new URL('../../.cache/pglite', import.meta.url))

export async function newPglite<Used extends Extensions = Record<never, never>>(
  extensions: Used = {} as Used,
): Promise<PGlite & PGliteInterfaceExtensions<Used>> {
  return PGlite.create({ loadDataDir: new Blob([await readFile(await initialised())]), extensions })
}

/** Several processes may come here at once: each writes a file of its own, and the last rename stands. */
async function initialised(): Promise<string> {
  const path = join(folder, `small-${version()}.tar`)
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) return path
  await mkdir(folder, { recursive: true })
  const pglite = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] })
  await dropTemplates(pglite)
  const directory = await pglite.dumpDataDir('none')
  await pglite.close()
  const own = `${path}.${process.pid}`
  await writeFile(own, Buffer.from(await directory.arrayBuffer()))
  await rename(own, path)
  return path
}

function version(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')) as { version: string }
  return version
}
