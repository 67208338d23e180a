/**
 * Captured tables in memory: what triggers, row-level security, keys and roll back do in SQL, as plain code. A second
 * implementation of `store/captured-rows`, held to the same contract.
 */
import { type ActionDb, ActionRejected } from '@/lib/sync/action'
import { publicAudience, userAudience } from '@/lib/sync/core/audience'
import { copyLine } from '@/lib/sync/core/copy-text'
import { decodeClock } from '@/lib/sync/core/hlc'
import { actionIds, seededRandom } from '@/lib/sync/core/ids'
import { imagesEqual, netChanges, type Patch, rowId } from '@/lib/sync/core/images'
import { InvariantBroken, invariant } from '@/lib/sync/core/invariant'
import { limits } from '@/lib/sync/core/protocol'
import type { SnapshotTable } from '@/lib/sync/core/snapshot-stream'
import type { CapturedRows, PlacedRun } from '@/lib/sync/store/captured-rows'
import { SqlError } from '@/lib/sync/store/driver'
import { isInfrastructure, type RunOutcome } from '@/lib/sync/store/run-action'
import type { CurrentRow, RowTarget } from '@/lib/sync/store/set-rows'
import { simTables } from '../app/tables'
import { digestOf } from './digest'
import { Handle } from './handle'
import { Journal, JournaledMap } from './journal'

interface Captured {
  /** Over all actions: the order in which patches were captured. */
  readonly ordinal: number
  readonly patch: Patch
}

const tablesByName = new Map(simTables.map((table) => [table.name, table]))
const columnsByTable = new Map(
  simTables.map((table) => [table.name, ['id', 'audience', ...table.columns.map((column) => column.name)]]),
)
const exactColumns = new Set(
  simTables.flatMap(({ name, columns }) =>
    columns.filter((column) => column.type === 'bigint').map((column) => `${name} ${column.name}`),
  ),
)

export class CapturedTables implements CapturedRows {
  readonly journal = new Journal()
  readonly rows = new JournaledMap<string, CurrentRow>(this.journal)
  private readonly patches = new JournaledMap<string, readonly Captured[]>(this.journal)
  private ordinal = 0

  clear(): void {
    this.rows.clear()
    this.patches.clear()
  }

  copyFrom(other: CapturedTables): void {
    this.rows.copyFrom(other.rows)
    this.patches.copyFrom(other.patches)
    this.ordinal = other.ordinal
  }

  columnsByTable() {
    return columnsByTable
  }

  isExactNumber = (table: string, column: string) => exactColumns.has(`${table} ${column}`)

  async heldAudiences(userId: string): Promise<string[]> {
    return [...new Set([...this.granted(userId), userAudience(userId), publicAudience])].sort()
  }

  async missingAudiences(userId: string, named: readonly string[]): Promise<string[]> {
    const held = new Set([...this.granted(userId), userAudience(userId), publicAudience])
    return named.filter((audience) => !held.has(audience))
  }

  /** By a row, not as everybody holds `public` and their own audience. */
  isGranted(userId: string, audience: string): boolean {
    return this.granted(userId).includes(audience)
  }

  private granted(userId: string): string[] {
    const audiences: string[] = []
    for (const { table, image } of this.rows.values()) {
      if (table === 'members' && image.user_id === userId && image.audience) audiences.push(image.audience)
    }
    return audiences
  }

  async runAction(run: PlacedRun): Promise<RunOutcome> {
    const before = this.journal.place
    const ids = actionIds(run.record.id)
    const patches: Patch[] = []
    const handle = new Handle(this, run, patches)
    // Made when it is asked for: few actions draw numbers.
    let draw: (() => number) | null = null
    try {
      const value = await run.definition.run({
        db: handle as unknown as ActionDb,
        input: run.input,
        id: (key?: string) => ids.id(key as string),
        now: new Date(decodeClock(run.record.clock).ms),
        random() {
          draw ??= seededRandom(run.record.id)
          return draw()
        },
        user: { id: run.record.author },
      })
      if (handle.failure) throw handle.failure
      if (patches.length > limits.patchesPerActionMax) throw new ActionRejected('too-many-rows')
      refuseKeysOfOthers(patches, ids.handedOut)
      this.refuseOrphans(patches)
      this.capture(run.record.id, patches)
      return { kind: 'applied', value: value ?? null, patches }
    } catch (error) {
      this.journal.goBackTo(before)
      return asRejection(error)
    }
  }

