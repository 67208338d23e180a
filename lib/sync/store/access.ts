/**
 * Who may see and write which rows, as SQL: context functions, fences, the app's policies, the view of who holds what
 * (AUD-2, AUD-3, AUD-7). Enforced in both databases.
 */
import type { SyncModel, TablePolicies } from '../model'
import type { CapturedTable } from './catalog'
import { quoteName, quoteText } from './sql-text'

/** Functions that policies may call. */
export const contextFunctions = `
create or replace function sync.current_user_id() returns text language sql stable as
  $body$ select nullif(current_setting('sync.user_id', true), '') $body$;
create or replace function sync.current_audiences() returns text[] language sql stable as
  $body$ select coalesce(nullif(current_setting('sync.audiences', true), '')::text[], '{}') $body$;
create or replace function sync.writable_audiences() returns text[] language sql stable as
  $body$ select coalesce(nullif(current_setting('sync.writable', true), '')::text[], '{}') $body$;
create or replace function sync.founded_audiences() returns text[] language sql stable as
  $body$ select coalesce(nullif(current_setting('sync.founded', true), '')::text[], '{}') $body$;`

export function accessSql(table: CapturedTable, policies: TablePolicies): string {
  const name = `public.${quoteName(table.name)}`
  const readable = '(audience = any((select sync.current_audiences())::text[]))'
  const writable = '(audience = any((select sync.writable_audiences())::text[]))'
  const policy = (policyName: string, rest: string) =>
    `drop policy if exists ${policyName} on ${name};\ncreate policy ${policyName} on ${name} ${rest};`
  const dropOnly = (policyName: string) => `drop policy if exists ${policyName} on ${name};`
  return [
    `alter table ${name} enable row level security;`,
    policy('sync_select', `for select to public using ${readable}`),
    policy('sync_fence_insert', `as restrictive for insert to public with check ${writable}`),
    policy('sync_fence_update', `as restrictive for update to public using ${writable} with check ${writable}`),
    policy('sync_fence_delete', `as restrictive for delete to public using ${writable}`),
    policies.insert === undefined
      ? dropOnly('sync_insert')
      : policy('sync_insert', `for insert to public with check (${policies.insert})`),
    policies.update === undefined
      ? dropOnly('sync_update')
      : policy(
          'sync_update',
          `for update to public using (${policies.updateUsing ?? 'true'}) with check (${policies.update})`,
        ),
    policies.delete === undefined
      ? dropOnly('sync_delete')
      : policy('sync_delete', `for delete to public using (${policies.delete})`),
  ].join('\n')
}

/** The app's own `security definer` functions, with a fixed search path: `pg_temp` unsaid would come first. */
export function policyFunctionsSql(model: SyncModel): string {
  return model.functions
    .map(
      (fn) =>
        `create or replace function sync.${quoteName(fn.name)}(${fn.parameters}) returns ${fn.returns} language sql stable
security definer set search_path = pg_catalog, pg_temp as $policy$ ${fn.sql} $policy$;`,
    )
    .join('\n')
}

/** `sync.user_audiences`: every grant is a captured row that lives in the audience it grants (AUD-2). */
export function userAudiencesSql(model: SyncModel): string {
  const parts = model.grants.map(
    (grant) => `select ${quoteName(grant.userColumn)}::text as user_id, audience
  from public.${quoteName(grant.table)}${grant.where ? ` where (${grant.where})` : ''}`,
  )
  const nothing = "select ''::text as user_id, ''::text as audience where false"
  return `create or replace view sync.user_audiences as ${[...parts, nothing].join('\nunion ')};`
}

/** What the app role may touch: captured tables through its policies, and the functions above; nothing else (AUD-7). */
export function grantsSql(model: SyncModel, role: string): string {
  const app = quoteName(role)
  const tables = model.tables.map((table) => `public.${quoteName(table)}`).join(', ')
  return [
    `grant usage on schema public, sync to ${app};`,
    `grant select, insert, update, delete on ${tables} to ${app};`,
    `revoke all on all tables in schema sync from ${app};`,
    `revoke all on all tables in schema sync from public;`,
  ].join('\n')
}

/** Creates the role when it is missing; the owner must be able to set it. Run as one statement. */
export function roleSql(role: string): string {
  return `do $body$ begin
  if not exists (select from pg_roles where rolname = ${quoteText(role)}) then
    create role ${quoteName(role)} nologin noinherit;
  end if;
  if not pg_has_role(current_user, ${quoteText(role)}, 'set') then
    grant ${quoteName(role)} to current_user with set true, inherit false;
  end if;
end $body$;`
}
