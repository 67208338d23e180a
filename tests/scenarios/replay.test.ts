/**
 * Somebody comes back after a long time, and what they did belongs before what everybody else did since. History is
 * replayed with it in its place: outcomes change, and the people concerned are told.
 */
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issues, issueVotes, labels } from '@/db/schema'
import {
  actions,
  addComment,
  assignIssue,
  closeColumn,
  createIssue,
  createLabel,
  deleteIssue,
  editIssue,
  moveIssue,
  voteForIssue,
} from '@/lib/actions'
import { defineAction } from '@/lib/sync/action'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'

/** Leaves uniqueness to the database, and falls over an issue that is gone: two ways to throw only on replay. */
const careless = defineAction({
  name: 'label.careless',
  version: 1,
  input: z.strictObject({ projectId: z.uuid(), issueId: z.uuid(), name: z.string() }),
  audiences: ({ projectId }) => [`project:${projectId}`],
  async run({ db, input, id }) {
    const [issue] = await db.select().from(issues).where(eq(issues.id, input.issueId))
    await db.insert(labels).values({ id: id(), projectId: input.projectId, name: input.name, color: 'red' })
    return (issue as typeof issues.$inferSelect).title.length
  },
})

describe.each(storeKinds)('late arrivals, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[CX-31] an action that writes nothing is confirmed and holds nobody up', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    const nothing = await ann.do(assignIssue, { projectId, issueId, assigneeId: null })
    const something = await ann.do(editIssue, { projectId, issueId, title: 'Main mast' })
    await ben.do(addComment, { projectId, issueId, body: 'Hello' })
    await world.check()
    expect(nothing.outcome()).toBe('applied')
    expect(something.outcome()).toBe('applied')
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Main mast' }])
  })

  it('[CX-10b] a late arrival that changes nothing makes nobody run again', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    await ann.do(assignIssue, { projectId, issueId, assigneeId: null })
    for (let count = 0; count < 5; count += 1) await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    await world.check()
    expect(world.replays).toBe(0)
    expect(world.trace).toContainEqual(expect.objectContaining({ kind: 'ingest', path: 'late' }))
  })

  it('[FM-60] an action that throws only on replay is rejected for everybody, and later work goes on', async () => {
    const world = await open()
    const known = [...actions, careless]
    world.startServer(known)
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const ids: string[] = []
    for (const title of ['A', 'B']) {
      ids.push((await world.onServer(createIssue, { projectId, columnId: todo, title }, 'ann')).issueId)
    }
    const [ann, ben] = [await world.person('ann', { actions: known }), await world.person('ben', { actions: known })]
    await world.settle()
    ann.offline()
    ben.offline()
    await ann.do(createLabel, { projectId, name: 'bug', color: 'red' })
    await ann.do(deleteIssue, { projectId, issueId: ids[0]! })
    const constraint = await ben.do(careless, { projectId, issueId: ids[1]!, name: 'bug' })
    const bug = await ben.do(careless, { projectId, issueId: ids[0]!, name: 'other' })
    const later = await ben.do(voteForIssue, { projectId, issueId: ids[1]!, add: 1 })
    await ben.online()
    expect([constraint, bug, later].map((done) => done.outcome())).toEqual(['applied', 'applied', 'applied'])
    await world.check()
    for (const done of [constraint, bug]) {
      expect(done.receipt()).toMatchObject({ status: 'rejected', reason: 'error', details: null })
    }
    expect(later.outcome()).toBe('applied')
    expect(ben.heard.join('\n'), 'the message stays on the server').not.toContain('labels_audience_name')
  })

  it('[FM-47] a device that was away since the beginning comes before everything, and everything holds', async () => {
    const world = await open()
    const { projectId, todo, doing } = await world.project('ann', { ben: 'editor', carla: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben, carla] = [await world.person('ann'), await world.person('ben'), await world.person('carla')]
    await world.settle()
    carla.offline()
    const old = [
      await carla.do(createIssue, { projectId, columnId: doing, title: 'Old one' }),
      await carla.do(createIssue, { projectId, columnId: doing, title: 'Old two' }),
      await carla.do(voteForIssue, { projectId, issueId, add: 7 }),
    ]
    world.clock.advance(21 * 24 * 60 * 60 * 1000)
    const moved = await ben.do(moveIssue, { projectId, issueId, columnId: doing })
    for (let count = 0; count < 12; count += 1) {
      const person = count % 2 === 0 ? ann : ben
      const made = await person.do(createIssue, { projectId, columnId: todo, title: `New ${count}` })
      await person.do(voteForIssue, { projectId, issueId, add: 1 })
      await person.do(addComment, { projectId, issueId: made.value.issueId, body: 'x' })
    }
    expect(moved.outcome()).toBe('applied')
    await world.check()
    for (const done of old) expect(done.outcome()).toBe('applied')
    expect(moved.receipt()).toMatchObject({ status: 'rejected', reason: 'column-full' })
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 19 }])
    const numbers = (await ann.rows(issues)).map((issue) => issue.number).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 15 }, (_, index) => index + 1))
    expect((await ann.rows(issues)).find((issue) => issue.title === 'Old one')?.number).toBe(2)
  })

  it('[CX-13] a rejected action is applied after all when its rival turns out to have failed, and its author hears of it', async () => {
    const world = await open()
    const { projectId, todo, doing } = await world.project('ann', { ben: 'editor', carla: 'editor' })
    const create = async (title: string, columnId: string) =>
      (await world.onServer(createIssue, { projectId, columnId, title }, 'ann')).issueId
    await create('There', doing)
    const [a, b] = [await create('A', todo), await create('B', todo)]
    const [ann, ben, carla] = [await world.person('ann'), await world.person('ben'), await world.person('carla')]
    await world.settle()
    for (const person of world.people) person.offline()
    const removal = await carla.do(deleteIssue, { projectId, issueId: a })
    const first = await ann.do(moveIssue, { projectId, issueId: a, columnId: doing })
    const second = await ben.do(moveIssue, { projectId, issueId: b, columnId: doing })
    await ann.online()
    await ben.online()
    expect(first.outcome()).toBe('applied')
    expect(second.receipt()).toMatchObject({ status: 'rejected', reason: 'column-full' })
    await world.check()
    expect(removal.outcome()).toBe('applied')
    expect(first.receipt()).toMatchObject({ status: 'rejected', reason: 'issue-gone' })
    expect(second.outcome()).toBe('applied')

    // A device that loads everything anew reads the same receipt.
    await ben.restart({ losing: 'database' })
    await world.check()
    expect(second.outcome()).toBe('applied')
  })

  it('[ACT-3] what a rule refuses on the device already surfaces at once and records nothing', async () => {
    const world = await open()
    const { projectId, todo, doing } = await world.project('ann')
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const ann = await world.person('ann')
    await world.settle()
    ann.offline()
    await ann.do(closeColumn, { projectId, columnId: doing })
    await expect(ann.do(moveIssue, { projectId, issueId, columnId: doing })).rejects.toMatchObject({
      name: 'ActionRejected',
      reason: 'column-closed',
    })
    expect(ann.pendingCount).toBe(1)
    await world.check()
    expect((await world.accepted()).filter((action) => action.name === 'issue.move')).toEqual([])
  })

  it('[ACT-7] a call resolves with its value at once, and settles with its receipt', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann')
    const ann = await world.person('ann')
    await world.settle()
    ann.offline()
    const created = await ann.do(createIssue, { projectId, columnId: todo, title: 'Mast' })
    expect(await ann.rows(issues)).toMatchObject([{ id: created.value.issueId, number: created.value.number }])
    await ann.online()
    await expect(created.settled).resolves.toMatchObject({ actionId: created.actionId, status: 'applied' })
    await world.check()
  })
})
