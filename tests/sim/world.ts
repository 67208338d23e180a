/**
 * One simulated world: people with devices, one or two server processes on one database, a network, virtual time. It does
 * what steps say and knows what was promised; it judges nothing (`checks.ts`) and decides nothing (`steps.ts`).
 */
import { ActionRejected, type AnyAction } from '@/lib/sync/action'
import type { TraceEvent } from '@/lib/sync/core/trace'
import { createSyncServer, type SyncServer } from '@/lib/sync/server/authority'
import { createServerEngine, type SyncServerOptions } from '@/lib/sync/server/engine'
import { NotServing } from '@/lib/sync/server/serving'
import { createShapeServer, type ShapeServer } from '@/lib/sync/server/shape/server'
import { createLogWatch } from '@/lib/sync/server/shape/watch'
import { OtherSchema } from '@/lib/sync/server/snapshot'
import { SqlError } from '@/lib/sync/store/driver'
import type { ServerStore } from '@/lib/sync/store/server/transaction'
import { VirtualClock } from '../support/clock'
import { actionsOfBuild, type Build } from './app/actions'
import { simModel } from './app/sql'
import { type Chance, chanceOf, isLucky, uuidOf } from './chance'
import { audiencesOf, checkAnswer, type Told } from './checks/answer'
import { broken } from './checks/broken'
import { heldBy } from './checks/held'
import { codeOf, Releases, type ServerBuild, shippedBy } from './deploys'
import { type Faults, faultsOf } from './faults'
import type { Ground, ServerDatabase } from './ground'
import { type Message, Net } from './net'
import { Person } from './person'
import type { Tally } from './tally'
import { Process, Turns } from './turns'

/** Whoever has much to send needs some dozens. */
const messagesAtOnceMax = 2_000

/** Server time at the beginning of every world. */
export const noonMs = Date.UTC(2031, 5, 1, 12)

export interface ServerProcess {
  readonly process: Process
  readonly server: SyncServer
  readonly shapes: ShapeServer
  readonly build: ServerBuild
}

export class World {
  readonly clock = new VirtualClock(noonMs)
  readonly turns = new Turns()
  readonly net = new Net()
  readonly people: Person[] = []
  readonly servers: ServerProcess[] = []
  readonly tally: Tally
  /** What must not happen and did. */
  readonly failures: unknown[] = []
  /** How often the server's database went back to an older copy. */
  restores = 0
  isKept = false
  readonly releases = new Releases()
  /** How the servers of this world are set. */
  setting: Pick<Faults, 'page' | 'retention' | 'lateBudget'> = faultsOf(chanceOf(0, 'world'))
  serverSkewMs = 0
  /** Before this step. */
  formerServerSkewMs = 0
  /** Several processes work at once in this step. */
  isInterleaved = false
  private readonly idChance: Chance
  private readonly engineChance: Chance

  private constructor(
    private readonly ground: Ground,
    readonly database: ServerDatabase,
    { seed, tally }: { readonly seed: number; readonly tally: Tally },
  ) {
    this.tally = tally
    this.idChance = chanceOf(seed, 'ids')
    this.engineChance = chanceOf(seed, 'engine')
  }

  static async open(ground: Ground, seed: number, tally: Tally): Promise<World> {
    return new World(ground, await ground.server(), { seed, tally })
  }

  async person(userId: string, build: Build): Promise<Person> {
    const name = `${userId}-${this.people.filter((person) => person.userId === userId).length + 1}`
    const person = new Person({ name, userId, build, database: await this.ground.device() }, this.around)
    this.people.push(person)
    return person
  }

  private readonly around = {
    turns: this.turns,
    net: this.net,
    clock: this.clock,
    newId: () => uuidOf(this.idChance),
    random: () => this.engineChance.next(),
    schema: () => this.releases.schema,
    actionsOf: (build: Build): readonly AnyAction[] => actionsOfBuild[build],
    fail: (error: unknown) => {
      this.failures.push(error)
    },
    count: (happening: string) => this.tally.count(happening),
  }

  newId(): string {
    return this.around.newId()
  }

  /** Server code changes rows by the same actions (ACT-8). */
  actOnServer(action: AnyAction, input: unknown, as: string): void {
    const { server, process } = this.aliveServer(0)
    server.runAction(action, input, { as }).then(
      () => this.tally.count('done by the server'),
      (error: unknown) => {
        const isExpected =
          error instanceof ActionRejected || isExpectedOf(error) || /is (refused|held)/.test(String(error))
        if (process.isAlive && !isExpected) this.failures.push(error)
      },
    )
  }

