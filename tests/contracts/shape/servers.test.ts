/**
 * Several server processes on one Postgres: an ingest of one wakes who waits at another, and nobody misses an entry,
 * whatever the order in which transactions commit (SHP-3).
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '@/db/migrations'
import { model } from '@/db/model'
import { createIssue } from '@/lib/actions'
import { createPulse } from '@/lib/sync/server/shape/pulse'
import { createLogWatch, type LogWatch } from '@/lib/sync/server/shape/watch'
import type { Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createPostgresNotices, type Notices } from '@/lib/sync/store/postgres-notices'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { createTestDatabase, type TestDatabase } from '../../support/postgres'
import { type Shapes, serveShapes } from '../../support/shapes'
import { type Project, World } from '../../support/world'
import { eventually, type Reader, readShape } from './reader'

let database: TestDatabase
let store: Store
let world: World
let project: Project
const closing: (() => unknown)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  store = createPostgresStore(database.url)
  await migrate(store, migrations)
  await install(store, model, 'server')
  world = World.on(store)
  project = await world.project('ann', { ben: 'editor' })
})
afterAll(async () => {
  await store.close()
  await database.drop()
})
beforeEach(() => {
  looked.length = 0
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const issue = (title: string) =>
  world.onServer(createIssue, { projectId: project.projectId, columnId: project.todo, title }, 'ann')

interface Process {
  readonly watch: LogWatch
  readonly shapes: Shapes
}

/** With its own connections and its own people who wait. */
async function startProcess(): Promise<Process> {
  const own = createPostgresStore(database.url)
  const watch = createLogWatch()
  const shapes = await serveShapes(world, { watch, store: own })
  closing.push(() => own.close(), shapes.close)
  return { watch, shapes }
}

function readAs(userId: string, { shapes }: Process): Reader {
  const reader = readShape(shapes, { userId })
  closing.push(reader.close)
  return reader
}

function noticesOf(self: string): Notices {
  const notices = createPostgresNotices({ url: database.url, self })
  closing.push(notices.close)
  return notices
}

/** Looks that are due; a test lets them happen. */
const looked: (() => void)[] = []
function pulseOf({ watch }: Process, onMissed: () => void): () => void {
  const pulse = createPulse({
    ...{ watch, onMissed, intervalMs: 1, store: createServerStore(store, model) },
    schedule: (_ms, work) => {
      looked.push(work)
      return () => undefined
    },
    onFailure: (error) => {
      throw error
    },
  })
  closing.push(pulse.close)
  return () => looked.shift()?.()
}

describe('two servers on one Postgres', () => {
  test('[SHP-3] a notice of the one wakes those who wait at the other', async () => {
    const other = await startProcess()
    const heard: unknown[] = []
    noticesOf('other').listen({
      onNotice: (audiences) => {
        heard.push(audiences)
        other.watch.wake(audiences)
      },
      onFailure: (error) => heard.push(error),
    })
    const ben = readAs('ben', other)
    await ben.upToDate(1)
    // Listening tells of everything that may have come before.
    await eventually(() => expect(heard).toEqual([null]))
    await issue('Mast')
    const audience = `project:${project.projectId}`
    await noticesOf('this').send([audience, 'user:ann'])
    await eventually(() => expect(ben.titles()).toEqual(['Mast']))
    expect(heard).toEqual([null, [audience, 'user:ann']])
  })

  test('[SHP-3] nobody hears their own notices, and many audiences go out in several', async () => {
    const notices = noticesOf('self')
    const heard: unknown[] = []
    const onFailure = (error: unknown) => heard.push(error)
    notices.listen({ onNotice: (audiences) => heard.push(audiences), onFailure })
    const others: string[] = []
    let listening = 0
    noticesOf('other').listen({
      onNotice: (audiences) => {
        if (audiences === null) listening += 1
        else others.push(...audiences)
      },
      onFailure,
    })
    await eventually(() => expect([heard, listening]).toEqual([[null], 1]))
    const many = Array.from({ length: 400 }, (_, index) => `project:00000000-0000-4000-8000-${index}`)
    await notices.send(many)
    await eventually(() => expect(others).toEqual(many))
    expect(heard).toEqual([null])
  })

  test('[SHP-3] without a notice a look at the heads finds it, and says that one was missed', async () => {
    const other = await startProcess()
    let missed = 0
    const look = pulseOf(other, () => {
      missed += 1
    })
    const ben = readAs('ben', other)
    await ben.upToDate(1)
    await eventually(() => expect(other.watch.followed().length).toBeGreaterThan(0))
    look()
    await eventually(() => expect(looked).toHaveLength(1))
    expect(missed).toBe(0)
    await issue('Sail')
    look()
    await eventually(() => expect(ben.titles()).toEqual(['Sail']))
    expect(missed).toBe(1)
  })

  test('[SHP-3] a connection for notices that broke is taken anew', async () => {
    const notices = noticesOf('other')
    const heard: (readonly string[] | null)[] = []
    notices.listen({ onNotice: (audiences) => heard.push(audiences), onFailure: () => undefined })
    await eventually(() => expect(heard).toEqual([null]))
    await store.transaction((sql) =>
      sql.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
      ),
    )
    notices.renew()
    await eventually(() => expect(heard.length).toBeGreaterThan(1))
    await noticesOf('this').send(['public'])
    await eventually(() => expect(heard.at(-1)).toEqual(['public']))
  })

  test('[ING-5] an entry that commits after a later one of another audience is not passed by', async () => {
    const other = await startProcess()
    const second = await world.project('ann', { ben: 'editor' })
    const ben = readAs('ben', other)
    await ben.upToDate(1)
    const server = createServerStore(store, model)
    const append = (audience: string) => async (tx: Parameters<Parameters<typeof server.transaction>[0]>[0]) => {
      const [head] = (await tx.log.readHeads([audience])).values()
      if (!head) throw new Error('No head')
      const stamp = head.lastStamp + 1
      const [seq, token] = [head.head + 1, `token${stamp}`]
      const entry = {
        audience,
        seq,
        token,
        previousToken: head.headToken,
        stamp,
        place: 0,
        kind: 'correction' as const,
      }
      const rest = { ingest: world.newId(), action: null, causes: [], changes: [], receipts: [] }
      await tx.log.appendEntries([{ ...entry, ...rest }])
      await tx.log.saveHeads([{ ...head, head: seq, headToken: token, lastStamp: stamp }])
    }
    let commit = (): void => undefined
    const first = `project:${project.projectId}`
    const later = `project:${second.projectId}`
    const slow = server.transaction(async (tx) => {
      await append(first)(tx)
      await new Promise<void>((resolve) => {
        commit = resolve
      })
    })
    await server.transaction(append(later))
    other.watch.wake(null)
    await eventually(() => expect(ben.entries.map(({ audience }) => audience)).toEqual([later]))
    commit()
    await slow
    other.watch.wake(null)
    await eventually(() => expect(ben.entries.map(({ audience }) => audience)).toEqual([later, first]))
  })
})
