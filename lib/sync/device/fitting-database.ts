/**
 * A device's database may have been written by a newer app than this one: a page that came from a cache, or a deploy
 * that was taken back. This app does not know those tables, and whatever it did to them could be wrong: it leaves them
 * alone (MIG-1, FM-27).
 *
 * ```
 *  tables of this app, or older ones ─▶ open
 *  newer ones ─▶ ask the server: whose tables does it have?
 *                  ├─ this app's ─▶ the deploy was taken back: begin a new directory, from the outbox and the server
 *                  └─ others, or no answer ─▶ leave everything as it is, and ask for a reload
 * ```
 */
import { protocolVersion } from '../core/protocol'
import type { Store } from '../store/driver'
import { type Migration, unknownMigrations } from '../store/migrate'
import { DeviceFailure } from './client'
import type { Transport } from './transport'

/** The tables here are of a newer app. Nothing was done to them, and what waits is kept. */
export class NewerTables extends DeviceFailure {
  constructor(readonly waitingCount: number) {
    super('unavailable', sentenceOf(waitingCount))
  }
}

function sentenceOf(waitingCount: number): string {
  const what = waitingCount === 1 ? '1 change waits' : `${waitingCount} changes wait`
  const waiting = waitingCount === 0 ? '' : ` ${what} here and will be sent then.`
  return `A newer version of this app was used on this device. Reload to get it; your work is kept.${waiting}`
}

export interface Fitting<Database> {
  readonly directory: number
  readonly migrations: readonly Migration[]
  /** Of actions in the outbox. */
  readonly waitingCount: number
  open(directory: number): Promise<Database>
  hasOurTables(): Promise<boolean>
}

/** Throws NewerTables. */
export async function openFitting<Database extends { readonly store: Store; readonly directory: number }>(
  fitting: Fitting<Database>,
): Promise<Database> {
  const database = await fitting.open(fitting.directory)
  if ((await unknownMigrations(database.store, fitting.migrations)).length === 0) return database
  await database.store.close()
  if (await fitting.hasOurTables()) return fitting.open(database.directory + 1)
  throw new NewerTables(fitting.waitingCount)
}

export interface AskingServer {
  readonly transport: Transport
  readonly clientId: string
  readonly build: string
  readonly schema: string
  schedule(ms: number, work: () => void): () => void
}

const answerMs = 20_000

/** An exchange that offers nothing and takes nothing in: only a server with the same tables answers it with rows. */
export async function hasOurTables({ transport, clientId, build, schema, schedule }: AskingServer): Promise<boolean> {
  const controller = new AbortController()
  const cancel = schedule(answerMs, () => controller.abort())
  const asked = { protocol: protocolVersion, clientId, build, schema, epoch: null, lastConfirmed: null } as const
  const request = { ...asked, cursors: [], actions: [], digests: [] }
  const outcome = await transport.exchange(request, { signal: controller.signal })
  cancel()
  return outcome.kind === 'answer' && outcome.answer.kind === 'sync'
}
