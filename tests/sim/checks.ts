/**
 * What must be true of a simulated world at every moment, and what must be true of it at rest. Reads databases between
 * turns and never changes anything.
 */
import { imagesEqual, rowId } from '@/lib/sync/core/images'
import type { LogEntry, Receipt } from '@/lib/sync/core/protocol'
import type { AcceptedAction } from '@/lib/sync/store/server/history'
import { everyAction } from './app/actions'
import { runOracle } from './app/oracle'
import { foundingTotal } from './app/room-actions'
import { brokenRules, brokenWorldRules, type RuledRow } from './app/rules'
import type { DeviceLook, ServerLook } from './ground'
import type { Person } from './person'
import type { Tally } from './tally'
import type { World } from './world'

export class Broken extends Error {
  override readonly name = 'Broken'
}

function fail(rule: string, what: string): never {
  throw new Broken(`[${rule}] ${what}`)
}

interface SeenDevice {
  readonly version: number
  readonly epoch: string | null
  readonly cursors: DeviceLook['cursors']
  readonly process: Person['process']
  readonly resets: number
}

/** Watches one world; remembers what may only grow. */
export class Watch {
  private readonly serverSeen = { version: -1, entries: 0, restores: 0 }
  private readonly arrived = new Set<string>()
  private readonly deviceSeen = new Map<Person, SeenDevice>()
  private heads = new Map<string, { seq: number; token: string }>()

  constructor(private readonly world: World) {}

  /** After every step: whatever changed. */
  async check(): Promise<void> {
    const { world } = this
    const [failure] = world.failures
    if (failure !== undefined) throw failure
    await this.checkServer()
    for (const person of world.people) await this.checkDevice(person)
  }

  private async checkServer(): Promise<void> {
    const { database, restores } = this.world
    if (database.version() === this.serverSeen.version) return
    const look = await database.look()
    if (restores !== this.serverSeen.restores) this.heads = new Map()
    const isAnew = restores !== this.serverSeen.restores
    checkRules('the server', look.rows.values())
    const world = brokenWorldRules(look.rows.values(), foundingTotal)
    if (world.length > 0) fail('ORA-1', world.join('; '))
    this.checkLog(look, isAnew ? 0 : this.serverSeen.entries)
    if (isAnew) this.arrived.clear()
    if (look.arrived !== null && look.accepted.length !== this.arrived.size) checkOrder(look.arrived, this.arrived)
    Object.assign(this.serverSeen, { version: database.version(), entries: look.entries.size, restores })
  }

  /** Dense numbers, tokens in a chain, nothing of another audience, and not more entries than an ingest may make (ING-5). */
  private checkLog({ entries, heads }: ServerLook, known: number): void {
    let index = 0
    for (const entry of entries.values()) {
      index += 1
      if (index <= known) continue
      const last = this.heads.get(entry.audience) ?? { seq: 0, token: '' }
      if (entry.seq !== last.seq + 1) fail('ING-5', `${entry.audience} jumps from ${last.seq} to ${entry.seq}`)
      if (entry.previousToken !== last.token) fail('ING-5', `${entry.audience} ${entry.seq} follows another entry`)
      this.heads.set(entry.audience, { seq: entry.seq, token: entry.token })
      checkEntry(entry)
    }
    for (const [audience, { seq }] of this.heads) {
      if (heads.get(audience)?.head !== seq) fail('ING-5', `the head of ${audience} is not its last entry`)
    }
  }

  private async checkDevice(person: Person): Promise<void> {
    const { device, database } = person
    const status = device?.status.get()
    if (status?.kind === 'stopped') fail('REC-1', `${person.name} stopped: ${status.message}`)
    if (!device || !person.process.isAlive) return
    const seen = this.deviceSeen.get(person)
    if (seen?.version === database.version()) return
    const look = await database.look()
    checkRules(person.name, look.rows.values())
    // What a process finds when it starts may be older than what the last one had (TAB-2).
    if (seen?.process === person.process && seen.resets === person.resets) checkCursors(person, seen.cursors, look)
    await checkKept(person, look, await this.world.database.look())
    if (status?.kind === 'synced' && !person.hasJustActed) {
      const waiting = look.pending.filter((row) => row.hold === null)
      if (waiting.length > 0) fail('EXE-1', `${person.name} says synced while ${waiting.length} actions wait`)
    }
    await this.checkAtRest(person, look)
    this.deviceSeen.set(person, {
      version: database.version(),
      epoch: look.epoch,
      cursors: look.cursors,
      process: person.process,
      resets: person.resets,
    })
  }

