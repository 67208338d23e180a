/** Follows the audiences of one user: what it holds must be what the server shows. */
import { expect } from 'vitest'
import { rowId } from '@/lib/sync/core/images'
import { readCatalog } from '@/lib/sync/store/catalog'
import type { Store } from '@/lib/sync/store/driver'
import { audienceRows } from '@/lib/sync/store/set-rows'
import type { RawClient } from './authority'
import { clubModel } from './club'
import { createFold, type Fold, type HeldRow } from './fold'

export interface Follower {
  readonly user: string
  /** How many entries and snapshots it applied, and how many answers said that there was more. */
  readonly applied: { entries: number; snapshots: number; lost: number; cuts: number }
  /** One exchange; false when there is nothing more to read. */
  step(): Promise<boolean>
  /** Reads until nothing is left. */
  catchUp(): Promise<void>
  /** [CON-1] At the heads it holds exactly the server's rows of its audiences. */
  expectRows(store: Store): Promise<void>
}

export function createFollower(client: RawClient): Follower {
  const fold = createFold()
  const applied = { entries: 0, snapshots: 0, lost: 0, cuts: 0 }
  const step = async () => {
    const answer = await client.read(fold.cursors())
    const { plan, findings } = fold.take(answer)
    // A reader that has seen n has seen everything before it (ING-5).
    expect(findings).toEqual([])
    applied.entries += plan.entries.length
    applied.snapshots += plan.snapshots.length
    applied.lost += plan.lost.length
    if (answer.more) applied.cuts += 1
    return answer.more
  }
  return {
    user: client.user,
    applied,
    step,
    async catchUp() {
      while (await step());
    },
    expectRows: (store) => expectHeldRows(fold, store, client.user),
  }
}

/** [CON-1] These are exactly the rows that lie in the audiences of the fold. */
export async function expectHeldRows(fold: Fold, store: Store, who: string): Promise<void> {
  const held = await store.transaction(async (sql) => {
    const catalog = await readCatalog(sql, clubModel.tables)
    const found: HeldRow[] = []
    for (const audience of fold.audiences) found.push(...(await audienceRows(sql, catalog, audience)))
    return new Map(found.map((row) => [rowId(row), row]))
  })
  expect(new Map([...fold.rows].sort()), who).toEqual(new Map([...held].sort()))
}
