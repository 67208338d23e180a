/**
 * Somebody's browser and the server run different builds of one database, on other machines and in other places. What an
 * action computes in SQL is the same text in both, or devices would show one thing and history another.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sql } from '@/lib/sync/store/driver'
import { drivers, type OpenStore } from '../contracts/stores'

const expressions = [
  `version() ~ 'PostgreSQL 18'`,
  ...['upper', 'lower', 'initcap'].map((name) => `${name}('straße ÄÖÜ éŁ ǆ İı' collate "C")`),
  `'Ä' collate "C" ilike 'ä'`,
  `'a' < 'B' collate "C"`,
  `(select string_agg(x, '' order by x collate "C") from unnest(array['b', 'A', 'a', 'ä', 'Z', '_', '1', ' ', '-']) x)`,
  `'straße' ~ '\\w{6}' collate "C"`,
  `regexp_replace('a1b22c333', '\\d+', '#', 'g')`,
  `length('😀é')`,
  `substr('a😀b', 2, 1)`,
  `reverse('ab😀')`,
  `md5('straße')`,
  `encode(sha256('straße'::bytea), 'hex')`,
  `'\\x00ff'::bytea`,
  ...['1 / 3', '1.0 / 3', '10::numeric / 3', '2 ^ 0.5', 'round(2.5)', 'round(2.5::float8)', 'round(-0.5::numeric)'],
  ...['0.1::float8 + 0.2', '1e-7::float8', 'sqrt(2)', 'exp(1)', 'ln(10)', 'sin(1)', 'power(10::numeric, -3)'],
  `5 % -3`,
  `div(-7, 2::numeric)`,
  `9007199254740993::bigint`,
  `'NaN'::float8 > 'Infinity'::float8`,
  `timestamptz '2026-03-29 01:30:00+00' + interval '1 day'`,
  `timestamptz '2026-03-29 01:30:00.123456+00'`,
  `date_trunc('week', timestamptz '2026-03-02 09:00:00+00')`,
  `extract(epoch from timestamptz '2026-03-02 09:00:00.5+00')`,
  `to_char(timestamptz '2026-03-02 09:00:00+00', 'TMDay DD TMMonth YYYY')`,
  `age(timestamptz '2026-03-02', timestamptz '2024-02-29')`,
  `interval '1 year 2 mons -3 days 04:05:06.7'`,
  `date '2026-02-28' + 1`,
  `'{"b": 1, "a": [1.0, null, 1e3]}'::jsonb`,
  `'{"a": 1, "a": 2}'::jsonb || '{"c": null}'`,
  `jsonb_path_query_array('[1, 2, 3]', '$[*] ? (@ > 1)')`,
  `array[3, 1, 2] || 4`,
  `(select array_agg(x order by x nulls first) from unnest(array[2, null, 1]) x)`,
  `format('%I %L %s', 'a"b', 'c''d', 'e')`,
  `to_tsvector('simple', 'Über die Brücke')`,
  `hashtext('straße')`,
]

describe('the same SQL', () => {
  let opened: OpenStore[]
  beforeAll(async () => {
    opened = await Promise.all(drivers.map((driver) => driver.open()))
  })
  afterAll(async () => {
    for (const each of opened) await each.close()
  })

  it.each(expressions)('[FM-62, ACT-1] says the same on a device and on a server: %s', async (expression) => {
    const ask = (sql: Sql) => sql.rows(`select (${expression})::text`)
    const [onDevice, onServer] = await Promise.all(opened.map(({ store }) => store.transaction(ask)))
    expect(onDevice?.[0]?.[0]).toBeTypeOf('string')
    expect(onDevice).toEqual(onServer)
  })
})
