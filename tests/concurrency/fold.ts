/** What one user's reader holds, answer by answer, by the pure half of a device: rows, cursors, audiences. */
import { rowId } from '@/lib/sync/core/images'
import { type ArrivalPlan, planArrival } from '@/lib/sync/core/plan-arrival'
import type { Cursor, Image, SyncAnswer } from '@/lib/sync/core/protocol'
import { type HeldCursor, type LocalRow, namedRows, squash } from '@/lib/sync/core/squash'
import { createPageChecker } from './page-checker'

export interface HeldRow {
  readonly table: string
  readonly key: string
  readonly image: Image
}

export interface Fold {
  readonly rows: ReadonlyMap<string, HeldRow>
  readonly audiences: ReadonlySet<string>
  /** Where the next exchange begins. */
  cursors(): Cursor[]
  /** Applies an answer; `findings` tells where it broke the order of a log (ING-5). */
  take(answer: SyncAnswer): { readonly plan: ArrivalPlan; readonly findings: readonly string[] }
}

export function createFold(): Fold {
  let cursors: ReadonlyMap<string, HeldCursor> = new Map()
  let audiences: ReadonlySet<string> | null = null
  const rows = new Map<string, HeldRow>()
  const pages = createPageChecker()
  return {
    rows,
    get audiences() {
      return audiences ?? new Set<string>()
    },
    cursors: () => [...cursors.values()].map(({ audience, seq, token }) => ({ audience, seq, token })),
    take(answer) {
      const findings = pages.check(answer)
      const plan = planArrival(answer, { cursors, audiences })
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
      cursors = plan.cursors
      audiences = new Set(answer.audiences)
      return { plan, findings: plan.hasGap ? [...findings, 'a gap: more must be asked for'] : findings }
    },
  }
}
