import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { issues, issueVotes, members, projects } from '@/db/schema'
import { addComment, addMember, claimIssue, createIssue, removeMember, voteForIssue } from '@/lib/actions'
import { card } from '@/tests/support/board'
import { closeDatabases, releaseDatabases } from '@/tests/support/databases'
import type { Person } from '@/tests/support/person'
import { type Project, World } from '@/tests/support/world'
import type { ExchangeAnswer, ExchangeRequest, SyncAnswer } from '../core/protocol'
import { readCursors } from '../store/device/meta'
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

const serve = (request: ExchangeRequest) => world.server.exchange('ann', request)

/** Changes each `sync` answer on its way. */
function onTheWay(change: (answer: SyncAnswer) => ExchangeAnswer) {
  ann.reach(async (request) => {
    const answer = await serve(request)
    return answer.kind === 'sync' ? change(answer) : answer
  })
}

const votes = async () => (await ann.rows(issueVotes))[0]?.total ?? 0
const vote = () => ann.do(voteForIssue, { projectId: project.projectId, issueId, add: 1 })
const pending = () => ann.store.transaction(readPending)
const issue = (title: string) => ({ projectId: project.projectId, columnId: project.todo, title })

describe('receiving an answer', () => {
  test('[REC-3] CX-12 an entry of an own action that comes without its receipt does not count twice', async () => {
    onTheWay((answer) => ({
      ...answer,
      receipts: [],
      entries: answer.entries.map((entry) => ({ ...entry, receipts: [] })),
    }))
    await vote()
    expect(await votes()).toBe(1)
    expect(await pending()).toMatchObject([{ place: 'log' }])
    await vote()
    expect(await votes()).toBe(2)
    ann.reach(serve)
    await world.check()
    expect(await votes()).toBe(2)
  })

  test('[REC-3] a receipt that comes before its entries leaves the preview in place', async () => {
    onTheWay((answer) => ({ ...answer, entries: [], more: true }))
    ann.offline()
    await vote()
    ann.transport.otherwise('none')
    world.clock.advance(60_000)
    await ann.device.resting()
    expect(await votes()).toBe(1)
    expect(ann.pendingCount).toBe(1)
    ann.reach(serve)
    await world.check()
    expect(await votes()).toBe(1)
  })

  test('[REC-1] a missing number applies nothing behind it, waits, and heals with the next exchange', async () => {
    await world.onServer(createIssue, issue('second'), 'ben')
    await world.onServer(createIssue, issue('third'), 'ben')
    onTheWay((answer) => {
      const [first] = answer.entries.filter((entry) => entry.audience === `project:${project.projectId}`)
      return { ...answer, entries: answer.entries.filter((entry) => entry !== first) }
    })
    await ann.sync()
    expect(await ann.rows(issues)).toHaveLength(1)
    expect(ann.trace.at(-1)).toMatchObject({ kind: 'push-state', state: { kind: 'waiting' } })
    ann.reach(serve)
    await world.check()
    expect(await ann.rows(issues)).toHaveLength(3)
  })

  test('[REC-1] an answer without news does not run pending work again', async () => {
    ann.nextPushes('lose-request')
    await vote()
    ann.trace.length = 0
    await ann.sync()
    expect(ann.transport.sent.at(-1)?.actions).toHaveLength(1)
    const [probe] = ann.trace.filter((event) => event.kind === 'received')
    expect(probe).toMatchObject({ rows: 0, replayed: 0 })
  })

  test('[REC-4] pending work whose replay throws has no effect, stays, and may be rejected', async () => {
    ann.offline()
    const claim = await ann.do(claimIssue, { projectId: project.projectId, issueId })
    expect(await ann.rows(issues)).toMatchObject([{ assigneeId: 'ann' }])
    await world.onServer(claimIssue, { projectId: project.projectId, issueId }, 'ben')
    // Reading works, pushing does not.
    ann.reach(async (request) => (request.actions.length === 0 ? serve(request) : { kind: 'offline' }))
    await ann.online()
    expect(await ann.rows(issues)).toMatchObject([{ assigneeId: 'ben' }])
    expect(claim.receipt()).toMatchObject({ status: 'pending', mayBeRejected: true })
    ann.reach(serve)
    await world.check()
    expect((await claim.settled).status).not.toBe('pending')
  })

  test('[ING-4] an answer of another epoch is dropped whole, and everything is offered again', async () => {
    await vote()
    onTheWay((answer) => ({ ...answer, epoch: 'another', entries: [], audiences: answer.audiences }))
    await ann.sync()
    expect(await votes()).toBe(1)
    expect(ann.trace).toContainEqual({ kind: 'reset', offered: 1 })
    ann.reach(serve)
    await world.check()
    expect(await votes()).toBe(1)
  })

  test('[DEV-1, FM-49] an answer for somebody else, who signed in on this browser, changes nothing', async () => {
    await world.onServer(createIssue, issue('after'), 'ben')
    ann.reach((request) => world.server.exchange('ben', { ...request, cursors: [], lastConfirmed: null }))
    await ann.sync()
    expect(await ann.rows(issues)).toHaveLength(1)
    expect(ann.device.status.get().kind).toBe('signed-out')
    ann.reach(serve)
    ann.device.signedIn()
    await world.check()
  })

  test('[AUD-5, LIVE-2] a lost audience takes its rows and cursor along, and pending work there is answered by the server', async () => {
    const ben = await world.person('ben')
    await ben.online()
    ben.offline()
    const comment = await ben.do(addComment, { projectId: project.projectId, issueId, body: 'Hm' })
    await world.onServer(removeMember, { projectId: project.projectId, userId: 'ben' }, 'ann')
    await ben.online()
    expect(await ben.rows(projects)).toEqual([])
    expect(await ben.rows(members)).toEqual([])
    expect([...(await ben.store.transaction(readCursors)).keys()].sort()).toEqual(['public', 'user:ben'])
    // Whoever keeps rows to show them first hears of it (LIVE-2).
    expect(ben.trace).toContainEqual({ kind: 'left', audiences: 1 })
    expect(await comment.settled).toMatchObject({ status: 'refused', reason: 'authority' })
    await world.check()
  })

  test('[AUD-5] what is gained and moved meanwhile arrives whole', async () => {
    const cleo = await world.person('cleo')
    await cleo.online()
    await world.onServer(
      addMember,
      { projectId: project.projectId, userId: 'cleo', ...card('cleo'), role: 'viewer' },
      'ann',
    )
    await cleo.online()
    expect(await cleo.rows(issues)).toHaveLength(1)
    await world.check()
  })
})

