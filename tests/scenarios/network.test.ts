/**
 * The network loses answers, repeats requests and lies; apps of different ages talk to one server; databases get lost.
 * Whatever a person was told is done stays done, once.
 */
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { comments, issues, issueVotes } from '@/db/schema'
import { actions, addComment, addMember, createIssue, editIssue, voteForIssue } from '@/lib/actions'
import { defineAction } from '@/lib/sync/action'
import { backUp } from '../support/backup'
import { card } from '../support/board'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'

/** An action that only some builds know. */
const cheer = defineAction({
  name: 'issue.cheer',
  version: 1,
  input: z.strictObject({ projectId: z.uuid(), issueId: z.uuid() }),
  audiences: ({ projectId }) => [`project:${projectId}`],
  async run({ db, input }) {
    await db
      .update(issues)
      .set({ title: sql`${issues.title} || '!'` })
      .where(eq(issues.id, input.issueId))
  },
})

/** Its next version says how loud. */
const louderCheer = defineAction({
  name: 'issue.cheer',
  version: 2,
  input: z.strictObject({ projectId: z.uuid(), issueId: z.uuid(), times: z.int() }),
  audiences: ({ projectId }) => [`project:${projectId}`],
  versions: { 1: (older) => ({ ...(older as object), times: 1 }) },
  async run({ db, input }) {
    const marks = '!'.repeat(input.times)
    await db
      .update(issues)
      .set({ title: sql`${issues.title} || ${marks}` })
      .where(eq(issues.id, input.issueId))
  },
})

async function oneIssue(world: World) {
  const project = await world.project('ann', { ben: 'editor' })
  const input = { projectId: project.projectId, columnId: project.todo, title: 'Mast' }
  const { issueId } = await world.onServer(createIssue, input, 'ann')
  return { ...project, issueId }
}