  /** CON-1, whenever it must hold: nothing pending, and every cursor at its head. */
  private async checkAtRest(person: Person, look: DeviceLook): Promise<boolean> {
    if (look.pending.length > 0 || look.audiences === null) return false
    const server = await this.world.database.look()
    const held = heldBy(server, person.userId)
    if (held.size !== look.audiences.size || [...held].some((audience) => !look.audiences?.has(audience))) return false
    for (const audience of held) {
      const cursor = look.cursors.get(audience)
      const head = server.heads.get(audience)
      if (cursor?.seq !== (head?.head ?? 0) || cursor.token !== (head?.headToken ?? '')) return false
    }
    this.world.tally.count('at rest')
    compareRows(person, look, { server, held })
    return true
  }

  /** Once faults have stopped and everything is drained: CON-1 on every device, ORA-1, and receipts that are true. */
  async checkEnd(): Promise<void> {
    await this.check()
    const server = await this.world.database.look()
    for (const person of this.world.people) {
      const look = await person.database.look()
      if (!(await this.checkAtRest(person, look))) fail('CON-1', `${person.name} does not come to rest`)
      checkReceipts(person, look, server)
      for (const id of person.acknowledged) {
        if (!server.ids.get(id) && !person.refused.has(id))
          fail('OUT-1', `${id}, which ${person.name} was told is saved, is unknown to the server`)
      }
    }
    await checkOracle(server)
    if (server.patchCount > server.accepted.length * 40) fail('ROL-1', `${server.patchCount} patches are kept`)
  }
}

function checkRules(whose: string, rows: Iterable<RuledRow>): void {
  const broken = brokenRules(rows)
  if (broken.length > 0) fail('ORA-1', `on ${whose}: ${broken.join('; ')}`)
}

function checkEntry(entry: LogEntry): void {
  for (const { table, key, image } of entry.changes) {
    if (image !== null && image.audience !== entry.audience)
      fail('AUD-6', `${entry.audience} tells ${table} ${key} of another audience`)
  }
  for (const receipt of entry.receipts) {
    if (entry.kind !== 'receipts') fail('AUD-6', `A receipt of ${receipt.name} stands outside of user:`)
  }
}

/**
 * Canonical clocks of one client increase with the ordinal (HLC-4): each is greater than those of smaller ordinals that
 * were accepted before it. One that was held comes later than it was done, and others may be ahead of it by then.
 */
function checkOrder(arrived: readonly AcceptedAction[], known: Set<string>): void {
  for (const action of arrived) {
    if (known.has(action.id)) continue
    for (const other of arrived) {
      if (!known.has(other.id) || other.clientId !== action.clientId || other.ordinal > action.ordinal) continue
      if (other.clock > action.clock)
        fail('HLC-4', `${action.name} ${action.ordinal} comes before ${other.name} ${other.ordinal}`)
    }
    known.add(action.id)
  }
}

function checkCursors(person: Person, before: DeviceLook['cursors'], { cursors }: DeviceLook): void {
  for (const [audience, { seq }] of before) {
    const now = cursors.get(audience)
    if (now && now.seq < seq) fail('REC-1', `${person.name} went back from ${seq} to ${now.seq} in ${audience}`)
  }
}

