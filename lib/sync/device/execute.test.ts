import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { issues, projects } from '@/db/schema'
import { actions, claimIssue, createIssue, createProject, renameProject } from '@/lib/actions'
import { type AnyAction, defineAction } from '@/lib/sync/action'
import { card } from '@/tests/support/board'
import { VirtualClock } from '@/tests/support/clock'
import { closeDatabases, releaseDatabases } from '@/tests/support/databases'
import { Person } from '@/tests/support/person'
import { decodeClock } from '../core/hlc'
import { limits } from '../core/protocol'
import { writeMeta } from '../store/device/meta'
import { readPending } from '../store/device/pending'
import { DeviceFailure } from './client'
import { openPromise } from './open-promise'
import type { Outbox } from './outbox'

/** Fails with 23505 inside the database: a mistake of the app, no rule. */
const createTwice = defineAction({
  name: 'test.createTwice',
  version: 1,
  input: z.strictObject({}),
  audiences: (_input, { id }) => [`project:${id('project')}`],
  async run({ db, id, now }) {
    const row = { id: id('project'), name: 'Twice', key: 'TWO', createdAt: now }
    await db.insert(projects).values(row)
    await db.insert(projects).values(row)
  },
})

/** Takes any JSON. */
const swallow = defineAction({
  name: 'test.swallow',
  version: 1,
  input: z.json(),
  audiences: (_input, { user }) => [`user:${user.id}`],
  run: async () => null,
})

const answerDate = defineAction({
  name: 'test.answerDate',
  version: 1,
  input: z.strictObject({}),
  audiences: (_input, { user }) => [`user:${user.id}`],
  run: async ({ now }) => now,
})

/** Takes as long as a test wants. */
let meanwhile = async () => undefined as unknown
const takeLong = defineAction({
  name: 'test.takeLong',
  version: 1,
  input: z.strictObject({}),
  audiences: (_input, { user }) => [`user:${user.id}`],
  run: () => meanwhile(),
})

let ann: Person
let lastId = 0
let clock: VirtualClock

beforeEach(async () => {
  const newId = () => {
    lastId += 1
    return `00000000-0000-4000-8000-${String(lastId).padStart(12, '0')}`
  }
  clock = new VirtualClock(Date.UTC(2026, 2, 2))
  const known: AnyAction[] = [...actions, createTwice, swallow, answerDate, takeLong]
  const serve = async () => ({ kind: 'offline' }) as const
  ann = await Person.open({ userId: 'ann', clock, newId, random: () => 0.5, serve, actions: known })
})

afterEach(releaseDatabases)
afterAll(closeDatabases)

const project = { name: 'Regatta', key: 'REG', owner: card('ann'), columns: [{ name: 'To do' }] }
const pending = (person = ann) => person.store.transaction(readPending)

/** The device's outbox, with the next write under the test's control. */
function holdNextWrite(outbox: Outbox): { succeed(): void; fail(error: Error): void } {
  const add = outbox.add.bind(outbox)
  let succeed = (): void => undefined
  let fail = (_error: Error): void => undefined
  const verdict = new Promise<void>((resolve, reject) => {
    succeed = resolve
    fail = reject
  })
  outbox.add = async (record, state) => {
    outbox.add = add
    await verdict
    await add(record, state)
  }
  return { succeed, fail }
}

