/**
 * The oracle (ORA-1): all accepted actions, one after another in replay order, on a plain map. Deliberately naive, and
 * it shares nothing with the engine but the actions: a mistake of the engine is not repeated here.
 */
import { v5 } from 'uuid'
import { ActionRejected, type AnyAction, reject } from '@/lib/sync/action'
import { isRows, type Row, type Rows } from './rows'
import { simTable, simTables } from './tables'

export interface AcceptedRecord {
  readonly id: string
  readonly name: string
  readonly version: number
  /** JSON text. */
  readonly input: string
  readonly author: string
  readonly clock: string
  /** Of the server that accepted it. */
  readonly build?: string
}

type Known = readonly AnyAction[] | ((record: AcceptedRecord) => readonly AnyAction[])

export type OracleOutcome = 'applied' | { readonly rejected: string }

/** Images by `${table} ${JSON.stringify([id])}`. */
export type OracleRows = Map<string, Row>

const rowName = (table: string, id: string) => `${table} ${JSON.stringify([id])}`
const bytewise = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

export async function runOracle(records: readonly AcceptedRecord[], known: Known) {
  const inOrder = [...records].sort((a, b) => bytewise(a.clock, b.clock) || bytewise(a.id, b.id))
  const outcomes = new Map<string, OracleOutcome>()
  let rows: OracleRows = new Map()
  for (const record of inOrder) {
    const step = await runOne(rows, record, typeof known === 'function' ? known(record) : known)
    outcomes.set(record.id, step.outcome)
    rows = step.rows
  }
  return { rows, outcomes }
}

/** One action on rows that are left as they are: the answer has the rows after it. */
export async function runOne(before: OracleRows, record: AcceptedRecord, actions: readonly AnyAction[]) {
  const action = actions.find((each) => each.name === record.name)
  if (!action) throw new TypeError(`The oracle does not know ${record.name}`)
  const older: unknown = JSON.parse(record.input)
  const upcast = action.version === record.version ? (input: unknown) => input : action.versions?.[record.version]
  if (!upcast) throw new TypeError(`The oracle does not know version ${record.version} of ${record.name}`)
  const input: unknown = action.input.parse(upcast(older))
  const user = { id: record.author }
  const founding = idsOf(record.id)
  const named = action.audiences(input, { id: founding.id, user })
  const { writes, reads = [] } = 'writes' in named ? named : { writes: named }
  const isFounded = (audience: string) =>
    writes.includes(audience) && founding.handedOut.has(audience.slice(audience.lastIndexOf(':') + 1))
  const isHeld = (audience: string) =>
    audience === 'public' || audience === `user:${user.id}` || membership(before, audience, user.id) !== undefined
  if (![...writes, ...reads].every((audience) => isFounded(audience) || isHeld(audience))) {
    return { rows: before, outcome: { rejected: 'authority' } }
  }
  const ids = idsOf(record.id)
  const ground = new Ground(before, { writes, reads, isFounded, userId: user.id })
  try {
    const now = new Date(Number.parseInt(record.clock.slice(0, 12), 16))
    const random = () => {
      throw new Error('No action of the simulation draws numbers')
    }
    await action.run({ db: ground as never, input, id: ids.id, user, now, random })
    ground.settle(ids.handedOut)
    return { rows: ground.after, outcome: 'applied' as const }
  } catch (error) {
    return { rows: before, outcome: { rejected: error instanceof ActionRejected ? error.reason : 'error' } }
  }
}

function idsOf(actionId: string) {
  const handedOut = new Set<string>()
  let number = 0
  const id = (key?: string) => {
    if (key === undefined) number += 1
    const made = v5(key === undefined ? `number:${number}` : `key:${key}`, actionId)
    handedOut.add(made)
    return made
  }
  return { id, handedOut }
}

const membership = (rows: OracleRows, audience: string, userId: string): Row | undefined =>
  tableRows(rows, 'members').find((row) => row.audience === audience && row.user_id === userId)

function tableRows(rows: OracleRows, table: string): Row[] {
  const found: Row[] = []
  for (const [name, row] of rows) if (name.startsWith(`${table} `)) found.push(row)
  return found
}

interface Rights {
  readonly writes: readonly string[]
  readonly reads: readonly string[]
  readonly userId: string
  isFounded(audience: string): boolean
}

/** The rows as one action sees them: fences, editors, unique columns and foreign keys. */
class Ground implements Rows {
  readonly [isRows] = true
  readonly after: OracleRows
  private readonly inserted = new Set<string>()

  constructor(
    private readonly before: OracleRows,
    private readonly rights: Rights,
  ) {
    this.after = new Map(before)
  }

  async get(table: string, id: string): Promise<Row | null> {
    const row = this.after.get(rowName(simTable(table).name, id))
    return row && [...this.rights.writes, ...this.rights.reads].includes(row.audience) ? row : null
  }

  async list(table: string, audience: string): Promise<readonly Row[]> {
    if (![...this.rights.writes, ...this.rights.reads].includes(audience)) return []
    const found = tableRows(this.after, table).filter((row) => row.audience === audience)
    return found.sort((a, b) => bytewise(a.id, b.id))
  }

  async put(table: string, row: Row): Promise<void> {
    const old = await this.get(table, row.id)
    if (old && !this.mayChange(table, old.audience)) reject('not-allowed')
    if (!this.mayChange(table, row.audience)) reject('not-allowed')
    const name = rowName(table, row.id)
    if (!old && this.after.has(name)) throw new Error(`${name} is there already, where nobody sees it`)
    for (const other of tableRows(this.after, table)) {
      const { unique } = simTable(table)
      if (!unique || other.id === row.id || other.audience !== row.audience) continue
      if (unique.every((column) => other[column] === row[column])) throw new Error(`${name} is not unique`)
    }
    const columns = simTable(table).columns.map((column) => [column.name, row[column.name] ?? null])
    this.after.set(name, { ...Object.fromEntries(columns), id: row.id, audience: row.audience })
    if (!old && !this.before.has(name)) this.inserted.add(row.id)
  }

  async delete(table: string, id: string): Promise<boolean> {
    const old = await this.get(table, id)
    if (!old || !this.mayChange(table, old.audience)) return false
    this.after.delete(rowName(table, id))
    for (const { name, parent } of simTables.filter((each) => each.parent?.table === table)) {
      for (const child of tableRows(this.after, name)) {
        const isChild = parent && child[parent.column] === id && child.audience === old.audience
        if (isChild) this.after.delete(rowName(name, child.id))
      }
    }
    return true
  }

  /** Foreign keys wait for the end of the action; keys of new rows must come from id(). */
  settle(handedOut: ReadonlySet<string>): void {
    for (const { name, parent } of simTables) {
      if (!parent) continue
      for (const row of tableRows(this.after, name)) {
        const found = this.after.get(rowName(parent.table, row[parent.column] ?? ''))
        if (found?.audience !== row.audience) throw new Error(`${name} ${row.id} has no parent`)
      }
    }
    for (const id of this.inserted) if (!handedOut.has(id)) throw new Error(`Nobody handed out ${id}`)
  }

  private mayChange(table: string, audience: string): boolean {
    const { writes, userId, isFounded } = this.rights
    if (!writes.includes(audience)) return false
    if (!simTable(table).editorsOnly || isFounded(audience) || audience === `user:${userId}`) return true
    return (membership(this.after, audience, userId)?.role ?? 'viewer') !== 'viewer'
  }
}
