/** A column for every type that captured tables may have, with values that lose something on a careless way (FM-75). */

export interface KindColumn {
  readonly column: string
  readonly type: string
  /** SQL text of values. */
  readonly values: readonly string[]
}

export const kindTypes = `
create type mood as enum ('calm', 'it''s "odd"', 'Größe');
create domain short_text as text collate "C" check (length(value) < 30);
create domain positive as integer check (value > 0);
create type pair as (amount numeric, note text);`

const texts = [
  `''`,
  `'plain'`,
  `' spaces around '`,
  `'NULL'`,
  `'it''s "quoted" \\ and {braced},'`,
  `E'line\\nbreak\\ttab\\rreturn\\x01'`,
  `'Ärger 🦊 e\u0301 \u{10ffff}'`,
]

export const kindColumns: readonly KindColumn[] = [
  {
    column: 'c_bigint',
    type: 'bigint',
    values: ['9223372036854775807', '(-9223372036854775808)', '9007199254740993', '0'],
  },
  { column: 'c_int2', type: 'smallint', values: ['(-32768)', '32767'] },
  { column: 'c_int4', type: 'integer', values: ['(-2147483648)', '2147483647'] },
  {
    column: 'c_numeric',
    type: 'numeric',
    values: [
      '1.500',
      '123456789012345678901234567890.1234567890123456789000',
      `'NaN'`,
      `'Infinity'`,
      `'-Infinity'`,
      '0.00',
      '(-1e-30)',
      '1e50',
    ],
  },
  { column: 'c_price', type: 'numeric(14,4)', values: ['1.5', '(-9999999999.9999)', `'NaN'`] },
  { column: 'c_float4', type: 'real', values: [`'-0'`, `'NaN'`, '1.1', '3.4028235e38', `'-Infinity'`, '1e-45'] },
  {
    column: 'c_float8',
    type: 'double precision',
    values: [`'-0'`, `'NaN'`, '0.1', '5e-324', '1.7976931348623157e308', `'Infinity'`, '0.30000000000000004'],
  },
  { column: 'c_boolean', type: 'boolean', values: ['true', 'false'] },
  { column: 'c_text', type: 'text collate "C"', values: texts },
  { column: 'c_varchar', type: 'varchar(12) collate "C"', values: [`'exactly 12!!'`, `'  '`, `''`] },
  { column: 'c_char', type: 'char(5) collate "C"', values: [`'ab'`, `'  a'`, `''`, `'12345'`] },
  { column: 'c_name', type: 'name', values: [`'a name'`] },
  { column: 'c_uuid', type: 'uuid', values: [`'6f9619ff-8b86-d011-b42d-00c04fc964ff'`] },
  { column: 'c_bytea', type: 'bytea', values: [`'\\x'`, `'\\x00ff5c270a'`, `decode(repeat('00fe', 500), 'hex')`] },
  {
    column: 'c_date',
    type: 'date',
    values: [`'infinity'`, `'-infinity'`, `'0044-03-15 BC'`, `'5874897-12-31'`, `'2026-02-28'`],
  },
  { column: 'c_time', type: 'time', values: [`'23:59:59.999999'`, `'24:00:00'`, `'00:00:00.1'`] },
  { column: 'c_timetz', type: 'timetz', values: [`'12:00:00.123456+05:45'`, `'00:00:00-15:59'`] },
  {
    column: 'c_timestamp',
    type: 'timestamp',
    values: [`'2026-03-01 12:00:00.000001'`, `'infinity'`, `'0044-03-15 12:00:00 BC'`],
  },
  {
    column: 'c_timestamptz',
    type: 'timestamptz',
    values: [
      `'2026-03-29 02:30:00.123456+05:45'`,
      `'-infinity'`,
      `'0001-01-01 00:00:00 BC'`,
      `'294276-12-31 23:59:59.999999+00'`,
      `'1800-01-01 00:00:00+00'`,
    ],
  },
  { column: 'c_moment', type: 'timestamptz(3)', values: [`'2026-03-01 12:00:00.120+00'`, `'2026-03-01 12:00:00+00'`] },
  {
    column: 'c_interval',
    type: 'interval',
    values: [`'1 year -2 mons +3 days -04:05:06.000007'`, `'infinity'`, `'-1 day'`, `'36:00:00'`, `'0'`],
  },
  { column: 'c_json', type: 'json', values: [`'{"b": 1,  "a": [1, 2.50], "b": 2}'`, `'null'`, `' "x" '`, `'1e3'`] },
  {
    column: 'c_jsonb',
    type: 'jsonb',
    values: [
      `'null'`,
      `'{"n": 123456789012345678901234567890.10, "a": null, "é": "\\""}'`,
      `'[]'`,
      `'"null"'`,
      `'1.0'`,
    ],
  },
  {
    column: 'c_texts',
    type: 'text[] collate "C"',
    values: [`'{}'`, `'{a,NULL,"NULL","","a b","\\"q\\"",it''s}'`, `'{{a,b},{c,NULL}}'`, `'[0:1]={a,b}'`],
  },
  { column: 'c_ints', type: 'integer[]', values: [`'{1,NULL,3}'`, `'{{1,2},{3,4}}'`, `'{}'`] },
  { column: 'c_numerics', type: 'numeric(8,2)[]', values: [`'{1.50,NULL,NaN}'`] },
  { column: 'c_moments', type: 'timestamptz[]', values: [`'{"2026-03-01 12:00:00.123456+02",NULL,infinity}'`] },
  { column: 'c_byteas', type: 'bytea[]', values: [`array['\\x00'::bytea, null, '\\x5c22']`] },
  { column: 'c_jsonbs', type: 'jsonb[]', values: [`array['null'::jsonb, null, '{"a": "b,\\"c"}']`] },
  { column: 'c_mood', type: 'mood', values: [`'calm'`, `'it''s "odd"'`, `'Größe'`] },
  { column: 'c_moods', type: 'mood[]', values: [`array['calm', 'it''s "odd"', null]::mood[]`] },
  { column: 'c_short', type: 'short_text', values: [`'a domain'`, `''`] },
  { column: 'c_positive', type: 'positive', values: ['7'] },
  { column: 'c_pair', type: 'pair', values: [`row(1.50, 'a,"b" \\ c')`, `row(null, '')`] },
  { column: 'c_int4range', type: 'int4range', values: [`'[1,5)'`, `'empty'`, `'(,)'`] },
  { column: 'c_tstzrange', type: 'tstzrange', values: [`'["2026-03-01 00:00:00.000001+00",infinity)'`] },
  { column: 'c_multirange', type: 'nummultirange', values: [`'{[1.50,2.5),(7,)}'`, `'{}'`] },
  { column: 'c_bit', type: 'bit(5)', values: [`B'10101'`, `B'00000'`] },
  { column: 'c_varbit', type: 'bit varying(10)', values: [`B'101'`, `B''`] },
  { column: 'c_inet', type: 'inet', values: [`'10.0.0.1'`, `'10.0.0.1/8'`, `'::1'`] },
  { column: 'c_cidr', type: 'cidr', values: [`'10.0.0.0/8'`] },
  { column: 'c_macaddr', type: 'macaddr', values: [`'08:00:2b:01:02:03'`] },
  { column: 'c_tsvector', type: 'tsvector', values: [`'a:1A fat:2,4 ''cat''''s'':3'`] },
  { column: 'c_tsquery', type: 'tsquery', values: [`'fat & !cat:AB'`] },
  { column: 'c_point', type: 'point', values: [`'(0.1,-0)'`, `'(NaN,Infinity)'`] },
  { column: 'c_polygon', type: 'polygon', values: [`'((0,0),(1.1,0),(1,1))'`] },
]

/** Rows that hold every value of every column at least once, and a row of nulls: SQL texts in column order. */
export const kindRows: readonly (readonly string[])[] = [
  ...Array.from({ length: Math.max(...kindColumns.map(({ values }) => values.length)) }, (_, row) =>
    kindColumns.map(({ values }) => values[row % values.length] ?? 'null'),
  ),
  kindColumns.map(() => 'null'),
]
