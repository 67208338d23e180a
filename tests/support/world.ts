/**
 * People with devices, one server, one clock: for tests that tell what happened, not how. `settle` brings everybody
 * online until nothing is left to say; `check` compares every device with the server (CON-1) and the server with the
 * oracle (ORA-1).
 */

import { v4 } from 'uuid'
import { expect } from 'vitest'
import type { z } from 'zod'
import { model } from '@/db/model'
import type { MemberRole } from '@/db/schema'
import { actions, addMember, createProject } from '@/lib/actions'
import type { ActionDefinition, AnyAction } from '@/lib/sync/action'
import { defaultRetention, outboxRetentionMs, type Retention } from '@/lib/sync/core/horizon'
import { seededRandom } from '@/lib/sync/core/ids'
import type { TraceEvent } from '@/lib/sync/core/trace'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import { createSyncServer, type SyncServer } from '@/lib/sync/server/authority'
import type { Compacted } from '@/lib/sync/server/compact'
import type { PageBounds, SyncServerOptions } from '@/lib/sync/server/engine'
import { createLogWatch } from '@/lib/sync/server/shape/watch'
import type { Store } from '@/lib/sync/store/driver'
import { heldAudiences } from '@/lib/sync/store/held-audiences'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { type Backup, restore } from './backup'
import { card } from './board'
import { VirtualClock } from './clock'
import { dump, emptyDatabase, type StoreKind } from './databases'
import { brokenInvariants } from './invariants'
import { type AcceptedAction, replayAll } from './oracle'
import { Person, type PersonOptions } from './person'

export interface Project {
  readonly projectId: string
  readonly todo: string
  /** Takes two issues at a time. */
  readonly doing: string
  readonly done: string
}

type Accepted = AcceptedAction & { readonly status: string; readonly reason: string | null }

export class World {
  readonly clock = new VirtualClock(Date.UTC(2026, 2, 2, 9))
  readonly trace: TraceEvent[] = []
  readonly people: Person[] = []
  /** Who waits for the log of the server that runs now. */
  readonly watch = createLogWatch()
  readonly newId: () => string
  readonly random: () => number
  server: SyncServer
  /** What the server's build knows. */
  private known: readonly AnyAction[] = actions

  /** Accepted actions that compaction removed: the oracle still runs them. */
  private pruned: readonly Accepted[] = []
  private retention: Retention = defaultRetention
  /** What every server that starts from now on says of itself; without it it is compared with nothing. */
  deploy: Pick<SyncServerOptions, 'schema' | 'shipped'> = {}

  private constructor(
    readonly store: Store,
    seed: string,
  ) {
    this.random = seededRandom(seed)
    const randomId = seededRandom(`${seed} ids`)
    this.newId = () => v4({ random: Uint8Array.from({ length: 16 }, () => Math.floor(randomId() * 256)) })
    this.server = this.startServer()
  }

  static async open(kind: StoreKind, seed = 'world'): Promise<World> {
    return new World(await emptyDatabase('server', kind), seed)
  }

  /** On a database that is there: migrated, installed and empty. */
  static on(store: Store, seed = 'world'): World {
    return new World(store, seed)
  }

  /** A new server process on the same database, perhaps with another build. */
  startServer(known: readonly AnyAction[] = actions, build = 'build-1', page?: PageBounds): SyncServer {
    this.known = known
    this.server = createSyncServer({
      ...{ store: createServerStore(this.store, model), actions: known, model, build, random: this.random },
      newId: () => this.newId(),
      now: () => this.clock.now(),
      pause: async () => undefined,
      trace: (event) => this.trace.push(event),
      ...{ retention: this.retention, outboxRetentionMs: Math.min(outboxRetentionMs, this.retention.lateWindowMs) },
      onAppended: (audiences) => this.watch.wake(audiences),
      ...this.deploy,
      ...(page && { page }),
    })
    return this.server
  }

  /** History ends here, as if so much time had passed; from then on this is how long the server keeps it. */
  async compact(retention: Retention = this.retention): Promise<Compacted> {
    this.retention = retention
    this.startServer(this.known)
    const before = await this.accepted()
    const compacted = await this.server.compact()
    const left = new Set((await this.stored()).map(({ id }) => id))
    this.pruned = before.filter(({ id }) => !left.has(id))
    return compacted
  }

  /** A person with a device, offline. Two of one name are two devices of one person. */
  async person(userId: string, options: Partial<PersonOptions> = {}): Promise<Person> {
    const { clock, newId, random } = this
    const serve: PersonOptions['serve'] = (request) => this.server.exchange(userId, request)
    const stream: PersonOptions['stream'] = (request, sink) => this.server.writeSnapshot(userId, request, sink)
    const person = await Person.open({ userId, clock, newId, random, serve, stream, ...options })
    this.people.push(person)
    return person
  }

  /** A second device with a copy of everything that one has. */
  async copyOf(person: Person): Promise<Person> {
    const copy = await person.copyProfile()
    this.people.push(copy)
    return copy
  }

