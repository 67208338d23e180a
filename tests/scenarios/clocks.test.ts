/**
 * Somebody's device shows the wrong time: a year ahead after a dead battery, or yesterday after a journey. Their work
 * takes its place by the server's time, nobody else is dragged along, and nobody has to be asked.
 */
import { and, eq, isNull } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issues, issueVotes } from '@/db/schema'
import { actions, claimIssue, createIssue, editIssue, voteForIssue } from '@/lib/actions'
import { defineAction, reject } from '@/lib/sync/action'
import { decodeClock } from '@/lib/sync/core/hlc'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'

const year = 365 * 24 * 60 * 60 * 1000
const hour = 60 * 60 * 1000

/** A claim that the server stamps: whoever reaches it first has the issue, whatever their clocks say. */
const contest = defineAction({
  name: 'issue.contest',
  version: 1,
  order: 'arrival',
  input: z.strictObject({ projectId: z.uuid(), issueId: z.uuid() }),
  audiences: ({ projectId }) => [`project:${projectId}`],
  async run({ db, input, user, now }) {
    const won = await db
      .update(issues)
      .set({ assigneeId: user.id, assignedAt: now })
      .where(and(eq(issues.id, input.issueId), isNull(issues.assigneeId)))
      .returning({ id: issues.id })
    if (won.length === 0) reject('already-claimed')
  },
})

