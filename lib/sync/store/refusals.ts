/**
 * What installation refuses on captured tables, each with what to write instead (ACT-1, ACT-2, AUD-1, CAP-2). A schema
 * that passes keeps replay deterministic and audiences independent of each other.
 */
import type { SyncModel } from '../model'
import type { Sql } from './driver'

export class InstallRefused extends Error {
  override readonly name = 'InstallRefused'
  constructor(readonly refusals: readonly string[]) {
    super(`The schema cannot be captured:\n${refusals.map((refusal) => `  - ${refusal}`).join('\n')}`)
  }
}

interface Finding {
  rule: string
  table_name: string
  subject: string
}

/** What to say, by rule of the query below. */
const advice: Record<string, (table: string, subject: string) => string> = {
  'no-table': (table) =>
    `${table} does not exist in schema public: run \`npm run db:generate\` and \`npm run db:migrate\`.`,
  'no-audience': (table) =>
    `${table} has no column "audience text not null": add \`audience: audience('project', 'project_id')\` from db/columns.ts (AUD-1).`,
  'audience-type': (table) =>
    `${table}.audience must be text, not null, and plain or generated STORED: use the columns of db/columns.ts (AUD-1).`,
  collation: (table, column) =>
    `${table}.${column} sorts by a locale, which differs between databases: use \`text()\` from db/columns.ts, which is COLLATE "C" (ACT-1).`,
  'volatile-default': (table, column) =>
    `${table}.${column} has a default that differs on every run: pass \`now\` or \`id()\` of the action instead (ACT-1).`,
  identity: (table, column) =>
    `${table}.${column} is an identity or serial column, and nextval is not rolled back: number rows from a counter row in a table without children (ACT-1).`,
  'virtual-column': (table, column) =>
    `${table}.${column} is generated VIRTUAL and cannot be captured: make it STORED (CAP-1).`,
  'no-key': (table) => `${table} has no primary key: add \`id: uuid().primaryKey()\` and insert \`id()\` (CAP-2).`,
  'key-type': (table, column) =>
    `${table}.${column} is a single-column key that \`id()\` cannot hand out: make it uuid or text (ACT-2).`,
  unique: (table, constraint) =>
    `${constraint} on ${table} is unique over all audiences, so strangers could collide: add the column audience to it (ACT-2).`,
  'foreign-key-audience': (table, constraint) =>
    `${constraint} on ${table} could join two audiences: reference \`(id, audience)\`, with \`unique (id, audience)\` on the parent (ACT-2).`,
  'foreign-key-uncaptured': (table, constraint) =>
    `${constraint} on ${table} points at a table that is not captured: keep the id as a plain column (CAP-2).`,
  'foreign-key-inwards': (table, constraint) =>
    `${constraint} points at ${table} from a table that is not captured: rolling back would not restore its rows. Keep the id as a plain column there (CAP-2).`,
  restrict: (table, constraint) =>
    `${constraint} on ${table} says RESTRICT, which fires even when deferred: use NO ACTION or CASCADE (CAP-2).`,
  trigger: (table, trigger) =>
    `Trigger ${trigger} on ${table} would run on every replay: write what it does in the action (CAP-2).`,
  policy: (table, policy) =>
    `Policy ${policy} on ${table} is not from db/policies.ts: move it there, one condition per verb (AUD-3).`,
  type: (table, column) =>
    `${table}.${column} has a type whose text does not say the same in every database: use numeric for money, text() for names and padded text (CAP-1).`,
  kind: (table) => `${table} is partitioned or inherits: captured tables are plain tables (CAP-1).`,
}

/** Throws InstallRefused with everything that is wrong, not only the first. */
export async function refuseUnfit(sql: Sql, model: SyncModel): Promise<void> {
  const findings = await sql.query<Finding>(findingsSql, [JSON.stringify(model.tables)])
  const refusals = findings.map(({ rule, table_name, subject }) => {
    const say = advice[rule]
    return say ? say(table_name, subject) : `${rule} on ${table_name}: ${subject}`
  })
  for (const table of model.tables) {
    if (!model.policies[table]) {
      refusals.push(
        `${table} has no policies: say in db/policies.ts who may insert, update and delete its rows (AUD-3).`,
      )
    }
  }
  for (const name of Object.keys(model.policies)) {
    if (!model.tables.includes(name))
      refusals.push(`db/policies.ts names ${name}, which is not in db/schema.ts (AUD-3).`)
  }
  for (const grant of model.grants) {
    if (!model.tables.includes(grant.table)) {
      refusals.push(
        `db/audiences.ts grants from ${grant.table}, which is not captured: grants derive from captured rows (AUD-2).`,
      )
    }
  }
  if (refusals.length > 0) throw new InstallRefused(refusals)
}

