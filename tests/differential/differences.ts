/**
 * Where the two engines do not answer the same, and why. None of it lies in the engine: an action that depends on one of
 * these previews something else than the server confirms, and is corrected. `docs/WRITING-ACTIONS.md` says what to write
 * instead.
 */

export interface Difference {
  readonly sql: string
  readonly because: string
  /** What they answer, where that is the same on every machine. */
  readonly answers?: readonly [pglite: string, postgres: string]
}

const language = 'A text from no column has the collation of the database: bytes in PGlite, a language here.'
const letters =
  'Upper and lower case of such a text follow the rules of that collation, letter by letter or by language.'
const documents = 'Texts inside jsonb are compared in the collation of the database, and COLLATE cannot be said there.'
const parser = 'Which characters make a word is asked of the C library, whose tables differ.'
const floats = 'The last digit of this function of float8 belongs to the C library. The same of numeric is exact.'

const over = (call: string) => `select n, ${call} from generate_series(1, 40) n order by n`

export const differences: readonly Difference[] = [
  {
    sql: `select 'a' < 'B', 'Z' < 'a', '_' < '-'`,
    because: language,
    answers: ['false | true | false', 'true | false | true'],
  },
  {
    sql: `select array['a'] < array['B'], row('a', 1) < row('B', 1)`,
    because: language,
    answers: ['false | false', 'true | true'],
  },
  {
    sql: `select min(t), max(t) from unnest(array['b', 'A', 'a', 'B']) t`,
    because: language,
    answers: ['"A" | "b"', '"a" | "B"'],
  },
  {
    sql: `select string_agg(t, '' order by t) from unnest(array['b', 'A', 'a', 'B', '_', '1']) t`,
    because: language,
    answers: ['"1AB_ab"', '"_1aAbB"'],
  },
  {
    sql: `select string_agg(size::text, ' ' order by size::text) from items where place < 3`,
    because: language,
    answers: ['"Medium large small"', '"large Medium small"'],
  },
  {
    sql: `select data ->> 'name' as said from items where data is not null order by data ->> 'name'`,
    because: language,
  },
  { sql: `select place from items where data ->> 'name' > 'Z' order by place`, because: language },
  {
    sql: `select upper('straße'), initcap('o''neil')`,
    because: letters,
    answers: [`"STRAẞE" | "O'Neil"`, `"STRASSE" | "O'neil"`],
  },
  {
    sql: `select upper(data ->> 'name') from items where place = 10`,
    because: letters,
    answers: ['"STRAẞE"', '"STRASSE"'],
  },
  { sql: `select '"B"'::jsonb < '"a"'::jsonb`, because: documents, answers: ['true', 'false'] },
  {
    sql: `select string_agg(v #>> '{}', '' order by v) from jsonb_array_elements('["b", "A", "a", "B"]') v`,
    because: documents,
    answers: ['"ABab"', '"aAbB"'],
  },
  {
    sql: `select to_tsvector('simple', name) from items where name = '🦊'`,
    because: parser,
    answers: ['""', `"'🦊':1"`],
  },
  ...['sin(n)', 'cos(n)', 'tan(n)', 'atan(n)', 'asin(n / 50.0::float8)', 'sind(n)'].map((call) => ({
    sql: over(call),
    because: floats,
  })),
  ...['power(1.0001::float8, n * 100)', 'log(n::float8)', 'cbrt(n::float8)', 'tanh(n / 10.0::float8)'].map((call) => ({
    sql: over(call),
    because: floats,
  })),
]
