import type { PGlite } from '@electric-sql/pglite'

/**
 * A database that nobody makes others from does without the two that Postgres copies: three fifths of its files, and
 * almost half of their compressed size. In a browser each file is an open handle, at every start.
 */
export async function dropTemplates(pglite: PGlite): Promise<void> {
  for (const name of ['template0', 'template1']) {
    await pglite.query('update pg_database set datistemplate = false, datallowconn = true where datname = $1', [name])
    await pglite.exec(`drop database ${name}`)
  }
  await pglite.exec('checkpoint')
}
