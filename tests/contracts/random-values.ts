/** Random values of the types that lose something on a careless way, as the text a column takes. */
import fc from 'fast-check'

/** Text any database takes: without NUL; `grapheme` and `full` units make no lone surrogates. */
const text = fc
  .oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 12 }))
  .map((value) => value.replaceAll('\0', ''))
const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const digits = (max: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max })
const numeric = fc.oneof(
  fc.tuple(fc.constantFrom('', '-'), digits(40), digits(40)).map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '0', '0.000'),
)
const float = (value: number) => (Object.is(value, -0) ? '-0' : String(value))
const micros = fc.bigInt({ min: -60_000_000_000_000_000n, max: 250_000_000_000_000_000n })
/** A moment by its microseconds since 1970, so that no Date takes part. */
const moment = micros.map((value) => `${value}`)

function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '')
  if (Array.isArray(value)) return value.map(withoutNul)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.replaceAll('\0', ''), withoutNul(member)]),
  )
}

const json = fc.jsonValue({ stringUnit: 'grapheme' }).map((value) => JSON.stringify(withoutNul(value)))
const quoted = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
const texts = fc
  .array(fc.option(text), { maxLength: 5 })
  .map((items) => `{${items.map((item) => (item === null ? 'NULL' : quoted(item))).join(',')}}`)

/** Columns of `kinds` with the SQL that makes their value of parameter `?`. */
export const randomColumns = {
  c_bigint: '?::bigint',
  c_numeric: '?::numeric',
  c_float8: '?::float8',
  c_float4: '?::float4',
  c_text: '?',
  c_bytea: `decode(?, 'hex')`,
  c_timestamptz: `timestamptz 'epoch' + ?::bigint * interval '1 microsecond'`,
  c_interval: `?::bigint * interval '1 microsecond'`,
  c_json: '?::json',
  c_jsonb: '?::jsonb',
  c_texts: '?::text[]',
} as const

export type RandomRow = Readonly<Record<keyof typeof randomColumns, string | null>>

export const randomRow: fc.Arbitrary<RandomRow> = fc.record({
  c_bigint: fc.option(bigint),
  c_numeric: fc.option(numeric),
  c_float8: fc.option(fc.double().map(float)),
  c_float4: fc.option(fc.float().map(float)),
  c_text: fc.option(text),
  c_bytea: fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'))),
  c_timestamptz: fc.option(moment),
  c_interval: fc.option(moment),
  c_json: fc.option(json),
  c_jsonb: fc.option(json),
  c_texts: fc.option(texts),
})
