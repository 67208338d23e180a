/**
 * Watches one simulated world: after each step what must be true at every moment, in the end what must be true at rest.
 * Reads databases between turns and changes nothing.
 */
import type { Receipt } from '@/lib/sync/core/protocol'
import type { AcceptedAction } from '@/lib/sync/store/server/history'
import { foundingTotal } from '../app/room-actions'
import { brokenRules, brokenWorldRules, type RuledRow } from '../app/rules'
import type { DeviceLook, ServerLook } from '../ground'
import type { Person } from '../person'
import type { Tally } from '../tally'
import type { World } from '../world'
import { broken } from './broken'
import { checkClocks, checkConfirmed, checkCursors, checkKept, checkMarked, checkStatus } from './device'
import { arrivalOrdered, checkAdmitted, LogWatch } from './history'
import { checkOracle, checkReceipts, checkRest } from './rest'

interface SeenDevice {
  readonly version: number
  readonly cursors: DeviceLook['cursors']
  readonly process: Person['process']
  readonly resets: number
}

/** More patches than this per accepted action are more than any action here makes. */
const patchesPerActionMax = 40

export class Watch {
  private serverVersion = -1
  private restores = 0
  private readonly log = new LogWatch()
  private readonly arrived = new Set<string>()
  private readonly devices = new Map<Person, SeenDevice>()
  /** Who held what when the server was looked at last. */
  private heldBefore: ReadonlySet<string> | null = null

  constructor(private readonly world: World) {}

  async check(): Promise<void> {
    const [failure] = this.world.failures
    if (failure !== undefined) throw failure
    await this.checkServer()
    for (const person of this.world.people) await this.checkDevice(person)
  }

  private async checkServer(): Promise<void> {
    const { database, restores } = this.world
    if (database.version() === this.serverVersion) return
    const look = await database.look()
    if (restores !== this.restores) {
      this.log.forget()
      this.arrived.clear()
      // What the older copy holds was judged when it was accepted.
      for (const { id } of look.arrived ?? []) this.arrived.add(id)
    }
    checkRules('the server', look.rows.values())
    const [rule] = brokenWorldRules(look.rows.values(), foundingTotal)
    if (rule !== undefined) broken('ORA-1', rule)
    this.log.check(look)
    this.checkHistory(look)
    this.restores = restores
    this.serverVersion = database.version()
  }

  /** Only where the database remembers the order of arrival. */
  private checkHistory({ arrived, rows, ids }: ServerLook): void {
    const { world } = this
    const heldNow = new Set<string>()
    for (const { table, image } of rows.values()) {
      if (table === 'members') heldNow.add(`${image.user_id} ${image.audience}`)
    }
    // After a restore, and where processes worked at once, nobody can tell who held what in between.
    const { heldBefore } = this
    const isCertain = this.restores === world.restores && !world.isInterleaved && heldBefore !== null
    const mayHold = (userId: string, audience: string) =>
      !isCertain ||
      audience === 'public' ||
      audience === `user:${userId}` ||
      heldNow.has(`${userId} ${audience}`) ||
      heldBefore.has(`${userId} ${audience}`)
    if (arrived !== null && arrived.length !== this.arrived.size) {
      const serverNowMs = world.clock.now() + Math.max(world.serverSkewMs, world.formerServerSkewMs)
      // Clients of server code have ids of version 5.
      const isStampedByServer = ({ id, name, clientId }: AcceptedAction) =>
        arrivalOrdered.has(name) || clientId[14] === '5' || ids.get(id)?.receipt.restamped === true
      checkAdmitted({ arrived, known: this.arrived, mayHold, isStampedByServer, serverNowMs })
    }
    this.heldBefore = heldNow
  }

  private async checkDevice(person: Person): Promise<void> {
    const { device, database, process, resets } = person
    const status = device?.status.get()
    if (status?.kind === 'stopped') broken('REC-1', `${person.name} stopped: ${status.message}`)
    if (!device || !process.isAlive) return
    const seen = this.devices.get(person)
    if (seen?.version === database.version()) return
    const [look, server] = [await database.look(), await this.world.database.look()]
    checkRules(person.name, look.rows.values())
    // What a process finds when it starts may be older than what the last one had (TAB-2).
    if (seen?.process === process && seen.resets === resets) checkCursors(person, seen.cursors, look)
    checkClocks(person, look, server)
    checkConfirmed(person, look, server)
    checkMarked(person, look, this.world.clock.now())
    checkKept(person, look, server)
    checkStatus(person, look)
    if (checkRest(person, look, server)) this.world.tally.count('at rest')
    this.devices.set(person, { version: database.version(), cursors: look.cursors, process, resets })
  }

  /** Once faults have stopped and everything is drained. */
  async checkEnd(): Promise<void> {
    await this.check()
    const server = await this.world.database.look()
    for (const person of this.world.people) {
      const look = await person.database.look()
      if (!checkRest(person, look, server)) broken('CON-1', `${person.name} does not come to rest`)
      checkReceipts(person, look, server)
      for (const id of person.acknowledged) {
        if (server.ids.get(id) || person.refused.has(id)) continue
        broken('OUT-1', `${person.name} was told that ${id} is saved, and the server never got it`)
      }
    }
    await checkOracle(server)
    if (server.patchCount > server.accepted.length * patchesPerActionMax) {
      broken('ROL-1', `${server.patchCount} patches are kept of ${server.accepted.length} actions`)
    }
  }
}

function checkRules(whose: string, rows: Iterable<RuledRow>): void {
  const sentences = brokenRules(rows)
  if (sentences.length > 0) broken('ORA-1', `on ${whose}: ${sentences.join('; ')}`)
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
