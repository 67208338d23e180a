/** The handle of an action in memory: the port itself, with the fences and policies that SQL has in its policies (AUD-3). */
import { type ActionDb, reject } from '@/lib/sync/action'
import { userAudience } from '@/lib/sync/core/audience'
import { imagesEqual, type Patch, rowId } from '@/lib/sync/core/images'
import type { Image } from '@/lib/sync/core/protocol'
import type { PlacedRun } from '@/lib/sync/store/captured-rows'
import type { CurrentRow } from '@/lib/sync/store/set-rows'
import { isRows, type Row, type Rows } from '../app/rows'
import { type SimTable, simTables } from '../app/tables'
import { type CapturedTables, violation } from './captured'

const tablesByName = new Map(simTables.map((table) => [table.name, table]))

export function createHandle(tables: CapturedTables, run: PlacedRun, patches: Patch[]): ActionDb {
  return new Handle(tables, run, patches) as unknown as ActionDb
}

class Handle implements Rows {
  readonly [isRows] = true

  constructor(
    private readonly tables: CapturedTables,
    private readonly run: PlacedRun,
    private readonly patches: Patch[],
  ) {}

  async get(table: string, id: string): Promise<Row | null> {
    return (this.visible(table, id)?.image ?? null) as Row | null
  }

  async list(table: string, audience: string): Promise<readonly Row[]> {
    if (!this.sees(audience)) return []
    const rows: Row[] = []
    for (const row of this.tables.rows.values()) {
      if (row.table === table && row.image.audience === audience) rows.push(row.image as Row)
    }
    return rows.sort((left, right) => (left.id < right.id ? -1 : 1))
  }

  async put(table: string, row: Row): Promise<void> {
    const columns = this.tables.columnsByTable().get(table) ?? []
    const image: Image = Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))
    const key = JSON.stringify([row.id])
    const before = this.visible(table, row.id)?.image ?? null
    if (before && !this.mayChange(before.audience)) reject('not-allowed')
    if (!this.mayChange(image.audience) || !this.isEditor(table, row.audience)) throw violation('42501', table)
    if (before === null && this.tables.rows.has(rowId({ table, key }))) throw violation('23505', table)
    if (imagesEqual(before, image)) return
    this.change({ table, key, before, after: image })
    this.tables.refuseTwin(table, { key, image })
  }

  async delete(table: string, id: string): Promise<boolean> {
    const row = this.visible(table, id)
    if (!row || !this.mayChange(row.image.audience) || !this.isEditor(table, row.image.audience ?? '')) return false
    this.change({ table, key: row.key, before: row.image, after: null })
    this.cascade(table, id)
    return true
  }

  private cascade(table: string, id: string): void {
    const children = simTables.filter((child) => child.parent?.table === table)
    for (const { name, parent } of children) {
      const found = [...this.tables.rows.values()].filter(
        (row) => row.table === name && parent && row.image[parent.column] === id,
      )
      for (const { key, image } of found) this.change({ table: name, key, before: image, after: null })
    }
  }

  private change(patch: Patch): void {
    const { table, key, after } = patch
    if (after === null) this.tables.rows.delete(rowId({ table, key }))
    else this.tables.rows.set(rowId({ table, key }), { table, key, image: after })
    this.patches.push(patch)
  }

  private visible(table: string, id: string): CurrentRow | null {
    const row = this.tables.rows.get(rowId({ table, key: JSON.stringify([id]) }))
    return row && this.sees(row.image.audience) ? row : null
  }

  private sees(audience: string | null | undefined): boolean {
    const { writes, reads } = this.run.audiences
    return typeof audience === 'string' && (writes.includes(audience) || reads.includes(audience))
  }

  private mayChange(audience: string | null | undefined): boolean {
    return typeof audience === 'string' && this.run.audiences.writes.includes(audience)
  }

  /** The policy of tables that only editors change: a founder, a member who is no viewer, or the user in private. */
  private isEditor(table: string, audience: string): boolean {
    const definition: SimTable | undefined = tablesByName.get(table)
    if (!definition?.editorsOnly) return true
    const { author } = this.run.record
    if (this.run.audiences.founded.includes(audience) || audience === userAudience(author)) return true
    for (const { table: name, image } of this.tables.rows.values()) {
      const isOwn = name === 'members' && image.user_id === author && image.audience === audience
      if (isOwn && image.role !== 'viewer') return true
    }
    return false
  }
}
