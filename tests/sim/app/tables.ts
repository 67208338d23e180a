/** Tables of the simulated application, told once for SQL and for memory. Every column holds text or whole numbers. */

export interface SimColumn {
  readonly name: string
  readonly type: 'uuid' | 'text' | 'bigint'
  readonly isNullable?: boolean
}

export interface SimTable {
  readonly name: string
  /** Besides `id uuid primary key` and `audience text not null`. */
  readonly columns: readonly SimColumn[]
  /** One unique constraint, with `audience` in it. */
  readonly unique?: readonly string[]
  /** A foreign key `(column, audience)` to `(id, audience)` of another table; deleting the parent takes its children along. */
  readonly parent?: { readonly column: string; readonly table: string }
  /**
   * Rows are inserted, updated and deleted only by members of the audience who are no viewers, by the founder in an
   * audience the running action founds, and by everybody in their own `user:` audience.
   */
  readonly editorsOnly?: boolean
}

export const simTables: readonly SimTable[] = [
  {
    name: 'members',
    columns: [
      { name: 'user_id', type: 'text' },
      { name: 'role', type: 'text' },
    ],
    unique: ['user_id'],
  },
  {
    name: 'accounts',
    columns: [
      { name: 'holder', type: 'text' },
      { name: 'balance', type: 'bigint' },
    ],
    editorsOnly: true,
  },
  {
    name: 'seats',
    columns: [
      { name: 'place', type: 'bigint' },
      { name: 'holder', type: 'text' },
    ],
    unique: ['place'],
    editorsOnly: true,
  },
  { name: 'folders', columns: [{ name: 'title', type: 'text' }] },
  {
    name: 'notes',
    columns: [
      { name: 'folder_id', type: 'uuid' },
      { name: 'body', type: 'text' },
    ],
    parent: { column: 'folder_id', table: 'folders' },
  },
  {
    name: 'items',
    columns: [
      { name: 'label', type: 'text' },
      { name: 'value', type: 'bigint' },
      { name: 'holder', type: 'text', isNullable: true },
    ],
  },
]

const tablesByName = new Map(simTables.map((table) => [table.name, table]))

export function simTable(name: string): SimTable {
  const table = tablesByName.get(name)
  if (!table) throw new TypeError(`The simulated application has no table ${name}`)
  return table
}