/** What was acknowledged is in the outbox until the server has it, or has refused it for good (EXE-1, OUT-1). */
async function checkKept(person: Person, look: DeviceLook, { ids }: ServerLook): Promise<void> {
  const { records } = await person.outbox.load()
  const kept = new Set(records.map((record) => record.id))
  for (const { id } of look.pending) kept.add(id)
  for (const id of person.acknowledged) {
    if (look.receipts.get(id)?.receipt.status === 'refused') person.refused.add(id)
    if (kept.has(id) || person.refused.has(id) || ids.get(id)) continue
    fail('OUT-1', `${person.name} was told that ${id} is saved, and it is nowhere`)
  }
}

/** Naively: rows of members, the private audience and the public one. */
export function heldBy({ rows }: Pick<ServerLook, 'rows'>, userId: string): Set<string> {
  const held = new Set([`user:${userId}`, 'public'])
  for (const { table, image } of rows.values()) {
    if (table === 'members' && image.user_id === userId && image.audience) held.add(image.audience)
  }
  return held
}

function compareRows(
  person: Person,
  { rows }: DeviceLook,
  { server, held }: { readonly server: ServerLook; readonly held: ReadonlySet<string> },
): void {
  let count = 0
  for (const row of server.rows.values()) {
    if (!held.has(row.image.audience ?? '')) continue
    count += 1
    const here = rows.get(rowId(row))?.image ?? null
    if (imagesEqual(here, row.image)) continue
    fail(
      'CON-1',
      `${person.name} has ${JSON.stringify(here)} where the server has ${JSON.stringify(row.image)} (${row.table})`,
    )
  }
  if (rows.size === count) return
  const more = [...rows.values()].filter((row) => !server.rows.get(rowId(row)))
  fail('CON-1', `${person.name} has rows that the server has not: ${JSON.stringify(more.slice(0, 3))}`)
}

function checkReceipts(person: Person, { receipts }: DeviceLook, { ids }: ServerLook): void {
  for (const { receipt } of receipts.values()) {
    const known = ids.get(receipt.actionId)?.receipt
    if (receipt.status === 'refused' && known === undefined) continue
    if (known?.status === receipt.status && known.reason === receipt.reason) continue
    fail(
      'ING-4',
      `${person.name} was told ${told(receipt)} of ${receipt.name}, and it is ${known ? told(known) : 'unknown'}`,
    )
  }
}

const told = ({ status, reason }: Receipt) => `${status} ${reason ?? ''}`.trim()

/** ORA-1: the server's rows and outcomes are those of running the accepted actions one after another. */
async function checkOracle(server: ServerLook): Promise<void> {
  const { rows, outcomes } = await runOracle(server.accepted, everyAction)
  for (const { id, name, status, reason } of server.accepted) {
    const outcome = outcomes.get(id)
    const should = outcome === 'applied' || outcome === undefined ? String(outcome) : `rejected ${outcome.rejected}`
    const is = status === 'applied' ? status : `rejected ${reason}`
    if (is !== should) fail('ORA-1', `${name} (${id}) is ${is} and should be ${should}`)
  }
  for (const [id, image] of rows) {
    const here = server.rows.get(id)?.image ?? null
    if (!imagesEqual(here, image))
      fail('ORA-1', `the server has ${JSON.stringify(here)} and should have ${JSON.stringify(image)} (${id})`)
  }
  if (rows.size !== server.rows.size)
    fail('ORA-1', `the server has ${server.rows.size} rows and should have ${rows.size}`)
}

/** What can only be counted when all is over: how often history changed its mind. */
export function countHistory({ entries, accepted }: ServerLook, tally: Tally): void {
  const last = new Map<string, Receipt>()
  for (const entry of entries.values()) {
    if (entry.kind === 'correction') tally.count('correction')
    for (const receipt of entry.receipts) {
      const before = last.get(receipt.actionId)
      last.set(receipt.actionId, receipt)
      if (before && before.status !== receipt.status) tally.count(`${before.status} turned into ${receipt.status}`)
      if (!before && receipt.restamped) tally.count('restamped by the server')
    }
  }
  for (const { name, status } of accepted) {
    tally.count(status)
    if (status === 'applied' && (name === 'member.remove' || name === 'room.leave')) tally.count('membership lost')
    if (status === 'applied' && name === 'item.move') tally.count('row moved')
  }
}