  private capture(actionId: string, patches: readonly Patch[]): void {
    if (patches.length === 0) return
    const captured = patches.map((patch) => {
      this.ordinal += 1
      return { ordinal: this.ordinal, patch }
    })
    this.patches.set(actionId, [...(this.patches.get(actionId) ?? []), ...captured])
  }

  async enterEngine(): Promise<void> {
    // Nothing to switch: only actions are captured here.
  }

  async settleConstraints(): Promise<void> {
    for (const { table, image } of this.rows.values()) this.refuseOrphan(table, image)
  }

  /** The rows must be as the actions left them: whoever rolls back in between would restore something else (ROL-1). */
  async rollBack(actionIds: readonly string[] | 'all'): Promise<void> {
    const targets = netChanges(this.patchesOf(actionIds))
    for (const { table, key, after } of targets) {
      const now = this.rows.get(rowId({ table, key }))?.image ?? null
      invariant(imagesEqual(now, after), 'ROL-1', [
        'A row to be rolled back was changed since',
        { table, key, now, after },
      ])
    }
    await this.setRows(targets.map(({ table, key, before }) => ({ table, key, image: before })))
  }

  private patchesOf(actionIds: readonly string[] | 'all'): Patch[] {
    const captured =
      actionIds === 'all' ? [...this.patches.values()].flat() : actionIds.flatMap((id) => this.patches.get(id) ?? [])
    return captured.sort((left, right) => left.ordinal - right.ordinal).map(({ patch }) => patch)
  }

  async dropPatches(actionIds: readonly string[] | 'all'): Promise<void> {
    if (actionIds === 'all') this.patches.clear()
    else for (const id of actionIds) this.patches.delete(id)
  }

  async readPatches(actionIds: readonly string[]): Promise<Map<string, Patch[]>> {
    return new Map(actionIds.map((id) => [id, (this.patches.get(id) ?? []).map(({ patch }) => patch)]))
  }

  /** Patches that are kept, for checks of how much a database holds. */
  get patchCount(): number {
    let count = 0
    for (const captured of this.patches.values()) count += captured.length
    return count
  }

  async setRows(targets: readonly RowTarget[]): Promise<void> {
    for (const { table, key, image } of targets) {
      if (image === null) this.rows.delete(rowId({ table, key }))
      else this.rows.set(rowId({ table, key }), { table, key, image })
    }
    for (const { table, key, image } of targets) if (image !== null) this.refuseTwin(table, { key, image })
  }

  async currentRows(wanted: readonly { readonly table: string; readonly key: string }[]): Promise<CurrentRow[]> {
    const ids = new Set(wanted.map(rowId))
    return [...ids].flatMap((id) => this.rows.get(id) ?? [])
  }

  async audienceRows(audience: string): Promise<CurrentRow[]> {
    return inKeyOrder([...this.rows.values()].filter(({ image }) => image.audience === audience))
  }

  async hasMoreRows(audience: string, rowsMax: number): Promise<boolean> {
    return (await this.audienceRows(audience)).length > rowsMax
  }

  async countRows(audience: string): Promise<SnapshotTable[]> {
    const counts = new Map<string, number>()
    for (const { table } of await this.audienceRows(audience)) counts.set(table, (counts.get(table) ?? 0) + 1)
    return [...counts].map(([table, count]) => ({ table, count, columns: columnsByTable.get(table) ?? [] }))
  }

