/** The one statement by which actions change an issue that exists. */
import { and, eq } from 'drizzle-orm'
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core'
import { issues } from '@/db/schema'
import { type ActionContext, reject } from '@/lib/sync/action'

/** Fields that are undefined stay as they are. The policy filters silently: no row came back, so the author may not. */
export async function changeIssue(
  { db, input, now }: Pick<ActionContext<{ projectId: string; issueId: string }>, 'db' | 'input' | 'now'>,
  values: PgUpdateSetSource<typeof issues>,
): Promise<void> {
  const changed = await db
    .update(issues)
    .set({ ...values, updatedAt: now })
    .where(and(eq(issues.id, input.issueId), eq(issues.projectId, input.projectId)))
    .returning({ id: issues.id })
  if (changed.length === 0) reject('not-allowed')
}
