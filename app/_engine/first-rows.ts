/**
 * What this tab shows before its device answers: put together from rows kept in this browser, the server's, and marks in
 * `localStorage`, which can be set while a page goes.
 */
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import { v4 } from 'uuid'
import { schemaFingerprint } from '@/db/migrations'
import { type FirstRowsRequest, firstRowsAnswer } from '@/lib/sync/core/first-rows'
import type { RawRow } from '@/lib/sync/device/client'
import { type ActingMarks, createFirstRows, type FirstRows } from '@/lib/sync/device/first-rows'
import { createSeenRows } from '@/lib/sync/device/seen-rows'
import type { AppRouter } from '@/server/root'
import { marksPrefix, seenName } from './names'
import { schedule } from './schedule'
import { traceFailures } from './trace-failures'
import { hasUnsentWork } from './unsent'

export function openFirstRows(userId: string): FirstRows {
  return createFirstRows({
    ...{ userId, schema: schemaFingerprint, schedule },
    seen: createSeenRows(seenName(userId), Date.now),
    marks: createMarks(window.localStorage, userId),
    ask: askServer(userId),
    hasWork: () => hasUnsentWork(userId),
    onFailure: (error) => traceFailures({ kind: 'failed', error }),
  })
}

function createMarks(storage: Storage, userId: string): ActingMarks {
  const prefix = marksPrefix(userId)
  const own = `${prefix}${v4()}`
  return {
    set: () => storage.setItem(own, ''),
    remove: () => storage.removeItem(own),
    take: () => {
      const marks = Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? '')
      const found = marks.filter((name) => name.startsWith(prefix))
      for (const name of found) storage.removeItem(name)
      return found.length > 0
    },
  }
}

/** Null without a network or a session, and when the server has another build's query: the database will answer. */
function askServer(userId: string): (request: FirstRowsRequest) => Promise<readonly RawRow[] | null> {
  const headers = { 'x-beamline-user': encodeURIComponent(userId) }
  const server = createTRPCClient<AppRouter>({
    links: [httpLink({ url: '/api/trpc', methodOverride: 'POST', headers })],
  })
  return async (request) => {
    try {
      return firstRowsAnswer.parse(await server.rows.first.query(request)).rows
    } catch (error) {
      if (error instanceof TRPCClientError) return null
      throw error
    }
  }
}
