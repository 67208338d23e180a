/**
 * The authority: answers exchanges and runs actions of server code. Imports nothing of Node, so that it also runs in a
 * browser.
 */
import type { z } from 'zod'
import type { ActionDefinition } from '../action'
import { type ExchangeAnswer, exchangeRequest, type Receipt } from '../core/protocol'
import { createServerEngine, type SyncServerOptions } from './engine'
import { exchange } from './exchange'
import { runServerAction } from './run-server-action'

export interface SyncServer {
  /** One exchange of a device of this user (section "Exchange" of docs/SPEC.md). Throws a ZodError for a malformed request. */
  exchange(userId: string, request: unknown): Promise<ExchangeAnswer>
  /** The same actions for cron jobs, webhooks and seeds, under the rights of the user in `as` (ACT-8). */
  runAction<Schema extends z.ZodType, Value>(
    action: ActionDefinition<Schema, Value>,
    input: z.input<Schema>,
    options: { readonly as: string },
  ): Promise<{ readonly value: Value; readonly receipt: Receipt }>
  close(): Promise<void>
}

export function createSyncServer(options: SyncServerOptions): SyncServer {
  const engine = createServerEngine(options)
  return {
    exchange: (userId, request) => exchange(engine, userId, exchangeRequest.parse(request)),
    runAction: (action, input, { as }) => runServerAction(engine, { action, input, author: as }),
    close: () => engine.store.close(),
  }
}
