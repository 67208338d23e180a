import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { issues, issueVotes, projects } from '@/db/schema'
import { actions, createIssue, createProject, voteForIssue } from '@/lib/actions'
import { card } from '@/tests/support/board'
import { closeDatabases, emptyDatabase, releaseDatabases } from '@/tests/support/databases'
import type { Person } from '@/tests/support/person'
import { type Project, World } from '@/tests/support/world'
import { readPending } from '../store/device/pending'

let world: World
let ann: Person
let project: Project
let issueId: string

beforeEach(async () => {
  world = await World.open('pglite')
  project = await world.project('ann', { ben: 'editor' })
  const input = { projectId: project.projectId, columnId: project.todo, title: 'Buoys' }
  issueId = (await world.onServer(createIssue, input, 'ann')).issueId
  ann = await world.person('ann')
  await ann.online()
})

afterEach(async () => {
  for (const person of world.people) await person.device.close()
  releaseDatabases()
})
afterAll(closeDatabases)

const day = 24 * 60 * 60 * 1000
const votes = async () => (await ann.rows(issueVotes))[0]?.total ?? 0
const vote = (person = ann) => person.do(voteForIssue, { projectId: project.projectId, issueId, add: 1 })
const pending = () => ann.store.transaction(readPending)
const records = async () => (await ann.outbox.load()).records

describe('starting a device', () => {
  test('[OUT-1] losing the database loses no work: it is loaded again and the outbox runs', async () => {
    await vote()
    ann.offline()
    const waiting = await vote()
    await ann.restart({ losing: 'database' })
    expect(await pending()).toHaveLength(2)
    await world.check()
    expect(await votes()).toBe(2)
    expect(waiting.receipt()).toMatchObject({ status: 'applied' })
    expect(ann.device.receipts.get().filter((receipt) => receipt.status === 'corrected')).toEqual([])
  })

  test('[EXE-1] CX-16 losing the outbox loses no work: what waits is written to it again', async () => {
    ann.offline()
    await vote()
    const [row] = await pending()
    await ann.restart({ losing: 'outbox' })
    expect(await records()).toMatchObject([{ id: row?.id, ordinal: 1, clock: row?.clock }])
    await world.check()
    expect(await votes()).toBe(1)
    await vote()
    expect((await ann.outbox.load()).state).toMatchObject({ lastOrdinal: 2 })
    await world.check()
  })

  test('[EXE-1] a crash after the outbox write and before PGlite runs the action on start', async () => {
    ann.offline()
    await vote()
    await ann.store.transaction(async (sql) => {
      await sql.exec("set local sync.mode = 'engine'")
      await sql.exec('delete from public.issue_votes; delete from sync.pending; delete from sync.patches')
    })
    await ann.restart()
    expect(await votes()).toBe(1)
    await world.check()
    expect(await votes()).toBe(1)
  })

  test('[HLC-3] CX-9d on start the clocks of the outbox win', async () => {
    ann.offline()
    await vote()
    const [record] = await records()
    await ann.store.transaction((sql) => sql.exec("update sync.pending set clock = replace(clock, '019', '0ff')"))
    await ann.restart()
    expect(await pending()).toMatchObject([{ clock: record?.clock, mayBeRejected: false }])
    expect(await votes()).toBe(1)
  })

  test('[OUT-1] confirmed actions stay in the outbox with a mark, refused ones do not, and retention ends', async () => {
    await vote()
    const [record] = await records()
    expect(record?.confirmedAtMs).toBeTypeOf('number')
    await ann.restart()
    expect(await records()).toHaveLength(1)
    world.clock.advance(15 * day)
    await ann.restart()
    expect(await records()).toHaveLength(1)
    await world.check()
    expect(await records()).toEqual([])
    expect(await votes()).toBe(1)
  })

  test('[OUT-1] a clock that jumps by a year does not end it: a restored server may need what was confirmed', async () => {
    await vote()
    ann.skewMs = 365 * day
    await ann.restart()
    expect(await records()).toHaveLength(1)
    await ann.online()
    expect(await records()).toHaveLength(1)
    await world.check()
  })

  test('[OUT-1, AUD-4] a mark from the future, set by a clock that was wrong then, counts from the day that shows', async () => {
    await vote()
    await ann.outbox.rewrite({ change: (record) => ({ ...record, confirmedAtMs: world.clock.now() + 365 * day }) })
    world.clock.advance(2 * day)
    await ann.online()
    expect((await records())[0]?.confirmedAtMs).toBeLessThanOrEqual(world.clock.now())
    world.clock.advance(15 * day)
    await world.check()
    expect(await records()).toEqual([])
  })

  test('[OUT-1] the mark is set on start when the app died before it could', async () => {
    await vote()
    await ann.outbox.rewrite({ change: (record) => ({ ...record, confirmedAtMs: null }) })
    await ann.restart()
    const [record] = await records()
    expect(record?.confirmedAtMs).toBeTypeOf('number')
    expect(await pending()).toEqual([])
  })
})

