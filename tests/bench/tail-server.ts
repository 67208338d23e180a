/**
 * A server whose people wait, in a process of its own, so that its memory is its own. Spoken to over a pipe by
 * `tail-load.ts`.
 */
import { PGlite } from '@electric-sql/pglite'
import { migrations } from '@/db/migrations'
import { model } from '@/db/model'
import { addMember, createIssue } from '@/lib/actions'
import { install } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { card } from '../support/board'
import { serveShapes } from '../support/shapes'
import { World } from '../support/world'
import type { FromTailServer, ToTailServer } from './tail-words'

const [, , databaseUrl = '', people = '100'] = process.argv
const send = (message: FromTailServer) => void process.send?.(message)

const store = databaseUrl === '' ? createPgliteStore(await PGlite.create()) : createPostgresStore(databaseUrl)
await migrate(store, migrations)
await install(store, model, 'server')
const world = World.on(store)
const { projectId, todo: columnId } = await world.project('ann')
for (let index = 0; index < Number(people); index += 1) {
  const userId = `reader${index}`
  await world.onServer(addMember, { projectId, userId, ...card(userId), role: 'viewer' }, 'ann')
}
const shapes = await serveShapes(world)

process.on('message', async (message: ToTailServer) => {
  if (message.kind === 'act') {
    await world.onServer(createIssue, { projectId, columnId, title: message.title }, 'ann')
    send({ kind: 'acted' })
    return
  }
  // Twice: what the first finds dead may hold what the second frees.
  for (let round = 0; round < 2; round += 1) globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  send({ kind: 'memory', rss, heapUsed, external, waiting: shapes.underWay() })
})
send({ kind: 'ready', url: shapes.url })
