/** Takes back what actions did, as one net change (ROL-1). */
import { imagesEqual } from '../core/images'
import type { Image } from '../core/protocol'
import type { Catalog } from './catalog'
import type { Sql } from './driver'
import { setRows } from './set-rows'

/**
 * Restores, for each row the given actions touched, the image before the first of their patches, and drops those
 * patches. Never patch by patch: the intermediate states may break constraints that the first and last one keep.
 * `'all'` is the device's provisional layer. Must run in engine mode; the actions must be the last ones that touched
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
    .map((row) => ({ table: row.table_name, key: row.row_key, image: parseImage(row.image), last: parseImage(row.last) }))
    .filter((row) => !imagesEqual(row.image, row.last))
  if (targets.length > 0) await setRows(sql, catalog, targets)
  await sql.rows(`delete from sync.patches ${chosen}`, parameters)
}

function parseImage(text: string | null): Image | null {
  return text === null ? null : (JSON.parse(text) as Image)
}