describe.each(storeKinds)('clocks that are wrong, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[HLC-2] what somebody does comes after what a snapshot showed them, also when its author was a little ahead', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const ann = await world.person('ann')
    await ann.online()
    // A clock that jumps by less than the bound is believed, until the next exchange corrects it.
    ann.skewMs = 8_000
    const made = await ann.do(createIssue, { projectId, columnId: todo, title: 'Soon' })
    const ben = await world.person('ben')
    await ben.online()
    const edited = await ben.do(editIssue, { projectId, issueId: made.value.issueId, title: 'Now' })
    await world.check()
    const order = (await world.accepted()).map(({ id }) => id)
    expect(order.indexOf(edited.actionId)).toBeGreaterThan(order.indexOf(made.actionId))
    expect((await ben.rows(issues))[0]?.title).toBe('Now')
  })

  it('[HLC-3] a clock that jumps while an answer is on its way does not spoil what the device knows of the time', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann')
    let jumpMs = 0
    const ann = await world.person('ann', {
      serve: async (request) => {
        const answer = await world.server.exchange('ann', request)
        ann.skewMs += jumpMs
        return answer
      },
    })
    await ann.online()
    jumpMs = year
    await ann.online()
    jumpMs = 0
    const made = await ann.do(createIssue, { projectId, columnId: todo, title: 'In time' })
    await world.check()
    expect(made.outcome()).toBe('applied')
    expect(ann.trace.filter(({ kind }) => kind === 'restamped')).toEqual([])
    const [accepted] = (await world.accepted()).filter(({ id }) => id === made.actionId)
    expect(Math.abs(decodeClock(accepted?.clock ?? '').ms - world.clock.now())).toBeLessThan(hour)
  })

  it('[FM-41, FM-42] a clock a year ahead: the work is restamped to now, in its order, and nobody is dragged along', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const [ann, ben] = [await world.person('ann', { skewMs: year }), await world.person('ben')]
    await ben.online()
    const created = await ann.do(createIssue, { projectId, columnId: todo, title: 'From the future' }).catch(() => null)
    expect(created, 'without the project there is nothing to create in').toBeNull()
    await ann.online()
    ann.offline()
    ann.skewMs += year
    const made = await ann.do(createIssue, { projectId, columnId: todo, title: 'From the future' })
    const claimed = await ann.do(claimIssue, { projectId, issueId: made.value.issueId })
    const edited = await ann.do(editIssue, { projectId, issueId: made.value.issueId, title: 'From now' })
    await world.check()
    for (const done of [made, claimed, edited]) expect(done.outcome()).toBe('applied')
    const [row] = await ben.rows(issues)
    expect(row).toMatchObject({ title: 'From now', assigneeId: 'ann' })
    expect(Math.abs((row?.createdAt.getTime() ?? 0) - world.clock.now())).toBeLessThan(hour)
    for (const { clock } of await world.accepted()) {
      expect(decodeClock(clock).ms, '[FM-42] no clock of the future is in history').toBeLessThan(
        world.clock.now() + 10_000,
      )
    }
    // Ben's clock was not touched, and both go on in order.
    const next = await ben.do(editIssue, { projectId, issueId: made.value.issueId, title: 'Ben, later' })
    const last = await ann.do(editIssue, { projectId, issueId: made.value.issueId, title: 'Ann, last' })
    await world.check()
    expect([next.outcome(), last.outcome()]).toEqual(['applied', 'applied'])
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Ann, last' }])
  })

  it('[CX-9c] restamping ends: the next action after a runaway clock is not ahead again', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann')
    const ann = await world.person('ann')
    await ann.online()
    ann.skewMs = year
    await ann.do(createIssue, { projectId, columnId: todo, title: 'One' })
    await world.settle()
    const ahead = () => ann.heard.filter((answer) => answer.includes('"kind":"ahead"')).length
    const before = ahead()
    await ann.do(createIssue, { projectId, columnId: todo, title: 'Two' })
    ann.skewMs = 0
    await ann.do(createIssue, { projectId, columnId: todo, title: 'Three' })
    await world.check()
    expect(ahead()).toBe(before)
    const titles = (await ann.rows(issues)).sort((a, b) => a.number - b.number).map((issue) => issue.title)
    expect(titles).toEqual(['One', 'Two', 'Three'])
  })

  it('[FM-43] a clock that goes backwards, also over a restart, keeps the order of what one person did', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    await ann.do(editIssue, { projectId, issueId, title: 'First' })
    ann.skewMs = -24 * hour
    await ann.do(editIssue, { projectId, issueId, title: 'Second' })
    await ann.restart()
    ann.skewMs = -48 * hour
    await ann.do(editIssue, { projectId, issueId, title: 'Third' })
    await world.check()
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Third' }])
    const edits = (await world.accepted()).filter((action) => action.name === 'issue.edit')
    expect(edits.map((action) => JSON.parse(action.input).title)).toEqual(['First', 'Second', 'Third'])
  })

  it('[HLC-2] what is done after hearing of something comes after it, however slow the clock', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const [ann, ben] = [await world.person('ann', { skewMs: -9_000 }), await world.person('ben', { skewMs: 9_000 })]
    await world.settle()
    const made = await ben.do(createIssue, { projectId, columnId: todo, title: 'Mast' })
    await ann.sync()
    const vote = await ann.do(voteForIssue, { projectId, issueId: made.value.issueId, add: 1 })
    await world.check()
    expect(vote.outcome()).toBe('applied')
    expect((await world.accepted()).map((action) => action.name).slice(-2)).toEqual(['issue.create', 'issue.vote'])
    expect(await ben.rows(issueVotes)).toMatchObject([{ total: 1 }])
  })

  it('[ACT-5, CX-10c] a contest is won by who arrives first, not by the older clock', async () => {
    const world = await open()
    const known = [...actions, contest]
    world.startServer(known)
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Prize' }, 'ann')
    const [ann, ben] = [await world.person('ann', { actions: known }), await world.person('ben', { actions: known })]
    await world.settle()
    ann.offline()
    const early = await ann.do(contest, { projectId, issueId })
    world.clock.advance(hour)
    const late = await ben.do(contest, { projectId, issueId })
    expect(late.outcome()).toBe('applied')
    await world.check()
    expect(late.outcome(), 'CX-10c').toBe('applied')
    expect(early.receipt()).toMatchObject({ status: 'rejected', reason: 'already-claimed' })
    expect(await ann.rows(issues)).toMatchObject([{ assigneeId: 'ben' }])
  })
})
