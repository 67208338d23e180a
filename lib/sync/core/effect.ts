/**
 * What an action did, in a form that two runs can be compared by: the author's preview on a device and the canonical
 * run on the server. The receipt carries only a hash of it, so nothing leaks and nothing has to be trusted (REC-3).
 *
 * A counter that stood elsewhere before is not a difference: a whole or exact number that an update moved counts by
 * how far it moved. A value that equals the action's own `now` counts as "now", because a restamp changes it.
 */
import { canonicalJson, hashText, type Json } from './canonical-json'
import { type Clock, decodeClock } from './hlc'
import { netChanges, type Patch } from './images'
import type { Image } from './protocol'

/** Tells whether a column holds exact numbers (int2, int4, int8, numeric). */
export type IsExactNumber = (table: string, column: string) => boolean

export interface RowEffect {
  readonly table: string
  readonly key: string
  readonly op: 'insert' | 'update' | 'delete'
  readonly columns: Readonly<Record<string, Json>>
}

export function rowEffects(patches: Iterable<Patch>, isExactNumber: IsExactNumber, clock: Clock): RowEffect[] {
  const nowTexts = postgresNow(decodeClock(clock).ms)
  return netChanges(patches)
    .map((change): RowEffect => {
      const { table, key, before, after } = change
      if (after === null) return { table, key, op: 'delete', columns: {} }
      const columns: Record<string, Json> = {}
      for (const column of changedColumns(before, after)) {
        const value = after[column] ?? null
        const old = before?.[column] ?? null
        const moved = before && isExactNumber(table, column) ? exactDifference(old, value) : null
        columns[column] = moved !== null ? { plus: moved } : nowTexts.has(value ?? '') ? { now: true } : value
      }
      return { table, key, op: before === null ? 'insert' : 'update', columns }
    })
    .sort((left, right) => (`${left.table} ${left.key}` < `${right.table} ${right.key}` ? -1 : 1))
}

/** 32 hexadecimal digits, or null when the action changed nothing. */
export function effectOf(patches: Iterable<Patch>, isExactNumber: IsExactNumber, clock: Clock): string | null {
  const effects = rowEffects(patches, isExactNumber, clock)
  return effects.length === 0 ? null : hashText(canonicalJson(effects)).slice(0, 32)
}

export function changedColumns(before: Image | null, after: Image): string[] {
  return Object.keys(after).filter((column) => before === null || before[column] !== after[column])
}

/** Exact decimal subtraction of two Postgres texts; null when one is not a plain decimal (NaN, Infinity, null). */
function exactDifference(before: string | null, after: string | null): string | null {
  const plain = /^-?\d+(\.\d+)?$/
  if (before === null || after === null || !plain.test(before) || !plain.test(after)) return null
  const places = Math.max(before.split('.')[1]?.length ?? 0, after.split('.')[1]?.length ?? 0)
  const scaled = (text: string) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(places, '0'))
  }
  return decimalText(scaled(after) - scaled(before), places)
}

/** Without trailing zeros, so that a step of 0.5 is the same from 1 and from 1.00. */
function decimalText(scaled: bigint, places: number): string {
  let [digits, exponent] = [scaled, places]
  while (exponent > 0 && digits % 10n === 0n) {
    digits /= 10n
    exponent -= 1
  }
  return `${digits}e-${exponent}`
}

/** How Postgres writes this millisecond as timestamptz (in UTC) and as timestamp, under DateStyle ISO. */
function postgresNow(ms: number): ReadonlySet<string> {
  const iso = new Date(ms).toISOString()
  const fraction = iso.slice(19, 23).replace(/\.?0+$/, '')
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction}`
  return new Set([`${text}+00`, text])
}