  async *copyRows(audience: string, table: string): AsyncGenerator<string> {
    const columns = columnsByTable.get(table) ?? []
    for (const row of await this.audienceRows(audience)) {
      if (row.table === table) yield copyLine(columns.map((column) => row.image[column] ?? null))
    }
  }

  async digest(audience: string): Promise<string> {
    return digestOf(await this.audienceRows(audience), (table) => columnsByTable.get(table) ?? [])
  }

  async allRows(): Promise<CurrentRow[]> {
    return inKeyOrder([...this.rows.values()])
  }

  async removeAudiences(audiences: readonly string[]): Promise<number> {
    const gone = [...this.rows.values()].filter(({ image }) => audiences.includes(image.audience ?? ''))
    for (const row of gone) this.rows.delete(rowId(row))
    return gone.length
  }

  /** The unique constraint of a table, checked at once as in SQL. */
  refuseTwin(table: string, row: { readonly key: string; readonly image: CurrentRow['image'] }): void {
    const unique = tablesByName.get(table)?.unique
    if (!unique) return
    for (const other of this.rows.values()) {
      if (other.table !== table || other.key === row.key || other.image.audience !== row.image.audience) continue
      if (unique.every((column) => other.image[column] === row.image[column])) throw violation('23505', table)
    }
  }

  /** Foreign keys wait for the end of the action. */
  private refuseOrphans(patches: readonly Patch[]): void {
    for (const { table, key, before } of patches) {
      const now = this.rows.get(rowId({ table, key }))
      if (now) this.refuseOrphan(table, now.image)
      // Who referred to the row by its former audience is left behind also when the row is still there.
      if (before !== null && now?.image.audience !== before.audience) this.refuseOrphansOf(table, key)
    }
  }

  private refuseOrphan(table: string, image: CurrentRow['image']): void {
    const parent = tablesByName.get(table)?.parent
    const id = parent && image[parent.column]
    if (!parent || !id) return
    const found = this.rows.get(rowId({ table: parent.table, key: JSON.stringify([id]) }))
    if (found?.image.audience !== image.audience) throw violation('23503', table)
  }

  private refuseOrphansOf(table: string, key: string): void {
    if (!simTables.some((child) => child.parent?.table === table)) return
    for (const row of this.rows.values()) {
      const parent = tablesByName.get(row.table)?.parent
      if (parent?.table === table && JSON.stringify([row.image[parent.column]]) === key)
        this.refuseOrphan(row.table, row.image)
    }
  }
}

export function violation(code: string, table: string): SqlError {
  return new SqlError({ code, table, message: `${table}: ${code}`, statement: '' })
}

function inKeyOrder(rows: CurrentRow[]): CurrentRow[] {
  return rows.sort((left, right) => (rowId(left) < rowId(right) ? -1 : 1))
}

function refuseKeysOfOthers(patches: readonly Patch[], handedOut: ReadonlySet<string>): void {
  const known = new Set<string>()
  for (const patch of patches) {
    const isInsert = patch.before === null && !known.has(rowId(patch))
    known.add(rowId(patch))
    const [id] = JSON.parse(patch.key) as string[]
    if (isInsert && !handedOut.has(id ?? '')) throw new Error(`${patch.table} got a key that id() did not hand out`)
  }
}

function asRejection(thrown: unknown): RunOutcome {
  const error = causeOf(thrown instanceof Error ? thrown : new Error(String(thrown)))
  if (error instanceof ActionRejected) {
    return { kind: 'rejected', reason: error.reason, details: error.details, error: null }
  }
  if (isInfrastructure(error) || error instanceof InvariantBroken) throw error
  const isPolicy = error instanceof SqlError && error.code === '42501'
  return { kind: 'rejected', reason: isPolicy ? 'not-allowed' : 'error', details: null, error }
}

/** Whatever an action wraps around it. */
function causeOf(error: Error): Error {
  let inner = error
  while (!(inner instanceof SqlError || inner instanceof ActionRejected) && inner.cause instanceof Error)
    inner = inner.cause
  return inner
}