describe('executing an action', () => {
  test('[EXE-1] it is done in the database and in the outbox, under the same number and clock', async () => {
    const { value } = await ann.do(createProject, project)
    expect(await ann.rows(projects)).toMatchObject([{ id: value.projectId, name: 'Regatta' }])
    const [row] = await pending()
    const { records, state } = await ann.outbox.load()
    expect(records).toMatchObject([{ id: row?.id, ordinal: 1, clock: row?.clock, confirmedAtMs: null }])
    expect(state).toMatchObject({ lastOrdinal: 1, lastClock: row?.clock })
  })

  test('[ACT-3] a rule that says no reaches the caller, and nothing is recorded', async () => {
    const { value } = await ann.do(createProject, project)
    const claim = ann.device.execute(claimIssue.name, { projectId: value.projectId, issueId: value.projectId })
    await expect(claim).rejects.toMatchObject({ name: 'ActionRejected' })
    await expect(claim.settled).rejects.toMatchObject({ name: 'ActionRejected' })
    expect(await pending()).toHaveLength(1)
    expect((await ann.outbox.load()).records).toHaveLength(1)
  })

  test('[AUD-4] an audience that is not held here is refused at once', async () => {
    const elsewhere = { projectId: '00000000-0000-4000-8000-00000000abcd', name: 'Mine now' }
    await expect(ann.do(renameProject, elsewhere)).rejects.toMatchObject({ reason: 'authority' })
  })

  test('[ACT-3] an error of the database keeps its SQLSTATE and constraint', async () => {
    const failed: unknown = await ann.do(createTwice, {}).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(DeviceFailure)
    expect(failed).toMatchObject({ code: 'error', sqlState: '23505', constraint: 'projects_pkey' })
    expect(await pending()).toEqual([])
  })

  test('[EXE-1] CX-49 when the outbox cannot be written the action is taken back, what followed runs without it', async () => {
    const { value } = await ann.do(createProject, project)
    const { projectId, columnIds } = value
    const write = holdNextWrite(ann.outbox)
    const rename = ann.device.execute(renameProject.name, { projectId, name: 'Lost' })
    const issue = { projectId, columnId: columnIds[0] ?? '', title: 'Kept' }
    await ann.do(createIssue, issue)
    expect(await ann.rows(projects)).toMatchObject([{ name: 'Lost' }])
    write.fail(new Error('QuotaExceededError'))
    await expect(rename).rejects.toMatchObject({ code: 'storage' })
    expect(await ann.rows(projects)).toMatchObject([{ name: 'Regatta' }])
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Kept' }])
    expect((await pending()).map((row) => row.name)).toEqual(['project.create', 'issue.create'])
    expect((await ann.outbox.load()).records).toHaveLength(2)
  })

  test('[EXE-1] it counts as waiting from the moment the call resolves, while its receipt may be read later', async () => {
    await ann.device.resting()
    const before = ann.device.status.get()
    await ann.device.execute(createProject.name, project)
    expect(ann.device.status.get()).toMatchObject({ pendingCount: before.pendingCount + 1 })
    await ann.device.resting()
    expect(ann.device.status.get()).toMatchObject({ pendingCount: 1 })
  })

  test('[EXE-1] only what the outbox has is sent', async () => {
    // It follows a history already: before, it would only ask.
    await ann.store.transaction((sql) => writeMeta(sql, { epoch: 'one' }))
    const write = holdNextWrite(ann.outbox)
    const creating = ann.device.execute(createProject.name, project)
    await ann.store.transaction(async () => undefined)
    await ann.online()
    expect(ann.transport.sent.at(-1)?.actions).toEqual([])
    write.succeed()
    await creating
    await ann.online()
    expect(ann.transport.sent.at(-1)?.actions.map((action) => action.name)).toEqual(['project.create'])
  })

  test('[TAB-1] a request that comes twice runs once', async () => {
    const id = '00000000-0000-4000-8000-0000000000aa'
    const first = await ann.device.execute(createProject.name, project, id)
    expect(await ann.device.execute(createProject.name, project, id)).toEqual(first)
    expect(await ann.rows(projects)).toHaveLength(1)
    await ann.restart()
    expect(await ann.device.execute(createProject.name, project, id)).toEqual(first)
    expect(await ann.rows(projects)).toHaveLength(1)
  })

  test('[TAB-1] [FM-28] two requests of one press run once and hear the same', async () => {
    const id = '00000000-0000-4000-8000-0000000000ab'
    const both = [project, { ...project }].map((input) => ann.device.execute(createProject.name, input, id))
    const other = ann.device.execute(createProject.name, { ...project, name: 'Other' }, id)
    await expect(other).rejects.toMatchObject({ code: 'error', message: expect.stringContaining('another action') })
    const [first, second] = await Promise.all(both)
    expect(second).toEqual(first)
    expect(await ann.rows(projects)).toMatchObject([{ name: 'Regatta' }])
    const late = ann.device.execute(createProject.name, { ...project, name: 'Other' }, id)
    await expect(late).rejects.toMatchObject({ code: 'error', message: expect.stringContaining('another action') })
  })

  test('[TAB-1] a database that was lost answers a repeated request with what the action answers when it runs again', async () => {
    const id = '00000000-0000-4000-8000-0000000000ac'
    const first = await ann.device.execute(createProject.name, project, id)
    await ann.restart({ losing: 'database' })
    expect(await ann.device.execute(createProject.name, project, id)).toEqual(first)
    expect((await ann.outbox.load()).records).toHaveLength(1)
  })

  test('[TAB-1] a value that JSON would change is not kept, and its request says so when it is repeated', async () => {
    const id = '00000000-0000-4000-8000-0000000000ad'
    expect(await ann.device.execute(answerDate.name, {}, id)).toBeInstanceOf(Date)
    await expect(ann.device.execute(answerDate.name, {}, id)).rejects.toMatchObject({ code: 'repeated' })
  })

  test('[ACT-7] settled of a discarded action rejects, and the device is as if it had not been done', async () => {
    const call = ann.device.execute(createProject.name, project)
    await call
    expect(await ann.device.discardPending()).toBe(1)
    await expect(call.settled).rejects.toThrow('discarded')
    expect(await ann.rows(projects)).toEqual([])
    expect(await ann.outbox.load()).toMatchObject({ records: [] })
    await ann.restart()
    expect(await ann.rows(projects)).toEqual([])
  })
})

