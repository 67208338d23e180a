/** Follows the audiences of one user by the pure half of a device: what it holds must be what the server shows. */
import { expect } from 'vitest'
import { rowId } from '@/lib/sync/core/images'
import { planArrival } from '@/lib/sync/core/plan-arrival'
import type { Image, SyncAnswer } from '@/lib/sync/core/protocol'
import { type HeldCursor, type LocalRow, namedRows, squash } from '@/lib/sync/core/squash'
import { readCatalog } from '@/lib/sync/store/catalog'
import type { Store } from '@/lib/sync/store/driver'
import { audienceRows } from '@/lib/sync/store/set-rows'
import type { RawClient } from './authority'
import { clubModel } from './club'

interface HeldRow {
  readonly table: string
  readonly key: string
  readonly image: Image
}

export interface Follower {
  readonly user: string
  /** How many entries and snapshots it applied. */
  readonly applied: { entries: number; snapshots: number; lost: number }
  /** One exchange; false when there is nothing more to read. */
  step(): Promise<boolean>
  /** Reads until nothing is left. */
  catchUp(): Promise<void>
  /** [CON-1] At the heads it holds exactly the server's rows of its audiences. */
  expectRows(store: Store): Promise<void>
}

export function createFollower(client: RawClient): Follower {
  let cursors: ReadonlyMap<string, HeldCursor> = new Map()
  let audiences: ReadonlySet<string> | null = null
  const rows = new Map<string, HeldRow>()
  const applied = { entries: 0, snapshots: 0, lost: 0 }

  function take(answer: SyncAnswer): void {
    const plan = planArrival(answer, { cursors, audiences })
    // A reader that has seen n has seen everything before it (ING-5).
    expect(plan.hasGap).toBe(false)
    for (const [id, row] of rows) if (plan.lost.includes(row.image.audience ?? '')) rows.delete(id)
    const wanted = new Set(namedRows(plan).map(rowId))
    const loaded = new Set(plan.snapshots.map(({ audience }) => audience))
    const local: LocalRow[] = [...rows.values()]
      .filter((row) => wanted.has(rowId(row)) || loaded.has(row.image.audience ?? ''))
      .map(({ table, key, image }) => ({ table, key, audience: image.audience ?? null }))
    for (const { table, key, image } of squash(plan, local, cursors)) {
      if (image === null) rows.delete(rowId({ table, key }))
      else rows.set(rowId({ table, key }), { table, key, image })
    }
    applied.entries += plan.entries.length
    applied.snapshots += plan.snapshots.length
    applied.lost += plan.lost.length
    cursors = plan.cursors
    audiences = new Set(answer.audiences)
  }

  const step = async () => {
    const sent = [...cursors.values()].map(({ audience, seq, token }) => ({ audience, seq, token }))
    const answer = await client.read(sent)
    take(answer)
    return answer.more
  }
  return {
    user: client.user,
    applied,
    step,
    async catchUp() {
      while (await step());
    },
    async expectRows(store) {
      const held = await store.transaction(async (sql) => {
        const catalog = await readCatalog(sql, clubModel.tables)
        const found: HeldRow[] = []
        for (const audience of audiences ?? []) found.push(...(await audienceRows(sql, catalog, audience)))
        return new Map(found.map((row) => [rowId(row), row]))
      })
      expect(new Map([...rows].sort()), client.user).toEqual(new Map([...held].sort()))
    },
  }
}
