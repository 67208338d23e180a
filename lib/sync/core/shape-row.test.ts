import { expect, test } from 'vitest'
import type { LogEntry } from './protocol'
import { entryOfRow, rowOfEntry, shapeSchema } from './shape-row'

const entry: LogEntry = {
  ...{ audience: 'project:1', seq: 12, token: 't12', previousToken: 't11', stamp: 1_790_000_000_000_123, place: 3 },
  ...{ ingest: '00000000-0000-4000-8000-000000000001', kind: 'action', causes: [], receipts: [] },
  action: {
    ...{ id: '00000000-0000-4000-8000-000000000002', name: 'issue.create', version: 1, author: 'ann' },
    clock: '0198f0000000-0000-00000000-0000-4000-8000-000000000003',
  },
  changes: [{ table: 'issues', key: '["1"]', image: { id: '1', title: 'Mast "of" ☃', note: null } }],
}

/** What the client library makes of a value, by its type in the schema. */
function parsed(row: Readonly<Record<string, string | null>>) {
  const schema = JSON.parse(shapeSchema) as Record<string, { type: string }>
  const parse = (name: string, value: string | null) => {
    if (value === null) return null
    const type = schema[name]?.type
    return type === 'int8'
      ? BigInt(value)
      : type === 'int4'
        ? Number(value)
        : type === 'jsonb'
          ? JSON.parse(value)
          : value
  }
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, parse(name, value)]))
}

test('[SHP-3] an entry travels as a row of text and comes back the same', () => {
  for (const one of [entry, { ...entry, kind: 'correction' as const, action: null, changes: [] }]) {
    expect(Object.keys(JSON.parse(shapeSchema))).toEqual(Object.keys(rowOfEntry(one)))
    expect(entryOfRow(parsed(rowOfEntry(one)))).toEqual(one)
  }
})

test('[NET-1] a row that is none, or of a log this app does not know, is not read', () => {
  const row = parsed(rowOfEntry(entry))
  const odd = [
    null,
    'row',
    {},
    { ...row, seq: 'x' },
    { ...row, kind: 'party' },
    { ...row, changes: null },
    { ...row, more: 1 },
  ]
  for (const one of odd) expect(entryOfRow(one)).toBeNull()
})