describe('an action that takes long', () => {
  test('[HLC-3] does not make the device forget what it hears of the time meanwhile', async () => {
    ann.skewMs = 60 * 60 * 1000
    const heard = openPromise<void>()
    let asked = 0
    ann.reach(async () => {
      asked += 1
      if (asked > 1) return { kind: 'offline' }
      await heard.promise
      return { kind: 'ahead', serverTimeMs: clock.now(), above: null, receipts: [] }
    })
    ann.transport.otherwise('none')
    const syncing = ann.device.syncNow()
    await vi.waitFor(() => expect(asked).toBe(1))
    meanwhile = async () => {
      heard.resolve(undefined)
      await vi.waitFor(() => expect(ann.trace.map(({ kind }) => kind)).toContain('exchanged'))
    }
    await ann.device.execute(takeLong.name, {})
    await syncing
    expect((await ann.outbox.load()).state?.offsetMs).toBe(-ann.skewMs)
    await ann.device.execute(swallow.name, {})
    expect(decodeClock((await pending()).at(-1)?.clock ?? '').ms).toBe(clock.now())
  })
})

describe('the input of an action', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'end' : [deep(levels - 1)])
  const refused: [string, unknown][] = [
    ['NUL', { text: 'a\0b' }],
    ['half of a surrogate pair', { text: '\ud800' }],
    ['half of a surrogate pair in a key', { '\udc00': 1 }],
    ['no number', { n: Number.NaN }],
    ['too deep', deep(limits.inputDepthMax + 1)],
    ['too large', 'ä'.repeat(limits.inputBytesMax / 2)],
  ]

  test.each(refused)('[FM-75] %s is refused where it is made', async (_name, input) => {
    await expect(ann.device.execute(swallow.name, input)).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await pending()).toEqual([])
  })

  test('[FM-64] what just fits is taken', async () => {
    await ann.device.execute(swallow.name, deep(limits.inputDepthMax - 1))
    await ann.device.execute(swallow.name, 'ä'.repeat(limits.inputBytesMax / 2 - 1))
    await ann.device.execute(swallow.name, { emoji: '😀', escapes: '\\u0000 "' })
    expect(await pending()).toHaveLength(3)
  })

  test('[ACT-4] an action or an input the app does not know is refused', async () => {
    await expect(ann.device.execute('no.such', {})).rejects.toMatchObject({ code: 'unknown-action' })
    await expect(ann.device.execute(createProject.name, {})).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
