/** What stands in a database besides rows, as one hash: as long as it is the same, nobody changed anything. */
import type { Sql } from './driver'

/**
 * Columns, keys, indexes, policies, triggers and functions of captured tables and of the engine's own schema, each by the
 * transaction that wrote it last: whatever somebody took away, added or changed makes another hash, and so does a copy
 * made by statements. Not by their texts: to make those takes the database ten times as long. Live queries leave triggers
 * behind, which come and go. Cost: one statement, some milliseconds, whatever the number of rows.
 */
export async function structureHash(sql: Sql, tables: readonly string[]): Promise<string> {
  const [row] = await sql.rows(structureSql, [JSON.stringify(tables)])
  return String(row?.[0])
}

const structureSql = `
with t as materialized (
  select oid, relname, relkind, relrowsecurity, relispartition, relhassubclass, relacl from pg_class
  where relkind in ('r', 'p', 'v') and (relnamespace = to_regnamespace('sync') or (relnamespace = 'public'::regnamespace
    and relname in (select jsonb_array_elements_text($1::jsonb)))))
select md5($1 || string_agg(said, ' ' order by said collate "C")) from (
  select concat_ws(' ', 'table', relname, relkind, relrowsecurity, relispartition, relhassubclass, relacl) as said from t
  union all select concat_ws(' ', 'column', a.attrelid, a.attnum, a.attname, a.xmin) from pg_attribute a
    where a.attnum > 0 and a.attrelid in (select oid from t)
  union all select concat_ws(' ', 'default', d.oid, d.xmin) from pg_attrdef d where d.adrelid in (select oid from t)
  union all select concat_ws(' ', 'constraint', k.oid, k.xmin) from pg_constraint k
    where k.conrelid in (select oid from t) or k.confrelid in (select oid from t)
  union all select concat_ws(' ', 'index', i.indexrelid, i.xmin) from pg_index i where i.indrelid in (select oid from t)
  union all select concat_ws(' ', 'trigger', g.oid, g.tgenabled, g.xmin) from pg_trigger g
    where not g.tgisinternal and g.tgname not like '\\_notify\\_%' and g.tgrelid in (select oid from t)
  union all select concat_ws(' ', 'policy', p.oid, p.xmin) from pg_policy p where p.polrelid in (select oid from t)
  union all select concat_ws(' ', 'rule', r.oid, r.xmin) from pg_rewrite r where r.ev_class in (select oid from t)
  union all select concat_ws(' ', 'function', f.oid, f.xmin) from pg_proc f where f.pronamespace = to_regnamespace('sync')
  union all select concat_ws(' ', 'role', r.oid, pg_has_role(r.oid, 'set')) from pg_roles r
    where r.rolname = current_database() || '_app'
) everything`
