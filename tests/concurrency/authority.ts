/**
 * A server of clubs and its clients, as raw pushes: no device, so that a test says exactly which clock and which ordinal
 * arrives when.
 */

import { randomUUID } from 'node:crypto'
import type { AnyAction } from '@/lib/sync/action'
import { encodeClock } from '@/lib/sync/core/hlc'
import { actionIds } from '@/lib/sync/core/ids'
import {
  type Cursor,
  type ExchangeAnswer,
  exchangeAnswer,
  type OfferedAction,
  type Receipt,
  type SyncAnswer,
} from '@/lib/sync/core/protocol'
import type { TraceEvent } from '@/lib/sync/core/trace'
import { createSyncServer, type SyncServer } from '@/lib/sync/server/authority'
import type { SyncServerOptions } from '@/lib/sync/server/engine'
import type { Sql, Store } from '@/lib/sync/store/driver'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { clubModel, installClub } from './club'
import { clubActions } from './club-actions'

/** Server time of all tests. Clocks are written as milliseconds before or after it. */
export const noonMs = Date.UTC(2031, 5, 1, 12)

export interface Authority {
  readonly server: SyncServer
  readonly store: Store
  readonly events: TraceEvent[]
  /** Moves the server's clock. */
  readonly time: { ms: number }
}

export function createAuthority(store: Store, options: Partial<SyncServerOptions> = {}): Authority {
  const events: TraceEvent[] = []
  const time = { ms: noonMs }
  const server = createSyncServer({
    store: createServerStore(store, clubModel),
    actions: clubActions,
    model: clubModel,
    build: 'test',
    now: () => time.ms,
    newId: randomUUID,
    pause: () => Promise.resolve(),
    random: () => 0.5,
    trace: (event) => events.push(event),
    ...options,
  })
  return { server, store, events, time }
}

/** A PGlite with the tables of the clubs. Loaded only here: a server in a process of its own begins sooner without it. */
export async function openClubs(): Promise<Store> {
  const { newPglite } = await import('../support/pglite')
  const { createPgliteStore } = await import('@/lib/sync/store/pglite-driver')
  const store = createPgliteStore(await newPglite())
  await installClub(store)
  return store
}

/** What the installer wrote stays; everything that a test wrote goes. */
export async function emptyClubs(store: Store): Promise<void> {
  await store.transaction((sql) =>
    sql.exec(`set local sync.mode = 'engine';
      truncate ${clubModel.tables.join(', ')}, sync.actions, sync.ids, sync.clients, sync.patches, sync.audiences, sync.log, sync.grants,
        sync.replays;
      delete from sync.meta where key <> 'installed'`),
  )
}

export interface Making {
  /** Milliseconds after noon; before it when negative. */
  readonly at: number
  readonly id?: string
  readonly ordinal?: number
  readonly version?: number
  readonly counter?: number
}

export interface RawClient {
  readonly user: string
  readonly clientId: string
  /** The next action of this client; ordinals grow by themselves. */
  make(action: Pick<AnyAction, 'name' | 'version'>, input: unknown, making: Making): OfferedAction
  exchange(actions: readonly OfferedAction[], request?: Record<string, unknown>): Promise<ExchangeAnswer>
  /** The receipts of a push that must be answered `sync`, in the order of the push. */
  push(...actions: readonly OfferedAction[]): Promise<Receipt[]>
  /** Reads beyond these cursors. */
  read(cursors?: readonly Cursor[]): Promise<SyncAnswer>
}

/** A server in this process or, over a pipe, in another one. */
export type ExchangeServer = Pick<SyncServer, 'exchange'>

export function createClient(
  { server }: { readonly server: ExchangeServer },
  user: string,
  clientId: string = randomUUID(),
): RawClient {
  let lastOrdinal = 0
  const client: RawClient = {
    user,
    clientId,
    make(action, input, making) {
      const ordinal = making.ordinal ?? lastOrdinal + 1
      lastOrdinal = Math.max(lastOrdinal, ordinal)
      return {
        id: making.id ?? randomUUID(),
        name: action.name,
        version: making.version ?? action.version,
        input: input as OfferedAction['input'],
        ordinal,
        clock: encodeClock({ ms: noonMs + making.at, counter: making.counter ?? 0, clientId }),
        wasConfirmed: false,
      }
    },
    async exchange(actions, request = {}) {
      const answer = await server.exchange(user, {
        protocol: 1,
        clientId,
        build: 'test',
        schema: 'test',
        epoch: null,
        cursors: [],
        lastConfirmed: null,
        actions,
        digests: [],
        ...request,
      })
      return exchangeAnswer.parse(JSON.parse(JSON.stringify(answer)))
    },
    async push(...actions) {
      const answer = await client.exchange(actions)
      if (answer.kind !== 'sync') throw new Error(`The push was answered with ${answer.kind}`)
      return actions.map(({ id }) => {
        const receipt = answer.receipts.find(({ actionId }) => actionId === id)
        if (!receipt) throw new Error(`No receipt for ${id}`)
        return receipt
      })
    },
    async read(cursors = []) {
      const answer = await client.exchange([], { cursors })
      if (answer.kind !== 'sync') throw new Error(`The read was answered with ${answer.kind}`)
      return answer
    },
  }
  return client
}

/** The club an action with this id founds. */
export const clubOf = (actionId: string): string => actionIds(actionId).id('club')

export const cursorsOf = (answer: SyncAnswer): Cursor[] =>
  answer.snapshots.map(({ audience, seq, token }) => ({ audience, seq, token }))

/** Rows of one query as the owner sees them. */
export function look<Row extends object>({ store }: Pick<Authority, 'store'>, text: string): Promise<Row[]> {
  return store.transaction((sql: Sql) => sql.query<Row>(text))
}

/** Every row of every table of clubs, byte for byte. */
export async function tablesOf(store: Store): Promise<Record<string, string[]>> {
  return store.transaction(async (sql) => {
    const tables: Record<string, string[]> = {}
    for (const table of clubModel.tables) {
      const rows = await sql.query<{ row: string }>(`select t::text as row from public.${table} t`)
      tables[table] = rows.map(({ row }) => row).sort()
    }
    return tables
  })
}
