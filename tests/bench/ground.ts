/**
 * What the measurements stand on: databases with the tracker's tables, with our engine and bare, and an action with one
 * insert.
 */

import { randomUUID } from 'node:crypto'
import type { PGlite } from '@electric-sql/pglite'
import { z } from 'zod'
import { migrations, schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import { focusItems } from '@/db/schema'
import type { AnyAction } from '@/lib/sync/action'
import { defineAction } from '@/lib/sync/action'
import { encodeClock } from '@/lib/sync/core/hlc'
import type { Cursor, OfferedAction } from '@/lib/sync/core/protocol'
import { createDevice, type Device } from '@/lib/sync/device/engine'
import { createMemoryOutbox } from '@/lib/sync/device/outbox-memory'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import type { Transport } from '@/lib/sync/device/transport'
import { createSyncServer, type SyncServer } from '@/lib/sync/server/authority'
import { createDeviceStore } from '@/lib/sync/store/device/transaction'
import type { Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { newPglite } from '../support/pglite'

export const author = 'ann'

/** One insert, as small as an action can be. */
export const noteIssue = defineAction({
  name: 'bench.note',
  version: 1,
  input: z.strictObject({ issueId: z.uuid(), note: z.string() }),
  audiences: (_input, { user }) => [`user:${user.id}`],
  async run({ db, input, user, now }) {
    await db.insert(focusItems).values({ userId: user.id, ...input, addedAt: now })
  },
})

/** The same insert without the engine, and its parameters. */
export const bareInsert = 'insert into focus_items (user_id, issue_id, note, added_at) values ($1, $2, $3, $4)'
export const bareParameters = (): string[] => [author, randomUUID(), 'a note', '2026-03-01T09:00:00.000Z']

export const noteInput = () => ({ issueId: randomUUID(), note: 'a note' })

/** The tables as the migrations make them: keys, foreign keys and checks, and nothing of the engine. */
export async function bareDatabase(): Promise<PGlite> {
  const pglite = await newPglite()
  await migrate(createPgliteStore(pglite), migrations)
  return pglite
}

interface OpenOptions {
  trace?(event: DeviceTrace): void
  readonly store?: Store
}

export async function openDevice(transport: Transport, { trace, store }: OpenOptions = {}): Promise<Device> {
  const noTimer = () => undefined
  return createDevice({
    store: createDeviceStore({ store: store ?? createPgliteStore(await newPglite()), model, migrations }),
    outbox: createMemoryOutbox(),
    actions: [noteIssue],
    schema: schemaFingerprint,
    build: 'bench',
    userId: author,
    storage: 'memory',
    isDevelopment: false,
    now: Date.now,
    newId: randomUUID,
    random: Math.random,
    schedule: () => noTimer,
    ...{ transport, ...(trace && { trace }) },
  })
}

export const unreachable: Transport = {
  exchange: async () => ({ kind: 'offline' }),
  snapshot: async () => ({ kind: 'offline' }),
}

export async function openServer(store: Store, more: readonly AnyAction[] = []): Promise<SyncServer> {
  await migrate(store, migrations)
  await install(store, model, 'server')
  return createSyncServer({
    ...{
      store: createServerStore(store, model),
      model,
      build: 'bench',
      actions: [noteIssue, ...more],
      now: Date.now,
      newId: randomUUID,
      random: Math.random,
    },
    pause: async () => undefined,
  })
}

/**
 * A device reduced to what it sends and how far it has read. It follows its cursors: without them each answer would bring
 * the whole audience again, and that would be measured instead.
 */
export function createSender(server: SyncServer) {
  const clientId = randomUUID()
  const cursors = new Map<string, Cursor>()
  let ordinal = 0

  const offer = (): OfferedAction => {
    ordinal += 1
    const clock = encodeClock({ ms: Date.now(), counter: ordinal % 65_536, clientId })
    const { name, version } = noteIssue
    return { id: randomUUID(), name, version, input: noteInput(), ordinal, clock, wasConfirmed: false }
  }

  return {
    /** One exchange with so many new actions. Throws unless all of them were applied. */
    async exchange(actionCount: number): Promise<void> {
      const actions = Array.from({ length: actionCount }, offer)
      const answer = await server.exchange(author, {
        ...{ protocol: 1, clientId, build: 'bench', schema: schemaFingerprint, epoch: null, lastConfirmed: null },
        ...{ cursors: [...cursors.values()], actions, digests: [] },
      })
      if (answer.kind !== 'sync') throw new Error(`The server answered ${answer.kind}`)
      const applied = answer.receipts.filter((receipt) => receipt.status === 'applied').length
      if (applied !== actionCount) throw new Error(`${applied} of ${actionCount} actions were applied`)
      for (const { audience, seq, token } of [...answer.snapshots, ...answer.entries]) {
        if (seq >= (cursors.get(audience)?.seq ?? 0)) cursors.set(audience, { audience, seq, token })
      }
    },
  }
}
