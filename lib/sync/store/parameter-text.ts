/** Parameters as Postgres text, the same for both drivers, so that neither guesses a type of its own. */
import { SqlError, type SqlParameter } from './driver'

const invalidCharacter = '22021'
/** NUL, which Postgres refuses, and halves of surrogate pairs, which drivers would silently turn into U+FFFD. */
const notText = /\0|\p{Surrogate}/u

/** Throws the SqlError Postgres would answer, before anything is sent: both databases refuse the same texts. */
export function parameterTexts(statement: string, parameters: readonly SqlParameter[]): (string | null)[] {
  return parameters.map((parameter, index) => {
    const text = parameterText(parameter)
    if (text === null || !notText.test(text)) return text
    const message = `Parameter $${index + 1} holds a character no database takes: NUL or half of a surrogate pair.`
    throw new SqlError({ message, code: invalidCharacter, statement })
  })
}

function parameterText(value: SqlParameter): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) {
    return `\\x${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  }
  return Object.is(value, -0) ? '-0' : String(value)
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
