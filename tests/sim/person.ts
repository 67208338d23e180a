/** A person in one browser of a simulated world: a device, what outlives its process, and what it was promised. */
import type { AnyAction } from '@/lib/sync/action'
import { ActionRejected } from '@/lib/sync/action'
import { DeviceFailure } from '@/lib/sync/device/client'
import { createDevice, type Device } from '@/lib/sync/device/engine'
import type { Outbox } from '@/lib/sync/device/outbox'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import type { DeviceStore } from '@/lib/sync/store/device/transaction'
import type { VirtualClock } from '../support/clock'
import type { Build } from './app/actions'
import type { DeviceDatabase } from './ground'
import type { Net } from './net'
import { DurableOutbox } from './outbox'
import { SimTail } from './tail'
import { Line, Process, type Turns } from './turns'

export interface Surroundings {
  readonly turns: Turns
  readonly net: Net
  readonly clock: VirtualClock
  newId(): string
  random(): number
  actionsOf(build: Build): readonly AnyAction[]
  /** Of the tables that an app which starts now has. */
  schema(): string
  /** Nothing in a world may fail in another way than the engine says it can. */
  fail(error: unknown): void
  count(happening: string): void
}

export class Person {
  device: Device | null = null
  process = new Process('nobody')
  skewMs = 0
  isSignedIn = true
  /** Ids of actions whose call resolved: from then on they must never be lost. */
  readonly acknowledged = new Set<string>()
  /** Ids that were refused, which is final: nothing keeps them any more. */
  readonly refused = new Set<string>()
  /** Those the server had at some time, perhaps before a restore. */
  readonly known = new Set<string>()
  /** Ids that were offered as confirmed before a reset, and since when they bore the mark. */
  readonly marked = new Map<string, number>()
  /** Ids of actions whose call failed: nobody may ever see them. */
  readonly failed = new Set<string>()
  readonly knownRooms = new Set<string>()
  /** The outbox write that fails next, counted from now; 0 is none. */
  failingWrite = 0
  hadFullDisk = false
  /** How often it started over with another history. */
  resets = 0
  outbox = new DurableOutbox()

  readonly name: string
  readonly userId: string
  readonly database: DeviceDatabase
  build: Build

  constructor(
    { name, userId, database, build }: Pick<Person, 'name' | 'userId' | 'database' | 'build'>,
    private readonly around: Surroundings,
  ) {
    this.name = name
    this.userId = userId
    this.database = database
    this.build = build
  }

  /** Of the tables of its app. */
  schema = ''
  /** How its device hears of changes as they happen. */
  tail = new SimTail(() => undefined)

  /** A new process on what the last one left. */
  start(): void {
    const { around, name } = this
    this.schema = around.schema()
    const process = new Process(name, () => {
      this.device = null
      around.count('crash of a device')
    })
    this.process = process
    this.device = null
    this.tail = new SimTail((happening) => process.isAlive && around.count(happening))
    const opening = createDevice({
      store: inTurns(this.database.store, process, around.turns),
      outbox: this.outboxOf(process),
      transport: around.net.transport(this, process),
      tail: this.tail,
      actions: around.actionsOf(this.build),
      ...{ schema: this.schema, build: this.build, userId: this.userId, storage: 'memory', isDevelopment: false },
      now: () => around.clock.now() + this.skewMs,
      newId: () => around.newId(),
      random: () => around.random(),
      schedule: (ms, work) => around.clock.schedule(ms, () => process.isAlive && work()),
      trace: (event) => process.isAlive && this.hear(event),
    })
    opening.then(
      (device) => {
        if (!process.isAlive) return
        this.device = device
        device.wake(true)
        device.startTail()
      },
      (error: unknown) => process.isAlive && this.couldNotOpen(error),
    )
  }

  private couldNotOpen(error: unknown): void {
    if (isFullDisk(error)) {
      this.around.count('could not open')
      this.process.kill()
    } else this.around.fail(error)
  }

