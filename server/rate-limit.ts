/**
 * Counts uses per key in fixed windows. In the database, so that several servers count together; in one statement, so
 * that two requests at once cannot both take the last use.
 */
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { useCounts } from '@/db/auth-schema'
import type { AuthDatabase } from '@/db/server'

export interface RateLimit {
  readonly max: number
  readonly windowMs: number
}

/** No window is longer than this; older counts are deleted when a new window opens. */
const keptMs = 24 * 60 * 60_000

/** Counts one use and says whether it was still within the limit. */
export async function countUse(database: AuthDatabase, key: string, limit: RateLimit): Promise<boolean> {
  const nowMs = Date.now()
  const isOver = sql`${useCounts.windowStart} <= ${nowMs - limit.windowMs}`
  const [row] = await database
    .insert(useCounts)
    .values({ key, count: 1, windowStart: nowMs })
    .onConflictDoUpdate({
      target: useCounts.key,
      set: {
        count: sql`case when ${isOver} then 1 else ${useCounts.count} + 1 end`,
        windowStart: sql`case when ${isOver} then ${nowMs} else ${useCounts.windowStart} end`,
      },
    })
    .returning({ count: useCounts.count })
  if (row?.count === 1) await database.delete(useCounts).where(lt(useCounts.windowStart, nowMs - keptMs))
  return row !== undefined && row.count <= limit.max
}

/** How many uses the current window still allows, without counting one. */
export async function usesLeft(database: AuthDatabase, key: string, limit: RateLimit): Promise<number> {
  const inWindow = and(eq(useCounts.key, key), gt(useCounts.windowStart, Date.now() - limit.windowMs))
  const [row] = await database.select({ count: useCounts.count }).from(useCounts).where(inWindow)
  return Math.max(0, limit.max - (row?.count ?? 0))
}
