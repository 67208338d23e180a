/**
 * Where the rows of a large snapshot wait until all of them are here (SNAP-1): a table without keys next to each captured
 * one, generated columns included. They are loaded in many short transactions, so that the app goes on meanwhile, and swapped in by one. What a crash
 * leaves is dropped when the next snapshot begins (FM-07).
 */
import { invariant } from '../../core/invariant'
import type { SnapshotTable } from '../../core/snapshot-stream'
import { type CapturedTable, type Catalog, capturedTable } from '../catalog'
import { writtenColumns } from '../copy-rows'
import type { Sql } from '../driver'
import { quoteName } from '../sql-text'

const staged = (name: string) => `sync.${quoteName(`staged_${name}`)}`

/** An empty stage. Drops what is on it. */
export async function openStage(sql: Sql, catalog: Catalog): Promise<void> {
  await clearStage(sql, catalog)
  for (const table of catalog.tables.values()) {
    await sql.exec(
      `create unlogged table ${staged(table.name)} as select * from public.${quoteName(table.name)} with no data`,
    )
  }
}

export async function clearStage(sql: Sql, catalog: Catalog): Promise<void> {
  const names = [...catalog.tables.keys()].map(staged)
  await sql.exec(`drop table if exists ${names.join(', ')}`)
}

export interface StagedText extends SnapshotTable {
  /** Rows in the text form of COPY. */
  readonly text: string
}

export async function stageRows(sql: Sql, catalog: Catalog, { table, columns, text }: StagedText) {
  const known = new Set(capturedTable(catalog, table).columns.map((column) => column.name))
  invariant(
    columns.every((column) => known.has(column)),
    'DEP-2',
    `A snapshot has columns of ${table} that this build does not know`,
  )
  await sql.copyIn(`${staged(table)} (${columns.map(quoteName).join(', ')})`, text)
}

/** Of an audience whose rows are all on the stage, as of one stamp. */
export interface StagedAudience {
  readonly audience: string
  /** Microseconds, as of a log entry. */
  readonly stamp: number
}

/**
 * The rows of the audience become those on the stage, row by row under the guards of APP-1: a row that is missing there
 * goes; a row that lies in another audience here stays when that one was read later (equal stamp: stays). Then as in
 * ROL-1: what collides is deleted, what exists is updated in place, the rest is inserted. Must run in engine mode, on
 * canonical state, before the cursors move. Answers how many rows changed.
 */
export async function swapIn(sql: Sql, catalog: Catalog, { audience, stamp }: StagedAudience): Promise<number> {
  let changed = 0
  const count = async (statement: string, parameters: (string | number)[] = []) => {
    const [row] = await sql.query<{ count: string }>(
      `with done as (${statement} returning 1) select count(*) from done`,
      parameters,
    )
    changed += Number(row?.count)
  }
  const tables = [...catalog.tables.values()]
  for (const table of tables) {
    await sql.rows(staleSql(table), [audience, stamp])
    await count(goneSql(table), [audience])
    await count(collidingSql(table))
  }
  for (const table of tables) {
    const update = updateSql(table)
    if (update !== null) await count(update)
    await count(insertSql(table))
  }
  return changed
}

const isSameRow = (table: CapturedTable) =>
  table.key.map((column) => `r.${quoteName(column)} = s.${quoteName(column)}`).join(' and ')

/** Takes from the stage what is known better here: rows that lie in an audience which was read later. */
function staleSql(table: CapturedTable): string {
  return `delete from ${staged(table.name)} s using public.${quoteName(table.name)} r, sync.cursors c
    where ${isSameRow(table)} and r.audience <> $1 and c.audience = r.audience and c.stamp >= $2`
}

function goneSql(table: CapturedTable): string {
  return `delete from public.${quoteName(table.name)} r where r.audience = $1
    and not exists (select from ${staged(table.name)} s where ${isSameRow(table)})`
}

function collidingSql(table: CapturedTable): string {
  const collides = table.collidingColumns.map((name) => `r.${quoteName(name)} is distinct from s.${quoteName(name)}`)
  return `delete from public.${quoteName(table.name)} r using ${staged(table.name)} s
    where ${isSameRow(table)} and (${['false', ...collides].join(' or ')})`
}

function updateSql(table: CapturedTable): string | null {
  const settable = writtenColumns(table).filter((name) => !table.key.includes(name))
  if (settable.length === 0) return null
  const assignments = settable.map((name) => `${quoteName(name)} = s.${quoteName(name)}`)
  // As text: not every type has an equality.
  const differs = settable.map((name) => `r.${quoteName(name)}::text is distinct from s.${quoteName(name)}::text`)
  return `update public.${quoteName(table.name)} r set ${assignments.join(', ')} from ${staged(table.name)} s
    where ${isSameRow(table)} and (${differs.join(' or ')})`
}

function insertSql(table: CapturedTable): string {
  const columns = writtenColumns(table).map(quoteName).join(', ')
  const name = `public.${quoteName(table.name)}`
  return `insert into ${name} (${columns}) select ${columns} from ${staged(table.name)} s
    where not exists (select from ${name} r where ${isSameRow(table)})`
}
