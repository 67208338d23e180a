/** Parameters as Postgres text, the same for both drivers, so that neither guesses a type of its own. */
import type { SqlParameter } from './driver'

export function parameterText(value: SqlParameter): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) {
    return `\\x${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  }
  return String(value)
}

/** Type oids whose values arrive as JavaScript values: bool, int2, int4, oid, float4, float8. The rest stays text. */
export const parsersByOid: Readonly<Record<number, (text: string) => boolean | number>> = {
  16: (text) => text === 't',
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
}

/** How a value is written and read in every transaction of the engine: the same on every server and device (ACT-1). */
export const sessionSettings = [
  "set local timezone = 'UTC'",
  "set local datestyle = 'ISO, YMD'",
  "set local intervalstyle = 'postgres'",
  "set local bytea_output = 'hex'",
  'set local extra_float_digits = 1',
].join('; ')
