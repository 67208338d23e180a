/**
 * Lets Electric read the log, and nothing else (SHP-2): its publication has all operations, because compaction deletes,
 * and Electric cannot be told of some only. Running it again changes nothing.
 *
 * Electric does not own the table, so it must not publish it itself (`ELECTRIC_MANUAL_TABLE_PUBLISHING`). Its role sees
 * the log of everybody: only the gatekeeper stands between it and people.
 */
import type { Store } from './driver'

/** The name Electric looks for. */
const publication = 'electric_publication_default'

export async function publishLog(store: Store, { role }: { readonly role: string }): Promise<void> {
  await store.transaction(async (sql) => {
    const [found] = await sql.query<{ hasPublication: boolean; hasTable: boolean; quotedRole: string }>(
      `select exists (select from pg_publication where pubname = $1) as "hasPublication",
         exists (select from pg_publication_tables where pubname = $1 and schemaname = 'sync' and tablename = 'log')
           as "hasTable",
         quote_ident($2) as "quotedRole"`,
      [publication, role],
    )
    if (!found?.hasPublication) await sql.exec(`create publication ${publication}`)
    if (!found?.hasTable) await sql.exec(`alter publication ${publication} add table sync.log`)
    await sql.exec(`alter table sync.log replica identity full;
      grant usage on schema sync to ${found?.quotedRole};
      grant select on sync.log to ${found?.quotedRole}`)
  })
}