describe('telling authors', () => {
  test('[REC-3] what is confirmed as previewed is no news', async () => {
    const done = await ann.do(createIssue, issue('mine'))
    expect(await done.settled).toMatchObject({ status: 'applied', difference: [], seen: true })
  })

  test('[REC-3] a late arrival renumbers a confirmed issue, and its author is told what it was and is', async () => {
    const ben = await world.person('ben')
    await ben.online()
    ben.offline()
    await ben.do(createIssue, issue('earlier, known later'))
    const mine = await ann.do(createIssue, issue('mine'))
    expect(await mine.settled).toMatchObject({ status: 'applied' })
    await ben.online()
    await ann.online()
    const receipt = mine.receipt()
    expect(receipt).toMatchObject({ status: 'corrected', seen: false })
    expect(receipt.difference).toContainEqual({
      table: 'issues',
      key: JSON.stringify([mine.value.issueId]),
      column: 'number',
      previewed: '2',
      now: '3',
    })
    await ann.device.markSeen([mine.actionId])
    expect(mine.receipt().seen).toBe(true)
    await world.check()
  })

  test('[REC-3] rows that only the canonical run touched are compared with what was on the screen', async () => {
    const ben = await world.person('ben')
    await ben.online()
    ben.offline()
    const earlier = await ben.do(claimIssue, { projectId: project.projectId, issueId })
    const later = await ann.do(claimIssue, { projectId: project.projectId, issueId })
    expect(await later.settled).toMatchObject({ status: 'applied' })
    // His push was lost, so he hears of hers before his own is answered: what he sees then is hers.
    await ben.online()
    const won = await earlier.settled
    expect(won).toMatchObject({ status: 'corrected', seen: false })
    expect(won.difference).toContainEqual({
      table: 'issues',
      key: JSON.stringify([issueId]),
      column: 'assignee_id',
      previewed: 'ann',
      now: 'ben',
    })
    await ann.online()
    expect(later.receipt()).toMatchObject({ status: 'rejected', seen: false })
    await world.check()
  })

  test('[HLC-2] the next local action is greater than every clock the device was served', async () => {
    const fast = await world.person('ben', { skewMs: 9_000 })
    await fast.online()
    const theirs = await fast.do(createIssue, issue('fast clock'))
    await theirs.settled
    await ann.online()
    ann.offline()
    await ann.do(createIssue, issue('after it'))
    const [row] = await pending()
    expect(row && row.clock > fast.transport.sent.flatMap((request) => request.actions).at(-1)!.clock).toBe(true)
    await world.check()
  })
})
