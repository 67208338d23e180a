/**
 * The tables of the simulated application as SQL: migrations, drizzle tables and the model with its policies, all made
 * from `simTables`, so that no database knows of a column that memory does not.
 */
import { customType, type PgColumnBuilderBase, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { SyncModel, TablePolicies } from '@/lib/sync/model'
import type { Migration } from '@/lib/sync/store/migrate'
import { type SimColumn, type SimTable, simTables } from './tables'

const sqlTypes: Readonly<Record<SimColumn['type'], string>> = {
  uuid: 'uuid',
  text: 'text collate "C"',
  bigint: 'bigint',
}

const parents = new Set(simTables.flatMap(({ parent }) => (parent ? [parent.table] : [])))

function createTable({ name, columns, unique, parent }: SimTable): string {
  const lines = [
    'id uuid primary key',
    `audience ${sqlTypes.text} not null`,
    ...columns.map((column) => `${column.name} ${sqlTypes[column.type]}${column.isNullable ? '' : ' not null'}`),
  ]
  if (unique) lines.push(`unique (audience, ${unique.join(', ')})`)
  if (parents.has(name)) lines.push('unique (id, audience)')
  if (parent) {
    lines.push(`foreign key (${parent.column}, audience) references ${parent.table} (id, audience) on delete cascade`)
  }
  return `create table ${name} (\n  ${lines.join(',\n  ')}\n)`
}

function createIndexes({ name, parent }: SimTable): string[] {
  const byParent = parent ? [`create index ${name}_by_parent on ${name} (${parent.column}, audience)`] : []
  return [`create index ${name}_by_audience on ${name} (audience, id)`, ...byParent]
}

/** Parents stand before their children in `simTables`. */
export const simMigrations: readonly Migration[] = [
  {
    tag: '0000_simulated_rooms',
    statements: [
      ...simTables.flatMap((table) => [createTable(table), ...createIndexes(table)]),
      'create index members_by_user on members (user_id, audience)',
    ],
  },
]

const isEditor = `audience = any ((select sync.audiences_edited())::text[])`
const isFounded = `audience = any ((select sync.founded_audiences())::text[])`
const isOwn = `audience = 'user:' || (select sync.current_user_id())`
const mayEdit = `${isEditor} or ${isFounded} or ${isOwn}`

const anybody: TablePolicies = { insert: 'true', update: 'true', delete: 'true' }
const editors: TablePolicies = { insert: mayEdit, update: mayEdit, updateUsing: mayEdit, delete: mayEdit }

export const simModel: SyncModel = {
  tables: simTables.map(({ name }) => name).sort(),
  grants: [{ table: 'members', userColumn: 'user_id' }],
  functions: [
    {
      name: 'audiences_edited',
      parameters: '',
      returns: 'text[]',
      sql: `select coalesce(array_agg(members.audience), '{}') from public.members
        where members.user_id = sync.current_user_id() and members.role <> 'viewer'
          and members.audience = any (sync.current_audiences())`,
    },
  ],
  policies: Object.fromEntries(simTables.map(({ name, editorsOnly }) => [name, editorsOnly ? editors : anybody])),
}

/** Whole numbers stay text on both ways: a number of JavaScript would lose digits of a bigint. */
const wholeText = customType<{ data: string; driverData: string }>({ dataType: () => 'bigint' })

function drizzleColumn({ name, type }: SimColumn): PgColumnBuilderBase {
  if (type === 'uuid') return uuid(name)
  return type === 'bigint' ? wholeText(name) : text(name)
}

function drizzleTable({ name, columns }: SimTable) {
  const own: Record<string, PgColumnBuilderBase> = {}
  for (const column of columns) own[column.name] = drizzleColumn(column)
  return pgTable(name, { ...own, id: uuid('id').primaryKey(), audience: text('audience').notNull() })
}

export type DrizzleTable = ReturnType<typeof drizzleTable>

const drizzleTables: ReadonlyMap<string, DrizzleTable> = new Map(
  simTables.map((table) => [table.name, drizzleTable(table)]),
)

export function drizzleTableOf(name: string): DrizzleTable {
  const table = drizzleTables.get(name)
  if (!table) throw new TypeError(`The simulated application has no table ${name}`)
  return table
}