  /** The server of this place moves the horizon, while others work on. */
  compact(place: number): void {
    const { server, process } = this.aliveServer(place)
    server.compact().then(
      () => this.tally.count('compacted'),
      (error: unknown) => {
        if (process.isAlive && !isExpectedOf(error)) this.failures.push(error)
      },
    )
  }

  /** Work of whoever runs the servers, as a turn of its own. */
  async operate(work: (store: ServerStore) => Promise<void>): Promise<void> {
    const operating = work(serverInTurns(this.database.store, new Process('operator'), this.turns))
    await this.turns.settle()
    await operating
  }

  startServer(place: number, build: ServerBuild): void {
    const process = new Process(`server ${place + 1}`, () => {
      this.tally.count('crash of a server')
      this.net.hangUp(process)
    })
    this.servers[place]?.process.kill()
    const options: SyncServerOptions = {
      store: serverInTurns(this.database.store, process, this.turns),
      ...{ actions: codeOf(build), model: simModel, build, shipped: shippedBy(build) },
      schema: this.releases.newest === null ? null : this.releases.schema,
      newId: () => this.newId(),
      now: () => this.clock.now() + this.serverSkewMs + place * 700,
      random: () => this.around.random(),
      pause: async () => undefined,
      ...this.setting,
      // Devices keep what they confirmed for days: what comes again below a seal is restamped.
      outboxRetentionMs: 0,
      trace: (event) => process.isAlive && this.hear(event),
    }
    const engine = createServerEngine(options)
    const shapes = createShapeServer({ ...engine, watch: createLogWatch(), schedule: this.clock.schedule })
    this.servers[place] = { process, server: createSyncServer(options), shapes, build }
  }

  /** The request reaches a server; what it answers is a message again. Unheard: nobody waits for this answer. */
  serve(message: Message, chance: Chance, isHeard = true): void {
    const place = Math.floor(chance.next() * this.servers.length)
    const { process, server } = this.aliveServer(place)
    if (message.offered > 0) this.net.served.push(message)
    if (isHeard) {
      message.place = 'at-server'
      message.server = process
    }
    const isExpected = () => isHeard && message.place === 'at-server'
    const answering =
      message.asks === 'snapshot' ? this.serveSnapshot(server, message, chance) : this.serveExchange(server, message)
    answering.then(
      (text) => {
        if (!isExpected()) return
        message.place = 'to-device'
        if (text === null) message.outcome = { kind: 'offline' }
        else message.answer = text
      },
      (error: unknown) => {
        if (!process.isAlive) return
        if (!isExpectedOf(error)) this.failures.push(error)
        this.tally.count(error instanceof NotServing ? 'server turned away' : 'exchange that failed')
        if (!isExpected()) return
        message.place = 'to-device'
        message.outcome = { kind: 'back-off', isRateLimit: false, retryAfterMs: null }
      },
    )
  }

  /** The tail of this person asks one server or hears what it was answered. */
  moveTail({ tail, userId, isSignedIn }: Person, faults: Faults, chance: Chance): void {
    const serving = () => {
      const { process, shapes } = this.aliveServer(Math.floor(chance.next() * this.servers.length))
      return {
        userId,
        isSignedIn,
        process,
        shapes,
        judge: (text: string) => this.judge({ userId, text, audiences: [] }),
      }
    }
    tail.move({ serving, faults, chance })
  }

  private async serveExchange(server: SyncServer, { userId, request }: Message): Promise<string> {
    const answer = await server.exchange(userId, JSON.parse(request))
    this.tally.count(`answer ${answer.kind}`)
    const text = JSON.stringify(answer)
    this.judge({ userId, text, audiences: audiencesOf(answer) })
    return text
  }

  /** Null: the user does not hold it any more. Some are cut off. */
  private async serveSnapshot(
    server: SyncServer,
    { userId, request }: Message,
    chance: Chance,
  ): Promise<string | null> {
    let text = ''
    const isHeld = await server.writeSnapshot(userId, JSON.parse(request), async (piece) => {
      text += piece
    })
    if (!isHeld) return null
    this.tally.count('snapshot streamed')
    this.judge({ userId, text, audiences: [] })
    if (!isLucky(chance, 0.1)) return text
    this.tally.count('snapshot cut off')
    return text.slice(0, Math.floor(chance.next() * text.length))
  }

  /** Whether it may leave the server; only while nobody else works, so that what is held is what was held. */
  private judge({ userId, text, audiences }: Pick<Told, 'userId' | 'text' | 'audiences'>): void {
    const rows = this.isInterleaved ? null : this.database.peek()
    if (rows === null) return
    const held = heldBy({ rows }, userId)
    const foreign = new Set<string>()
    for (const { image, table } of rows.values()) {
      const audience = image.audience ?? ''
      if (held.has(audience)) continue
      foreign.add(audience)
      // Notes never move: whatever names one belongs to its room alone.
      if (table === 'notes' && image.id) foreign.add(image.id)
    }
    try {
      checkAnswer({ userId, text, audiences, held, foreign: [...foreign] })
    } catch (error) {
      this.failures.push(error)
    }
  }

