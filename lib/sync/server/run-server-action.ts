/** Actions of server code: the same ingest, with a client of its own per user (ACT-8). */
import { v5, version } from 'uuid'
import type { z } from 'zod'
import { type ActionDefinition, ActionRejected } from '../action'
import { nextClock } from '../core/hlc'
import { invariant } from '../core/invariant'
import type { OfferedAction, Receipt } from '../core/protocol'
import type { ServerEngine } from './engine'
import { ingest } from './ingest'
import { readOffer } from './newcomer'
import { beginServing } from './serving'

/** Namespace of the clients that stand for server code acting as a user. */
const serverClients = '5f0d8a3c-5c0e-4b0e-9a55-0d6f1b6f8a11'

/**
 * Anybody can compute the client id of server code. Devices have random ids (version 4), so one of this version is not
 * a device's, and nobody can register it before the server does (AB-05).
 */
export function isServerClient(clientId: string): boolean {
  return version(clientId) === 5
}

/** Throws ActionRejected when a rule says no, an Error when the user may not or the input is not valid. */
export async function runServerAction<Schema extends z.ZodType, Value>(
  engine: ServerEngine,
  call: { readonly action: ActionDefinition<Schema, Value>; readonly input: z.input<Schema>; readonly author: string },
): Promise<{ readonly value: Value; readonly receipt: Receipt }> {
  await beginServing(engine)
  const clientId = v5(call.author, serverClients)
  const offered: OfferedAction = {
    id: engine.newId(),
    name: call.action.name,
    version: call.action.version,
    input: call.input as OfferedAction['input'],
    // Ordinal and clock are given under the lock of the author.
    ordinal: 1,
    clock: nextClock(null, engine.now(), clientId),
    wasConfirmed: false,
  }
  const offers = [readOffer({ registry: engine.registry, author: call.author, clientId }, offered)]
  const answer = await ingest(engine, { author: call.author, clientId, offers, numbering: 'server' })
  const [receipt] = answer.kind === 'done' ? answer.receipts : []
  invariant(receipt, 'ACT-8', ['Server code shares its client with nobody, and its clock is never ahead', answer])
  if (receipt.status === 'rejected') {
    throw new ActionRejected(receipt.reason ?? 'error', receipt.details as Readonly<Record<string, unknown>> | null)
  }
  if (receipt.status !== 'applied' || answer.kind !== 'done') {
    throw new Error(`Action "${call.action.name}" as ${call.author} is ${receipt.status}: ${receipt.reason ?? ''}`)
  }
  return { value: answer.values.get(offered.id) as Value, receipt }
}