describe.each(storeKinds)('bad networks and old apps, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[FM-04] a push whose answer is lost, again and again, is applied once', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    for (let count = 0; count < 4; count += 1) {
      ann.nextPushes('lose-answer')
      await ann.do(voteForIssue, { projectId, issueId, add: 1 })
      await ann.sync()
      await ben.do(voteForIssue, { projectId, issueId, add: 10 })
    }
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 44 }])
    const votes = (await world.accepted()).filter((action) => action.author === 'ann' && action.name === 'issue.vote')
    expect(votes).toHaveLength(4)
    expect(ann.trace).toContainEqual({ kind: 'exchanged', outcome: 'offline', offered: 1 })
  })

  it('[AUD-4, FM-29, FM-53] a request that comes again, after the server was restored to before a membership, refuses nothing for good', async () => {
    const world = await open()
    const project = await world.project('ann')
    const input = { projectId: project.projectId, columnId: project.todo, title: 'Mast' }
    const { issueId } = await world.onServer(createIssue, input, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await ann.online()
    const former = await backUp(world.store)
    await ann.do(addMember, { projectId: project.projectId, userId: 'ben', ...card('ben'), role: 'editor' })
    await ben.online()
    ben.offline()
    const said = await ben.do(addComment, { projectId: project.projectId, issueId, body: 'Which one?' })
    // His database is lost: for a moment the device follows no history.
    await ben.restart({ losing: 'database' })
    await ben.online()
    expect(said.outcome()).toBe('applied')
    const pushes = ben.transport.sent.filter((request) => request.actions.some(({ id }) => id === said.actionId))
    await world.restoreServer(former)
    for (const push of pushes) await world.server.exchange('ben', push)
    await world.check()
    expect(said.outcome()).toBe('applied')
    expect(await ann.rows(comments)).toMatchObject([{ body: 'Which one?' }])
  })

  it('[ING-2] the same push twice, and twice at once, is answered twice and applied once', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    const vote = await ann.do(voteForIssue, { projectId, issueId, add: 3 })
    const push = ann.transport.sent.find((request) => request.actions.length > 0)
    const answers = await Promise.all([1, 2, 3].map(() => world.server.exchange('ann', push)))
    for (const answer of answers) {
      expect(answer).toMatchObject({ kind: 'sync', receipts: [{ actionId: vote.actionId, status: 'applied' }] })
    }
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 3 }])
    expect((await world.accepted()).filter((action) => action.name === 'issue.vote')).toHaveLength(1)
  })

  it('[FM-39] what is done while an exchange is on its way is sent as well', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await ann.online()
    const deeds = Array.from({ length: 12 }, () => ann.do(voteForIssue, { projectId, issueId, add: 1 }))
    await Promise.all(deeds)
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 12 }])
  })

  it('[FM-59] an action the server does not know is held, the rest goes on, and the next build takes it', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const newer = [...actions, cheer]
    const [ann, ben] = [await world.person('ann', { actions: newer }), await world.person('ben')]
    await world.settle()
    ann.offline()
    const held = await ann.do(cheer, { projectId, issueId })
    const comment = await ann.do(addComment, { projectId, issueId, body: 'Well done' })
    await ann.online()
    await ann.sync()
    expect(held.receipt()).toMatchObject({ status: 'held' })
    expect(comment.outcome()).toBe('applied')
    expect(await ann.rows(issues), 'still shown here').toMatchObject([{ title: 'Mast!' }])
    await world.check({ exceptPending: [ann] })
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Mast' }])

    world.startServer(newer, 'build-2')
    await world.check()
    expect(held.outcome()).toBe('applied')
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Mast!' }])
  })

  it('[CX-35] more held actions than a push has room for keep nobody from sending', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const newer = [...actions, cheer]
    const ann = await world.person('ann', { actions: newer })
    await world.settle()
    for (let count = 0; count < 25; count += 1) await ann.do(cheer, { projectId, issueId })
    const vote = await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await ann.sync()
    expect(vote.outcome()).toBe('applied')
    world.startServer(newer, 'build-2')
    await world.check()
    expect(await ann.rows(issues)).toMatchObject([{ title: `Mast${'!'.repeat(25)}` }])
  })

  it('[ACT-4] the input of an older app is turned into the current one, also on a replay', async () => {
    const world = await open()
    world.startServer([...actions, louderCheer])
    const { projectId, issueId } = await oneIssue(world)
    const old = await world.person('ann', { actions: [...actions, cheer] })
    const current = await world.person('ben', { actions: [...actions, louderCheer] })
    await world.settle()
    current.offline()
    await current.do(editIssue, { projectId, issueId, title: 'Keel' })
    const cheered = await old.do(cheer, { projectId, issueId })
    await current.do(louderCheer, { projectId, issueId, times: 3 })
    await world.check()
    expect(cheered.receipt().reason).toBeNull()
    expect(await old.rows(issues)).toMatchObject([{ title: 'Keel!!!!' }])
  })

  it('[FM-02] closing the app keeps what waits, and it is sent once', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    await ann.do(addComment, { projectId, issueId, body: 'Before closing' })
    await ann.restart()
    expect(await ann.rows(comments)).toHaveLength(1)
    expect(ann.pendingCount).toBe(1)
    await ann.do(addComment, { projectId, issueId, body: 'After opening' })
    ann.nextPushes('lose-answer')
    await ann.online()
    await ann.restart()
    await world.check()
    expect((await ben.rows(comments)).map((comment) => comment.body).sort()).toEqual([
      'After opening',
      'Before closing',
    ])
  })

  it('[FM-56] a lost database comes back from the outbox and the server, a lost outbox from the database', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await ann.do(addComment, { projectId, issueId, body: 'Kept by the outbox' })
    await ann.restart({ losing: 'database' })
    expect(ann.pendingCount).toBe(2)
    await ann.online()
    ann.offline()
    const kept = await ann.do(addComment, { projectId, issueId, body: 'Kept by the database' })
    await ann.restart({ losing: 'outbox' })
    expect(
      (await ann.outbox.load()).records.map((record) => record.id),
      'CX-16',
    ).toContain(kept.actionId)
    await ann.restart({ losing: 'database' })
    await world.check()
    expect((await ben.rows(comments)).map((comment) => comment.body).sort()).toEqual([
      'Kept by the database',
      'Kept by the outbox',
    ])
    expect(await ben.rows(issueVotes)).toMatchObject([{ total: 1 }])
  })

  it('[CX-29] a copied profile takes a new identity, and the work of both is kept', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    ann.offline()
    await ann.do(addComment, { projectId, issueId, body: 'In both' })
    const twin = await world.copyOf(ann)
    await ann.do(addComment, { projectId, issueId, body: 'Original' })
    await twin.do(addComment, { projectId, issueId, body: 'Copy' })
    await world.check()
    expect((await ann.rows(comments)).map((comment) => comment.body).sort()).toEqual(['Copy', 'In both', 'Original'])
    expect(twin.trace).toContainEqual(expect.objectContaining({ kind: 'forked' }))
  })

  it('[NET-1, FM-37, FM-51] portals, full servers and ended sessions never cost anything', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    const faults = [
      { kind: 'invalid', message: 'text/html' },
      { kind: 'back-off', isRateLimit: true, retryAfterMs: 5_000 },
      { kind: 'back-off', isRateLimit: false, retryAfterMs: null },
      { kind: 'signed-out' },
    ] as const
    for (const fault of faults) {
      ann.transport.otherwise(fault)
      await ann.do(voteForIssue, { projectId, issueId, add: 1 })
      await ann.sync()
      expect(await ann.rows(issues)).toHaveLength(1)
    }
    expect(ann.device.status.get()).toMatchObject({ kind: 'signed-out', pendingCount: 4 })
    ann.transport.otherwise('none')
    ann.device.signedIn()
    await ann.device.resting()
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 4 }])
  })

  it('[EXE-1] what cannot be kept durably did not happen', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    ann.offline()
    ann.outbox.failWith(new Error('The disk is full'))
    const lost = ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await expect(lost).rejects.toMatchObject({ name: 'DeviceFailure', code: 'storage' })
    ann.outbox.failWith(null)
    expect(await ann.rows(issueVotes)).toEqual([])
    await ann.do(voteForIssue, { projectId, issueId, add: 5 })
    await ann.restart()
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 5 }])
  })
})