  /** Resolves with nothing: what comes of it is counted, and remembered when it was acknowledged. */
  act(name: string, input: unknown): void {
    const { device, process, around } = this
    if (!device) return
    const id = around.newId()
    device.execute(name, input, id).then(
      () => {
        around.count(`did ${name}`)
        this.acknowledge(id)
      },
      (error: unknown) => {
        if (!process.isAlive) return
        if (error instanceof ActionRejected) {
          this.failed.add(id)
          return around.count('said no here')
        }
        if (error instanceof DeviceFailure) {
          this.failed.add(id)
          return around.count(`not run: ${error.code}`)
        }
        around.fail(error)
      },
    )
  }

  /** Saved means saved: the durable outbox has it at this very moment (EXE-1). */
  private acknowledge(id: string): void {
    this.acknowledged.add(id)
    if (this.outbox.has(id)) return
    this.around.fail(new Error(`${this.name} was told that ${id} is saved, and the outbox does not have it`))
  }

  /** The one copy of what the database does not have must not be lost: see the step. */
  loseOutbox(): void {
    this.outbox = new DurableOutbox()
  }

  /** Everything of another browser, its identity included. */
  async takeOver(other: Person): Promise<void> {
    await this.database.copyFrom(other.database)
    const { state, records } = await other.outbox.load()
    for (const record of records) if (state) await this.outbox.add(record, state)
    if (state) await this.outbox.rewrite({ state })
    this.skewMs = other.skewMs
    this.hadFullDisk = other.hadFullDisk
    for (const id of other.known) this.known.add(id)
  }

  private outboxOf(process: Process): Outbox {
    const { turns } = this.around
    const durable = this.outbox
    // Calls take effect in the order in which they are made, as the port says.
    const line = new Line(turns, process)
    const write = (work: () => Promise<void>) =>
      line.take(async (beforeCommit) => {
        if (this.failingWrite > 0) {
          this.failingWrite -= 1
          if (this.failingWrite === 0) {
            this.around.count('storage error')
            this.hadFullDisk = true
            throw new FullDisk('The simulated disk is full')
          }
        }
        beforeCommit()
        await work()
      })
    return {
      load: () => (process.isAlive ? durable.load() : new Promise(() => undefined)),
      add: (record, state) => write(() => durable.add(record, state)),
      rewrite: (change) => write(() => durable.rewrite(change)),
      close: async () => undefined,
    }
  }

  private hear(event: DeviceTrace): void {
    if (event.kind === 'reset') this.resets += 1
    if (event.kind === 'failed') this.hearFailure(event.error)
    if (event.kind === 'tail-told') this.around.count(event.isTaken ? 'tail: taken in' : 'tail: left to an exchange')
    const happening = counted[event.kind]
    if (happening !== undefined) this.around.count(happening)
  }

  /** A full disk may stop what an exchange wanted to write: it is tried again. Nothing else may fail. */
  private hearFailure(error: unknown): void {
    if (!isFullDisk(error)) this.around.fail(error)
  }
}

const counted: Partial<Readonly<Record<DeviceTrace['kind'], string>>> = {
  corrected: 'device: corrected',
  gap: 'device: gap',
  reset: 'device: reset',
  restamped: 'device: restamped',
  forked: 'device: forked',
  held: 'device: held',
  'digests-compared': 'device: digests compared',
  'replay-threw': 'preview that threw',
}

class FullDisk extends Error {
  override readonly name = 'FullDisk'
}

function isFullDisk(error: unknown): boolean {
  return error instanceof FullDisk
}

export function inTurns(store: DeviceStore, process: Process, turns: Turns): DeviceStore {
  // PGlite has one connection.
  const line = new Line(turns, process)
  return {
    prepare: () => line.take(() => store.prepare()),
    transaction: (work) =>
      line.take((beforeCommit) =>
        store.transaction(async (tx) => {
          const result = await work(tx)
          beforeCommit()
          return result
        }),
      ),
    close: async () => undefined,
  }
}
