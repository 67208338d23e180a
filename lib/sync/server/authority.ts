/**
 * The authority: answers exchanges and runs actions of server code. Imports nothing of Node, so that it also runs in a
 * browser.
 */
import type { z } from 'zod'
import type { ActionDefinition } from '../action'
import { type ExchangeAnswer, exchangeRequest, type Receipt, snapshotRequest } from '../core/protocol'
import { type Compacted, type CompactionOptions, compact } from './compact'
import { createServerEngine, type SyncServerOptions } from './engine'
import { exchange } from './exchange'
import { runServerAction } from './run-server-action'
import { type SnapshotSink, writeSnapshot } from './snapshot'

export interface SyncServer {
  /** Everybody works on one connection: no read may wait for its reader. */
  readonly isShared: boolean
  /** One exchange of a device of this user (section "Exchange" of docs/SPEC.md). Throws a ZodError for a malformed request. */
  exchange(userId: string, request: unknown): Promise<ExchangeAnswer>
  /**
   * The rows of one audience as text (`core/snapshot-stream`). Answers false, and wrote nothing, when this user does not
   * hold the audience. Throws a ZodError for a malformed request.
   */
  writeSnapshot(userId: string, request: unknown, sink: SnapshotSink): Promise<boolean>
  /** The same actions for cron jobs, webhooks and seeds, under the rights of the user in `as` (ACT-8). */
  runAction<Schema extends z.ZodType, Value>(
    action: ActionDefinition<Schema, Value>,
    input: z.input<Schema>,
    options: { readonly as: string },
  ): Promise<{ readonly value: Value; readonly receipt: Receipt }>
  /** Moves the horizon forward and removes what lies beyond it; at any time, beside everything else. */
  compact(options?: CompactionOptions): Promise<Compacted>
  close(): Promise<void>
}

export function createSyncServer(options: SyncServerOptions): SyncServer {
  const engine = createServerEngine(options)
  return {
    isShared: engine.store.isShared,
    exchange: (userId, request) => exchange(engine, userId, exchangeRequest.parse(request)),
    writeSnapshot: (userId, request, sink) =>
      writeSnapshot(engine, { userId, request: snapshotRequest.parse(request) }, sink),
    runAction: (action, input, { as }) => runServerAction(engine, { action, input, author: as }),
    compact: (options) => compact(engine, options),
    close: () => engine.store.close(),
  }
}
