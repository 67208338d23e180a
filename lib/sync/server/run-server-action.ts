/** Actions of server code: the same ingest, with a client of its own per user (ACT-8). */
import { v5 } from 'uuid'
import type { z } from 'zod'
import { type ActionDefinition, ActionRejected } from '../action'
import { nextClock } from '../core/hlc'
import type { OfferedAction, Receipt } from '../core/protocol'
import type { ServerEngine } from './engine'
import { readClient } from './history'
import { ingest } from './ingest'
import { readOffer } from './newcomer'

/** Namespace of the clients that stand for server code acting as a user. */
const serverClients = '5f0d8a3c-5c0e-4b0e-9a55-0d6f1b6f8a11'
const attemptsMax = 5

/** Throws ActionRejected when a rule says no, an Error when the user may not or the input is not valid. */
export async function runServerAction<Schema extends z.ZodType, Value>(
  engine: ServerEngine,
  call: { readonly action: ActionDefinition<Schema, Value>; readonly input: z.input<Schema>; readonly author: string },
): Promise<{ readonly value: Value; readonly receipt: Receipt }> {
  const clientId = v5(call.author, serverClients)
  const id = engine.newId()
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const client = await engine.store.transaction((sql) => readClient(sql, clientId), { readOnly: true })
    const offered: OfferedAction = {
      id,
      name: call.action.name,
      version: call.action.version,
      input: call.input as OfferedAction['input'],
      ordinal: (client?.lastOrdinal ?? 0) + attempt,
      clock: nextClock(client?.lastClock || null, engine.now(), clientId),
      wasConfirmed: false,
    }
    const offering = { registry: engine.registry, author: call.author, clientId }
    const answer = await ingest(engine, { author: call.author, clientId, offers: [readOffer(offering, offered)] })
    // Another process took the ordinal in between: ask for the next one.
    if (answer.kind === 'fork') continue
    if (answer.kind === 'ahead') throw new Error('The clock of this server is behind its own history by more than 10 s.')
    const [receipt] = answer.receipts
    if (!receipt) break
    if (receipt.status === 'rejected') {
      throw new ActionRejected(receipt.reason ?? 'error', receipt.details as Readonly<Record<string, unknown>> | null)
    }
    if (receipt.status !== 'applied') {
      throw new Error(`Action "${call.action.name}" as ${call.author} is ${receipt.status}: ${receipt.reason ?? ''}`)
    }
    return { value: answer.values.get(id) as Value, receipt }
  }
  throw new Error(`Action "${call.action.name}" as ${call.author} found no free ordinal in ${attemptsMax} attempts.`)
}