const findingsSql = `
with wanted as (select jsonb_array_elements_text($1::jsonb) as name),
t as (
  select c.oid, c.relname::text as name, c.relkind, c.relispartition,
    (select attnum from pg_attribute a where a.attrelid = c.oid and a.attname = 'audience' and not a.attisdropped) as audience
  from pg_class c join wanted w on c.relname = w.name
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
),
col as (
  select t.name as table_name, t.oid as relid, a.attname::text as column_name, a.* , d.adbin::text as default_tree
  from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
),
ix as (
  select t.name as table_name, t.audience, i.indisprimary, i.indexrelid::regclass::text as index_name,
    i.indnkeyatts as width, (i.indkey::int2[])[0:i.indnkeyatts - 1] as columns
  from t join pg_index i on i.indrelid = t.oid where i.indisunique or i.indisexclusion
),
fk as (
  select t.name as table_name, t.audience, k.conname::text as constraint_name, k.conkey, k.confkey, k.confupdtype,
    k.confdeltype, p.name as parent, p.audience as parent_audience
  from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and k.conparentid = 0
  left join t p on p.oid = k.confrelid
)
select 'no-table' as rule, w.name as table_name, w.name as subject from wanted w where w.name not in (select name from t)
union all select 'kind', name, name from t where relkind <> 'r' or relispartition
  or exists (select from pg_inherits h where h.inhrelid = t.oid or h.inhparent = t.oid)
union all select 'no-audience', name, 'audience' from t where audience is null
union all select 'audience-type', table_name, column_name from col
  where column_name = 'audience' and (atttypid <> 'text'::regtype or not attnotnull)
union all select 'collation', table_name, column_name from col where attcollation not in (0, 950)
union all select 'type', table_name, column_name from col
  where format_type(atttypid, null) ~ '^(money|reg[a-z]+)(\\[\\])?$' or (atttypid = 'bpchar'::regtype and atttypmod < 0)
union all select 'identity', table_name, column_name from col
  where attidentity <> '' or default_tree ~ 'NEXTVALUEEXPR' or default_tree ~ (':funcid ' || 'nextval(regclass)'::regprocedure::oid || ' ')
union all select 'volatile-default', table_name, column_name from col
  where attgenerated = '' and default_tree !~ (':funcid ' || 'nextval(regclass)'::regprocedure::oid || ' ')
  and (default_tree ~ 'SQLVALUEFUNCTION' or exists (
    select from regexp_matches(default_tree, ':(?:funcid|opfuncid) (\\d+)', 'g') m
    join pg_proc f on f.oid = m[1]::oid where f.provolatile <> 'i'))
union all select 'virtual-column', table_name, column_name from col where attgenerated = 'v'
union all select 'no-key', name, name from t where not exists (select from ix where ix.table_name = t.name and ix.indisprimary)
union all select 'key-type', ix.table_name, col.column_name from ix
  join col on col.table_name = ix.table_name and col.attnum = ix.columns[1]
  where ix.indisprimary and ix.width = 1 and col.atttypid not in ('uuid'::regtype, 'text'::regtype)
union all select 'unique', table_name, index_name from ix
  where not (indisprimary and width = 1) and (audience is null or not audience = any(columns))
union all select 'foreign-key-uncaptured', table_name, constraint_name from fk where parent is null
union all select 'foreign-key-inwards', t.name, k.conname::text from t join pg_constraint k on k.confrelid = t.oid
  where k.contype = 'f' and k.conrelid not in (select oid from t)
union all select 'foreign-key-audience', table_name, constraint_name from fk
  where parent is not null and not exists (
    select from unnest(conkey, confkey) pair(own, other) where own = audience and other = parent_audience)
union all select 'restrict', table_name, constraint_name from fk where confupdtype = 'r' or confdeltype = 'r'
union all select 'trigger', t.name, g.tgname::text from t join pg_trigger g on g.tgrelid = t.oid
  where not g.tgisinternal and g.tgname not like 'sync\\_%' and g.tgname not like '\\_notify\\_%'
union all select 'policy', t.name, p.polname::text from t join pg_policy p on p.polrelid = t.oid
  where p.polname not like 'sync\\_%'
order by 2, 1, 3`
