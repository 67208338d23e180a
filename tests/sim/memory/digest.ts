/**
 * The digest of rows as `store/digest.ts` has it, text by text: so a device in memory and a server on Postgres compare
 * theirs as real ones do.
 */
import { createHash } from 'node:crypto'
import type { CurrentRow } from '@/lib/sync/store/set-rows'

export function digestOf(rows: readonly CurrentRow[], columnsOf: (table: string) => readonly string[]): string {
  const hashes = rows.map(({ table, image }) => {
    const values = [...columnsOf(table)].sort().map((column) => image[column] ?? null)
    return createHash('md5')
      .update(rowText([table, ...values]))
      .digest('hex')
  })
  const half = (from: number) => {
    const sum = hashes.reduce((total, hash) => total + BigInt(`0x${hash.slice(from, from + 16)}`), 0n)
    return BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
  }
  return `${hashes.length}-${half(0)}${half(16)}`
}

/** How Postgres writes a row value. */
function rowText(values: readonly (string | null)[]): string {
  return `(${values.map((value) => (value === null ? '' : quoted(value))).join(',')})`
}

function quoted(value: string): string {
  if (value !== '' && !/["\\(),\s]/.test(value)) return value
  return `"${value.replace(/["\\]/g, '$&$&')}"`
}
