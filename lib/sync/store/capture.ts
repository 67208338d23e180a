/**
 * Capture: one generated trigger function per table, static SQL (CAP-1), and the guards around it (CAP-2, ROL-2).
 *
 * ```
 *  INSERT/UPDATE/DELETE ─▶ sync_guard (statement)   refuses writes outside an action
 *                       ─▶ sync_keep  (row, before) engine mode: stops cascades it did not name
 *                       ─▶ sync_capture (row, after) action mode: image before and after into sync.patches
 *  TRUNCATE             ─▶ sync_truncate            always refused outside engine mode
 * ```
 */
import type { CapturedTable } from './catalog'
import { quoteName, quoteText } from './sql-text'

const argumentsMax = 50

/** SQL text of a row's image: every column as Postgres text, in chunks (a call takes 100 arguments at most). */
export function imageExpression(table: CapturedTable, row: string): string {
  const chunks: string[] = []
  for (let start = 0; start < table.columns.length; start += argumentsMax) {
    const pairs = table.columns
      .slice(start, start + argumentsMax)
      .map((column) => `${quoteText(column.name)}, ${row}.${quoteName(column.name)}::text`)
    chunks.push(`jsonb_build_object(${pairs.join(', ')})`)
  }
  return chunks.join(' || ')
}

/** SQL text of a row's key: a JSON array of the key columns as text, in key order. */
export function keyExpression(table: CapturedTable, row: string): string {
  return `jsonb_build_array(${table.key.map((column) => `${row}.${quoteName(column)}::text`).join(', ')})::text`
}

/** SQL text that finds a row by its key in `keyJson` (jsonb), through the primary key's index. */
export function keyMatch(table: CapturedTable, row: string, keyJson: string): string {
  return table.key
    .map((column, position) => {
      const type = table.columns.find((candidate) => candidate.name === column)?.type ?? 'text'
      return `${row}.${quoteName(column)} = (${keyJson} ->> ${position})::${type}`
    })
    .join(' and ')
}

/** Functions that all tables share. */
export const guardFunctions = `
create or replace function sync.guard() returns trigger language plpgsql as $body$
begin
  if coalesce(current_setting('sync.mode', true), '') in ('action', 'engine') then return null; end if;
  raise exception 'Table % is captured: write it inside an action.', tg_table_name
    using errcode = 'BL001', hint = 'Call an action with useAction, or runAction(action, input, { as }) on the server.';
end $body$;
create or replace function sync.guard_truncate() returns trigger language plpgsql as $body$
begin
  if coalesce(current_setting('sync.mode', true), '') = 'engine' then return null; end if;
  raise exception 'TRUNCATE of captured table % is refused: it would leave no patches.', tg_table_name
    using errcode = 'BL002', hint = 'Delete the rows inside an action.';
end $body$;
create or replace function sync.keep() returns trigger language plpgsql as $body$
begin
  if pg_trigger_depth() > 1 then return null; end if;
  return coalesce(new, old);
end $body$;`

/**
 * No variables and hardly a condition: plpgsql prepares each expression anew in every transaction, a statement only once.
 */
export function captureSql(table: CapturedTable): string {
  const name = quoteName(table.name)
  const capture = `sync.${quoteName(`capture_${table.name}`)}`
  const add = 'insert into sync.patches (action_id, table_name, row_key, before, after)'
  const start = `nullif(current_setting('sync.action_id', true), '')::uuid, ${quoteText(table.name)}`
  const [oldKey, newKey] = [keyExpression(table, 'old'), keyExpression(table, 'new')]
  const [oldImage, newImage] = [imageExpression(table, 'old'), imageExpression(table, 'new')]
  return `
create or replace function ${capture}() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $body$
begin
  if tg_op = 'INSERT' then
    ${add} values (${start}, ${newKey}, null, ${newImage});
  elsif tg_op = 'DELETE' then
    ${add} values (${start}, ${oldKey}, ${oldImage}, null);
  elsif ${oldKey} = ${newKey} then
    ${add} select ${start}, ${newKey}, i.before, i.after from (select ${oldImage} as before, ${newImage} as after) i
      where i.before <> i.after;
  else
    ${add} values (${start}, ${oldKey}, ${oldImage}, null), (${start}, ${newKey}, null, ${newImage});
  end if;
  return null;
end $body$;
drop trigger if exists sync_guard on public.${name};
create trigger sync_guard before insert or update or delete on public.${name}
  for each statement execute function sync.guard();
drop trigger if exists sync_truncate on public.${name};
create trigger sync_truncate before truncate on public.${name}
  for each statement execute function sync.guard_truncate();
drop trigger if exists sync_keep on public.${name};
create trigger sync_keep before update or delete on public.${name}
  for each row when (current_setting('sync.mode', true) = 'engine') execute function sync.keep();
drop trigger if exists sync_capture on public.${name};
create trigger sync_capture after insert or update or delete on public.${name}
  for each row when (current_setting('sync.mode', true) = 'action') execute function ${capture}();`
}
