/** Takes back what actions did, as one net change (ROL-1). */
import { imagesEqual, type Patch } from '../core/images'
import type { Image } from '../core/protocol'
import type { Catalog } from './catalog'
import type { Sql } from './driver'
import { setRows } from './set-rows'

/**
 * Restores, for each row the given actions touched, the image before the first of their patches. Never patch by patch: the intermediate states may break constraints that the first and last one keep.
 * `'all'` is the device's provisional layer. The patches stay until `dropPatches`. Must run in engine mode; the actions must be the last ones that touched
 * these rows.
 */
export async function rollBack(sql: Sql, catalog: Catalog, actionIds: readonly string[] | 'all'): Promise<void> {
  const chosen = actionIds === 'all' ? '' : 'where action_id in (select jsonb_array_elements_text($1::jsonb)::uuid)'
  const parameters = actionIds === 'all' ? [] : [JSON.stringify(actionIds)]
  const rows = await sql.query<{ table_name: string; row_key: string; image: string | null; last: string | null }>(
    `select distinct table_name, row_key, first_value(before) over edge as image, last_value(after) over edge as last
     from sync.patches ${chosen}
     window edge as (partition by table_name, row_key order by ordinal rows between unbounded preceding and unbounded following)`,
    parameters,
  )
  const targets = rows
    .map((row) => ({
      table: row.table_name,
      key: row.row_key,
      image: parseImage(row.image),
      last: parseImage(row.last),
    }))
    .filter((row) => !imagesEqual(row.image, row.last))
  if (targets.length > 0) await setRows(sql, catalog, targets)
}

/** Forgets what actions did: they are about to run again, or are no longer part of this database. */
export async function dropPatches(sql: Sql, actionIds: readonly string[] | 'all'): Promise<void> {
  if (actionIds === 'all') await sql.rows('delete from sync.patches')
  else {
    const ids = JSON.stringify(actionIds)
    await sql.rows('delete from sync.patches where action_id in (select jsonb_array_elements_text($1::jsonb)::uuid)', [
      ids,
    ])
  }
}

/** What actions did, in the order it was captured, by action id. */
export async function readPatches(sql: Sql, actionIds: readonly string[]): Promise<Map<string, Patch[]>> {
  const rows = await sql.query<{
    id: string
    table_name: string
    row_key: string
    before: string | null
    after: string | null
  }>(
    `select action_id as id, table_name, row_key, before, after from sync.patches
     where action_id in (select jsonb_array_elements_text($1::jsonb)::uuid) order by ordinal`,
    [JSON.stringify(actionIds)],
  )
  const byAction = new Map<string, Patch[]>(actionIds.map((id) => [id, []]))
  for (const row of rows) {
    const patch = {
      table: row.table_name,
      key: row.row_key,
      before: parseImage(row.before),
      after: parseImage(row.after),
    }
    byAction.get(row.id)?.push(patch)
  }
  return byAction
}

function parseImage(text: string | null): Image | null {
  return text === null ? null : (JSON.parse(text) as Image)
}
