/**
 * A digest of all rows of one audience: equal on two databases that hold the same rows, whatever order they are in. It finds
 * damage, not attackers: sums of hashes, cheap enough to be taken now and then (CON-1, FM-21).
 */
import type { Catalog } from './catalog'
import type { Sql } from './driver'
import { quoteName, quoteText } from './sql-text'

/**
 * Number of rows, then 128 bits as hexadecimal text. Every column counts as Postgres text, as in images (CAP-1), with
 * the name of its table. Cost: one pass over the rows of the audience, nothing is kept.
 */
export async function digestRows(sql: Sql, catalog: Catalog, audience: string): Promise<string> {
  const parts = [...catalog.tables.values()].map(({ name, columns }) => {
    const sorted = columns.map((column) => column.name).sort()
    // As one row value: its text form quotes, so that no two rows look alike.
    const row = `row(${[quoteText(name), ...sorted.map((column) => `${quoteName(column)}::text`)].join(', ')})::text`
    return `select md5(${row}) as hash from public.${quoteName(name)} where audience = $1`
  })
  const half = (from: number) => `coalesce(sum(('x' || substr(hash, ${from}, 16))::bit(64)::bigint::numeric), 0)::text`
  const [found] = await sql.query<{ count: string; high: string; low: string }>(
    `select count(*)::text as count, ${half(1)} as high, ${half(17)} as low from (${parts.join(' union all ')}) h`,
    [audience],
  )
  return `${found?.count ?? 0}-${word(found?.high)}${word(found?.low)}`
}

/** Modulo 2 to the 64. */
const word = (sum = '0') => BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0')