  private aliveServer(place: number): ServerProcess {
    const chosen = this.servers[place]
    if (!chosen) throw new RangeError('A world without servers')
    if (!chosen.process.isAlive) this.startServer(place, chosen.build)
    return this.servers[place] ?? chosen
  }

  /** Everything that needs neither time nor the network happens. */
  async settle(chooser: Chance | null = null): Promise<void> {
    await this.turns.settle(chooser)
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.settle()
  }

  /** Nothing that hurts happens any more: what was planned is forgotten, and the dead rise. */
  heal(): void {
    this.serverSkewMs = 0
    const build = this.releases.newest === null ? 'build-last' : this.releases.next(1)
    for (const [place] of this.servers.entries()) this.startServer(place, build)
    for (const person of this.people) {
      if (person.schema !== this.releases.schema) person.process.kill()
      person.failingWrite = 0
      person.process.forget()
      if (!person.process.isAlive) person.start()
      if (person.isSignedIn) continue
      person.isSignedIn = true
      person.device?.signedIn()
    }
  }

  /** Every message arrives, and what comes of it, until nothing is under way. */
  async deliverAll(): Promise<void> {
    const chance = chanceOf(0, 'world')
    await this.settle()
    let count = 0
    for (let message = this.net.underWay()[0]; message; message = this.net.underWay()[0]) {
      count += 1
      if (count > messagesAtOnceMax) broken('NET-1', `${count} messages and no time passed: a tight loop`)
      if (message.place === 'to-device') this.net.arrive(message)
      else if (message.isForgotten) message.place = 'over'
      else this.serve(message, chance)
      await this.settle()
    }
  }

  wakeAll(): void {
    for (const person of this.people) {
      if (!person.process.isAlive) person.start()
      person.device?.wake(true)
    }
  }

  async isDrained(): Promise<boolean> {
    return (await this.waiting()) === ''
  }

  /** Who still has something to send or to read; empty when nobody has. */
  async waiting(): Promise<string> {
    const server = await this.database.look()
    const { heads } = server
    const waiting: string[] = []
    for (const person of this.people) {
      const { pending, cursors, audiences } = await person.database.look()
      const held = heldBy(server, person.userId)
      const behind = [...held].filter(
        (audience) =>
          !audiences?.has(audience) || (cursors.get(audience)?.seq ?? -1) < (heads.get(audience)?.head ?? 0),
      )
      const isListed = audiences !== null && audiences.size === held.size
      if (pending.length + behind.length === 0 && isListed && person.device) continue
      const first = pending[0]
      waiting.push(
        `${person.name}: ${pending.length} pending, ${behind.length} behind, ${person.device?.status.get().kind}${first ? `, ${first.name} ${JSON.stringify(first.hold)}` : ''}`,
      )
    }
    return waiting.join('; ')
  }

  private hear(event: TraceEvent): void {
    if (event.kind === 'deployed') this.tally.count(event.changed.length > 0 ? 'deploy that sealed' : 'deploy')
    else if (event.kind === 'restamped') this.tally.count(`restamped: ${event.why}`, event.newcomers.length)
    else if (event.kind === 'exchange' && event.behind > 0) this.tally.count('cursor below the floor')
    else if (event.kind === 'compacted' && event.actions > 0) this.tally.count('actions pruned', event.actions)
    else if (event.kind === 'ingest') {
      this.tally.count(`ingest ${event.path}`)
      if (event.replayed > 0) this.tally.count('replayed', event.replayed)
    } else if (event.kind === 'refused') this.tally.count(`server: ${event.reason}`)
    else if (event.kind === 'retry') this.tally.count('retry')
    else if (event.kind === 'digest-mismatch') {
      this.failures.push(new Error(`[CON-1] ${event.audience} is ${event.device} on a device and ${event.server} here`))
    } else if (event.kind === 'action-error') this.tally.count('action that threw')
  }
}

/** Of a server: a lost connection, or a build that may not work. */
function isExpectedOf(error: unknown): boolean {
  return error instanceof SqlError || error instanceof NotServing || error instanceof OtherSchema
}

function serverInTurns(store: ServerStore, process: Process, turns: Turns): ServerStore {
  return {
    isShared: store.isShared,
    transaction: (work) =>
      turns.take(process, (beforeCommit) =>
        store.transaction(async (tx) => {
          const result = await work(tx)
          beforeCommit()
          return result
        }),
      ),
    read: (work) => turns.take(process, () => store.read(work)),
    close: async () => undefined,
  }
}
