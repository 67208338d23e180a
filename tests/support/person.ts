/**
 * A person with one device: does things, goes offline, comes back, restarts, loses a database. What a test says about
 * people is said with these words.
 */

import type { PgTable } from 'drizzle-orm/pg-core'
import type { z } from 'zod'
import { migrations, schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import { actions } from '@/lib/actions'
import type { ActionDefinition, AnyAction } from '@/lib/sync/action'
import { createDevice, type Device } from '@/lib/sync/device/engine'
import { createMemoryOutbox, type MemoryOutbox } from '@/lib/sync/device/outbox-memory'
import type { TailSource } from '@/lib/sync/device/tail-source'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import type { ReceiptView } from '@/lib/sync/device/views'
import { createDeviceStore } from '@/lib/sync/store/device/transaction'
import type { Store } from '@/lib/sync/store/driver'
import { createMemoryTransport, type Fault, type MemoryTransport } from '@/lib/sync/transport/memory'
import { backUp, restore } from './backup'
import { rowsOf } from './board'
import type { VirtualClock } from './clock'
import { emptyDatabase } from './databases'

export interface PersonOptions {
  readonly userId: string
  readonly clock: VirtualClock
  /** How wrong this device's clock is: it shows so much more than the true time. */
  readonly skewMs?: number
  /** What its app knows; an older or newer one than the server's for tests of versions. */
  readonly actions?: readonly AnyAction[]
  readonly build?: string
  /** Every action runs twice and is compared (ACT-1). */
  readonly isDevelopment?: boolean
  /** What a test puts between the device and its surroundings, anew at each start. */
  readonly between?: (surroundings: Surroundings) => Surroundings
  /** How it hears of changes as they happen, from `startTail()` on. */
  readonly tail?: TailSource
  newId(): string
  random(): number
  serve: Parameters<typeof createMemoryTransport>[0]
  stream?: Parameters<typeof createMemoryTransport>[1]
}

export interface Surroundings extends Pick<Parameters<typeof createDevice>[0], 'outbox' | 'transport'> {
  readonly store: Store
  readonly migrations: typeof migrations
}

/** One thing a person did. */
export interface Done<Value> {
  readonly actionId: string
  readonly value: Value
  /** What became of it, as the inbox of this device shows it now. */
  receipt(): ReceiptView
  /** The same in one word. Whether its effect was seen exactly so before is another question: see `receipt()`. */
  outcome(): 'applied' | 'rejected' | 'refused' | 'held' | 'pending'
  readonly settled: Promise<ReceiptView>
}

export class Person {
  readonly transport: MemoryTransport
  readonly trace: DeviceTrace[] = []
  /** Every answer the server made for this device, as text. */
  readonly heard: string[] = []
  outbox: MemoryOutbox
  store: Store
  device: Device
  skewMs: number
  private serving: PersonOptions['serve']
  private readonly pushFaults: Fault[] = []

  private constructor(
    private options: PersonOptions,
    opened: { store: Store; outbox: MemoryOutbox },
  ) {
    this.skewMs = options.skewMs ?? 0
    this.serving = options.serve
    this.transport = createMemoryTransport(async (request) => {
      const answer = await this.serving(request)
      this.heard.push(JSON.stringify(answer))
      return answer
    }, options.stream)
    this.transport.otherwise('lose-request')
    this.store = opened.store
    this.outbox = opened.outbox
    // Replaced before anybody sees this person: `open` is the only way to one.
    this.device = undefined as unknown as Device
  }

  /** Starts offline: nothing travels before `online()`. */
  static async open(options: PersonOptions): Promise<Person> {
    const person = new Person(options, { store: await emptyDatabase('device'), outbox: createMemoryOutbox() })
    await person.start()
    return person
  }

  /** A second device with a copy of everything this one has, its identity included. */
  async copyProfile(): Promise<Person> {
    const copy = new Person(this.options, { store: await emptyDatabase('device'), outbox: createMemoryOutbox() })
    await restore(copy.store, await backUp(this.store))
    const { state, records } = await this.outbox.load()
    for (const record of records) if (state) await copy.outbox.add(record, state)
    if (state) await copy.outbox.rewrite({ state })
    await copy.start()
    return copy
  }

  get userId(): string {
    return this.options.userId
  }

  private async start(): Promise<void> {
    const { clock, userId, newId, random, between = (surroundings) => surroundings } = this.options
    const surroundings = between({
      migrations,
      // The pool closes databases; a device that is closed may be opened again.
      store: { ...this.store, close: async () => undefined },
      outbox: this.outbox,
      transport: {
        snapshot: (request, sending) => this.transport.snapshot(request, sending),
        exchange: (request, sending) => {
          const fault = request.actions.length > 0 ? this.pushFaults.shift() : undefined
          if (fault !== undefined) this.transport.plan(fault)
          return this.transport.exchange(request, sending)
        },
      },
    })
    const { outbox, transport } = surroundings
    this.device = await createDevice({
      ...{ userId, newId, random, outbox, transport, tail: this.options.tail ?? null },
      store: createDeviceStore({ model, store: surroundings.store, migrations: surroundings.migrations }),
      actions: this.options.actions ?? actions,
      build: this.options.build ?? 'build-1',
      schema: schemaFingerprint,
      storage: 'memory',
      isDevelopment: this.options.isDevelopment ?? false,
      now: () => clock.now() + this.skewMs,
      schedule: clock.schedule,
      trace: (event) => this.trace.push(event),
    })
  }

  /** Throws what the call throws: an ActionRejected when the rule says no here already. Each deed takes a second. */
  async do<Schema extends z.ZodType, Value>(
    action: ActionDefinition<Schema, Value>,
    input: z.input<Schema>,
  ): Promise<Done<Value>> {
    this.options.clock.advance(1_000)
    const actionId = this.options.newId()
    const call = this.device.execute(action.name, input, actionId)
    const value = (await call) as Value
    await this.device.resting()
    const receipt = () => this.receiptOf(actionId)
    const outcome = () => {
      const { status } = receipt()
      return status === 'corrected' ? 'applied' : status
    }
    return { actionId, value, settled: call.settled, receipt, outcome }
  }

  receiptOf(actionId: string): ReceiptView {
    const found = this.device.receipts.get().find((receipt) => receipt.actionId === actionId)
    if (!found) throw new Error(`${this.userId} has no receipt of ${actionId}`)
    return found
  }

  get pendingCount(): number {
    return this.device.receipts.get().filter((receipt) => receipt.status === 'pending').length
  }

  offline(): void {
    this.transport.otherwise('lose-request')
  }

  /** Back in the network, and heard of everything. */
  async online(): Promise<void> {
    this.transport.otherwise('none')
    await this.sync()
  }

  async sync(): Promise<void> {
    await this.device.syncNow()
  }

  /** What the network does to the next exchanges that carry actions; then it is as before. */
  nextPushes(...faults: readonly Fault[]): void {
    this.pushFaults.push(...faults)
  }

  /** No more trouble was planned than has happened. */
  calmNetwork(): void {
    this.pushFaults.length = 0
  }

  rows<Table extends PgTable>(table: Table): Promise<Table['$inferSelect'][]> {
    return rowsOf(this.store, table)
  }

  /** The app is closed and opened again; on the way the database, the outbox or neither may be lost. */
  async restart(change: { losing?: 'database' | 'outbox'; app?: Partial<PersonOptions> } = {}): Promise<void> {
    await this.device.close()
    this.options = { ...this.options, ...change.app }
    if (change.losing === 'database') this.store = await emptyDatabase('device')
    if (change.losing === 'outbox') this.outbox = createMemoryOutbox()
    await this.start()
  }

  /** Another server answers from now on. */
  reach(serve: PersonOptions['serve']): void {
    this.serving = serve
  }
}
