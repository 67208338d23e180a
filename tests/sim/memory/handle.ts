/** The handle of an action in memory: the port itself, with the fences and policies that SQL has in its policies (AUD-3). */
import { reject } from '@/lib/sync/action'
import { userAudience } from '@/lib/sync/core/audience'
import { imagesEqual, type Patch, rowId } from '@/lib/sync/core/images'
import type { Image } from '@/lib/sync/core/protocol'
import type { PlacedRun } from '@/lib/sync/store/captured-rows'
import { SqlError } from '@/lib/sync/store/driver'
import type { CurrentRow } from '@/lib/sync/store/set-rows'
import { isRows, type Row, type Rows } from '../app/rows'
import { type SimTable, simTables } from '../app/tables'
import { type CapturedTables, violation } from './captured'

const tablesByName = new Map(simTables.map((table) => [table.name, table]))

export class Handle implements Rows {
  readonly [isRows] = true
  /** What the first refused statement was answered: the action is lost with it, also when it caught that. */
  failure: SqlError | null = null

  constructor(
    private readonly tables: CapturedTables,
    private readonly run: PlacedRun,
    private readonly patches: Patch[],
  ) {}

  async get(table: string, id: string): Promise<Row | null> {
    if (this.failure) throw this.failure
    return (this.visible(table, id)?.image ?? null) as Row | null
  }

  async list(table: string, audience: string): Promise<readonly Row[]> {
    if (this.failure) throw this.failure
    if (!this.sees(audience)) return []
    const rows: Row[] = []
    for (const row of this.tables.rows.values()) {
      if (row.table === table && row.image.audience === audience) rows.push(row.image as Row)
    }
    return rows.sort((left, right) => (left.id < right.id ? -1 : 1))
  }

  async put(table: string, row: Row): Promise<void> {
    if (this.failure) throw this.failure
    try {
      this.write(table, row)
    } catch (error) {
      if (error instanceof SqlError) this.failure = error
      throw error
    }
  }

  /** In the order in which SQL looks: types, what may be seen and changed, values that must be there, keys. */
  private write(table: string, row: Row): void {
    const image = imageOf(table, row)
    const key = JSON.stringify([row.id])
    const before = this.visible(table, row.id)?.image ?? null
    if (before && !this.mayEdit(table, before.audience)) reject('not-allowed')
    if (before?.audience !== image.audience && !this.mayEdit(table, image.audience)) throw violation('42501', table)
    refuseMissing(table, image)
    if (before === null && this.tables.rows.has(rowId({ table, key }))) throw violation('23505', table)
    if (imagesEqual(before, image)) return
    this.change({ table, key, before, after: image })
    this.tables.refuseTwin(table, { key, image })
  }

  async delete(table: string, id: string): Promise<boolean> {
    if (this.failure) throw this.failure
    const row = this.visible(table, id)
    if (!row || !this.mayEdit(table, row.image.audience)) return false
    this.change({ table, key: row.key, before: row.image, after: null })
    this.cascade(table, row.image)
    return true
  }

  /** The key has the audience in it. */
  private cascade(table: string, { id, audience }: Image): void {
    const children = simTables.filter((child) => child.parent?.table === table)
    for (const { name, parent } of children) {
      const found = [...this.tables.rows.values()].filter(
        ({ table: of, image }) => of === name && parent && image[parent.column] === id && image.audience === audience,
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

  private mayEdit(table: string, audience: string | null | undefined): boolean {
    if (typeof audience !== 'string' || !this.run.audiences.writes.includes(audience)) return false
    return this.isEditor(table, audience)
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

/** Every column, and whole numbers as the database would write them. */
function imageOf(table: string, row: Row): Image {
  const image: Image = { id: row.id, audience: row.audience }
  for (const { name, type } of tablesByName.get(table)?.columns ?? []) {
    const value = row[name] ?? null
    image[name] = type === 'bigint' && value !== null ? wholeText(table, value) : value
  }
  return image
}

const surelyWhole = /^(0|-?[1-9]\d{0,17})$/

function wholeText(table: string, value: string): string {
  if (surelyWhole.test(value)) return value
  if (!/^\s*[-+]?\d+\s*$/.test(value)) throw violation('22P02', table)
  const whole = BigInt(value.trim().replace('+', ''))
  if (BigInt.asIntN(64, whole) !== whole) throw violation('22003', table)
  return String(whole)
}

function refuseMissing(table: string, image: Image): void {
  for (const { name, isNullable } of tablesByName.get(table)?.columns ?? []) {
    if (!isNullable && image[name] === null) throw violation('23502', table)
  }
}