  /** The server's database as it was; with another epoch when its operators say so. */
  async restoreServer(former: Backup, { isEpochNew = false } = {}): Promise<void> {
    await restore(this.store, former)
    if (isEpochNew) {
      await this.store.transaction((sql) => sql.rows("delete from sync.meta where key = 'epoch'"))
    }
    this.startServer(this.known)
  }

  /** Done on the server, before or while the story goes on. */
  async onServer<Schema extends z.ZodType, Value>(
    action: ActionDefinition<Schema, Value>,
    input: z.input<Schema>,
    as: string,
  ): Promise<Value> {
    this.clock.advance(1_000)
    return (await this.server.runAction(action, input, { as })).value
  }

  /** A project with the usual three columns and these members; the first one founds it. */
  async project(founder: string, others: Readonly<Record<string, MemberRole>> = {}): Promise<Project> {
    const columns = [{ name: 'To do' }, { name: 'Doing', issueLimit: 2 }, { name: 'Done', isDone: true }]
    const input = { name: 'Regatta', key: 'REG', owner: card(founder), columns }
    const { projectId, columnIds } = await this.onServer(createProject, input, founder)
    for (const [userId, role] of Object.entries(others)) {
      await this.onServer(addMember, { projectId, userId, ...card(userId), role }, founder)
    }
    const [todo = '', doing = '', done = ''] = columnIds
    return { projectId, todo, doing, done }
  }

  /** Everybody online, one after another, until nobody has anything new to tell or to hear. */
  async settle(): Promise<void> {
    for (const person of this.people) person.calmNetwork()
    for (let round = 0; round < 10; round += 1) {
      const before = this.progress
      for (const person of this.people) {
        this.clock.advance(100)
        await person.online()
      }
      if (this.progress === before && round > 0) return
    }
  }

  /** Grows with every push the server took in and every exchange that brought somebody something. */
  private get progress(): number {
    const isNews = (event: DeviceTrace) =>
      event.kind === 'received' && event.entries + event.snapshots + event.settled + event.rows > 0
    const taken = this.trace.filter((event) => event.kind === 'ingest').length
    return this.people.reduce((sum, person) => sum + person.trace.filter(isNews).length, taken)
  }

  /** Settles, then compares everything with everything. `exceptPending`: people whose held work may stay. */
  async check({ exceptPending = [] }: { exceptPending?: readonly Person[] } = {}): Promise<void> {
    await this.checkDevices(exceptPending)
    await this.checkOracle()
    expect(await brokenInvariants(this.store)).toEqual([])
  }

  /** Settles, then compares every device with the server. */
  async checkDevices(exceptPending: readonly Person[] = []): Promise<void> {
    await this.settle()
    for (const person of this.people) {
      if (exceptPending.includes(person)) continue
      expect(person.device.status.get(), `${person.userId} has nothing pending`).toMatchObject({
        kind: 'synced',
        pendingCount: 0,
      })
      const held = await this.store.transaction((sql) => heldAudiences(sql, person.userId))
      expect(await dump(person.store), `[CON-1] ${person.userId} holds what the server has`).toEqual(
        await dump(this.store, held),
      )
      await this.checkReceipts(person)
    }
  }

  /** What a person was told is what became of it. */
  private async checkReceipts(person: Person): Promise<void> {
    const own = (await this.accepted()).filter((action) => action.author === person.userId)
    const became = new Map(own.map(({ id, status, reason }) => [id, `${status} ${reason ?? ''}`]))
    for (const { actionId, name, status, reason } of person.device.receipts.get()) {
      if (status === 'refused') continue
      const told = `${status === 'corrected' ? 'applied' : status} ${reason ?? ''}`
      expect(told, `${person.userId} knows what became of ${name}`).toBe(became.get(actionId))
    }
  }

  private async checkOracle(): Promise<void> {
    const accepted = await this.accepted()
    const oracle = await emptyDatabase('server')
    const outcomes = await replayAll(oracle, this.known, accepted)
    const became = accepted.map(({ id, name, status, reason }) => ({ id, name, status, reason }))
    const should = accepted.map(({ id, name }) => {
      const outcome = outcomes.get(id)
      return { id, name, status: outcome?.kind, reason: outcome?.kind === 'rejected' ? outcome.reason : null }
    })
    expect(became, '[ORA-1] outcomes').toEqual(should)
    expect(await dump(this.store), '[ORA-1] rows').toEqual(await dump(oracle))
  }

  /** Canonical history in replay order. */
  async accepted(): Promise<Accepted[]> {
    return [...this.pruned, ...(await this.stored())]
  }

  private stored(): Promise<Accepted[]> {
    return this.store.transaction((sql) =>
      sql.query('select id, name, version, input, author, clock, status, reason from sync.actions order by clock, id'),
    )
  }

  /** How often the server took the late path and replayed something. */
  get replays(): number {
    return this.trace.reduce((sum, event) => sum + (event.kind === 'ingest' ? event.replayed : 0), 0)
  }
}
