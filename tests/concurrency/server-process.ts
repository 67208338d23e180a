/**
 * A server in a process of its own: started by `processes.ts`, spoken to over a pipe. What goes through it is in
 * `messages.ts`. It stops where it is told to stop, so that a test can cut its connection or kill it exactly there.
 */

import type { Store } from '@/lib/sync/store/driver'
import { SqlError } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createAuthority } from './authority'
import { clubActions } from './club-actions'
import { deadlyAction } from './deadly-action'
import {
  lockStatement,
  logStatement,
  storeWithoutLocks,
  storeWithoutSnapshots,
  type Watcher,
  watchedStore,
} from './faulty-store'
import { afterCommit, type Flaw, type FromServer, type StartOptions, type ToServer } from './messages'

const options = JSON.parse(process.argv[2] ?? '') as StartOptions
const send = (message: FromServer) => void process.send?.(message)
let stopAt: string | null = null
let go: () => void = () => undefined

async function stopAtText(text: string): Promise<void> {
  if (stopAt === null || !text.includes(stopAt)) return
  stopAt = null
  const going = new Promise<void>((resolve) => {
    go = resolve
  })
  send({ kind: 'stopped' })
  await going
}

/** Tells when an ingest begins, where it waits and when it is over, and stops where it was told to. */
function observedStore(inner: Store): Store {
  return {
    kind: inner.kind,
    close: () => inner.close(),
    async transaction(work, transactionOptions) {
      let isIngest = false
      let hasLogged = false
      const observe: Watcher = async (statement) => {
        if (!isIngest && statement.includes(lockStatement)) {
          isIngest = true
          send({ kind: 'ingest-began' })
        }
        hasLogged ||= statement.includes(logStatement)
        await stopAtText(statement)
      }
      try {
        const result = await watchedStore(inner, observe).transaction(work, transactionOptions)
        if (hasLogged) await stopAtText(afterCommit)
        return result
      } finally {
        if (isIngest) send({ kind: 'ingest-ended' })
      }
    },
  }
}

const flawed: Record<Flaw, (inner: Store) => Store> = {
  'no-locks': storeWithoutLocks,
  'no-snapshots': storeWithoutSnapshots,
}
const store = createPostgresStore(options.url, { connectionsMax: options.connectionsMax })
const { server, time } = createAuthority(observedStore(options.flaw ? flawed[options.flaw](store) : store), {
  actions: [...clubActions, deadlyAction],
  trace: (event) => {
    if (event.kind === 'ingest') send({ kind: 'ingested', path: event.path })
    if (event.kind === 'retry') send({ kind: 'retried', code: event.error instanceof SqlError ? event.error.code : '' })
  },
})

async function answer({ call, userId, request, atMs }: Extract<ToServer, { kind: 'exchange' }>): Promise<void> {
  time.ms = Math.max(time.ms, atMs)
  try {
    send({ kind: 'answer', call, answer: await server.exchange(userId, request) })
  } catch (error) {
    send({ kind: 'failed', call, message: String(error), code: error instanceof SqlError ? error.code : '' })
  }
}

process.on('message', (message: ToServer) => {
  if (message.kind === 'exchange') void answer(message)
  else if (message.kind === 'stop-at') stopAt = message.text
  else if (message.kind === 'go') go()
  else void server.close().finally(() => process.disconnect())
})
// Nobody is left to answer: a test run that was interrupted leaves no server behind.
process.on('disconnect', () => process.exit())
send({ kind: 'ready' })