describe('doing what the server says', () => {
  test('[OUT-1] a server that lost everything gets it back from the outbox, once', async () => {
    const input = { name: 'Own', key: 'OWN', owner: card('ann'), columns: [{ name: 'To do' }] }
    const { value } = await ann.do(createProject, input)
    const columnId = value.columnIds[0] ?? ''
    await ann.do(createIssue, { projectId: value.projectId, columnId, title: 'kept' })
    await ann.online()
    expect(await pending()).toEqual([])
    const restored = new (world.constructor as unknown as { new (store: unknown, seed: string): World })(
      await emptyDatabase('server'),
      'restored',
    )
    ann.reach((request) => restored.server.exchange('ann', request))
    await ann.sync()
    expect(ann.trace).toContainEqual({ kind: 'reset', offered: 2 })
    await ann.sync()
    expect(await pending()).toEqual([])
    expect((await ann.rows(projects)).map((row) => row.name)).toEqual(['Own'])
    expect((await ann.rows(issues)).map((row) => row.title)).toEqual(['kept'])
    const offers = ann.transport.sent.flatMap((request) => request.actions)
    expect(offers.filter((offer) => offer.wasConfirmed).map((offer) => offer.name)).toEqual([
      'project.create',
      'issue.create',
    ])
  })

  test('[HLC-4] CX-29 a copied profile takes a new client id and renumbers, and nothing is lost', async () => {
    const copy = await world.person('ann')
    const { state } = await ann.outbox.load()
    await copy.outbox.rewrite({ ...(state && { state }) })
    await copy.restart()
    await copy.online()
    await vote(ann)
    await vote(copy)
    await vote(copy)
    await world.check()
    expect(await votes()).toBe(3)
    const ids = new Set([...ann.transport.sent, ...copy.transport.sent].map((request) => request.clientId))
    expect(ids.size).toBeGreaterThan(1)
    expect(copy.trace).toContainEqual({ kind: 'forked', clientId: copy.transport.sent.at(-1)?.clientId })
  })

  test('[HLC-4, CX-45] a new identity stands in both stores alike, ordinals and clocks, before anything is sent under it', async () => {
    const copy = await world.copyOf(ann)
    await vote(ann)
    await ann.sync()
    copy.offline()
    await vote(copy)
    await vote(copy)
    // The first push is answered with a fork; what follows is lost, so that everything still waits.
    copy.nextPushes('none', 'lose-request')
    copy.transport.otherwise('none')
    await copy.sync()
    expect(copy.trace.filter((event) => event.kind === 'forked')).toHaveLength(1)
    const { records } = await copy.outbox.load()
    const waiting = await copy.store.transaction((sql) =>
      sql.query<{ id: string; ordinal: string; clock: string }>('select id, ordinal, clock from sync.pending'),
    )
    expect(waiting).toHaveLength(2)
    for (const { id, ordinal, clock } of waiting) {
      const kept = records.find((record) => record.id === id)
      expect([Number(ordinal), clock]).toEqual([kept?.ordinal, kept?.clock])
    }
    await world.check()
  })

  test('[ING-6, FM-65] a poison action is held after three tries alone, the rest goes through, and it is tried again alone', async () => {
    ann.offline()
    const [first, poison, last] = [await vote(), await vote(), await vote()]
    const serve = (request: Parameters<typeof world.server.exchange>[1]) => world.server.exchange('ann', request)
    ann.reach(async (request) => {
      const isPoisoned = request.actions.some((action) => action.id === poison.actionId)
      return isPoisoned ? { kind: 'back-off', isRateLimit: false, retryAfterMs: null } : serve(request)
    })
    ann.transport.otherwise('none')
    for (let round = 0; round < 40; round += 1) {
      await ann.sync()
      world.clock.advance(1_000)
      await ann.device.resting()
    }
    expect(first.receipt().status).toBe('applied')
    expect(last.receipt().status).toBe('applied')
    expect(poison.receipt()).toMatchObject({ status: 'held', reason: 'failing' })
    expect((await records()).find((record) => record.id === poison.actionId)).toMatchObject({ failures: 3 })
    expect(ann.device.status.get()).toMatchObject({ kind: 'synced', pendingCount: 0 })
    await ann.restart()
    expect(poison.receipt()).toMatchObject({ status: 'held' })
    ann.reach(serve)
    world.clock.advance(day)
    await ann.online()
    await ann.sync()
    expect(poison.receipt().status).toBe('applied')
    await world.check()
    expect(await votes()).toBe(3)
  })

  test('[ACT-4] CX-6 an action the server does not know is held, nothing waits for it, and the next build takes it', async () => {
    world.startServer(
      actions.filter((action) => action.name !== voteForIssue.name),
      'older',
    )
    const unknown = await vote()
    const known = await ann.do(createIssue, { projectId: project.projectId, columnId: project.todo, title: 'known' })
    await ann.online()
    expect(unknown.receipt()).toMatchObject({ status: 'held', reason: 'unknown-version' })
    expect(known.receipt().status).toBe('applied')
    expect(await votes()).toBe(1)
    const offersBefore = ann.transport.sent.flatMap((request) => request.actions).length
    await ann.sync()
    expect(ann.transport.sent.flatMap((request) => request.actions)).toHaveLength(offersBefore)
    world.startServer(actions, 'newer')
    await ann.sync()
    await ann.sync()
    expect(unknown.receipt().status).toBe('applied')
    await world.check()
    expect(await votes()).toBe(1)
  })
})

describe('exporting', () => {
  test('[CON-1] two devices of the same audiences export the same bytes', async () => {
    const second = await world.person('ann')
    await vote()
    await world.settle()
    expect(await second.device.exportData()).toBe(await ann.device.exportData())
    const exported = JSON.parse(await ann.device.exportData())
    expect(exported.tables.issues).toMatchObject([{ title: 'Buoys', number: '1' }])
    expect(exported.audiences).toEqual(exported.cursors.map((cursor: { audience: string }) => cursor.audience))
  })
})
