/**
 * Days pass between what people do and the moment others hear of it; apps are updated, clocks set, servers restored in
 * between. What was done keeps its meaning, and what was lost is not pretended to be there.
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { comments, issues, issueVotes } from '@/db/schema'
import { actions, addComment, claimIssue, createIssue, editIssue, removeMember, voteForIssue } from '@/lib/actions'
import { defineAction } from '@/lib/sync/action'
import type { ExchangeRequest } from '@/lib/sync/core/protocol'
import { backUp } from '../support/backup'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'

const year = 365 * 24 * 60 * 60 * 1000

async function oneIssue(world: World) {
  const project = await world.project('ann', { ben: 'editor' })
  const input = { projectId: project.projectId, columnId: project.todo, title: 'Mast' }
  return { ...project, ...(await world.onServer(createIssue, input, 'ann')) }
}

/** A server that tells and does not take. */
const hearingOnly = (world: World, userId: string) => (request: ExchangeRequest) =>
  world.server.exchange(userId, { ...request, actions: [] })

/** What the code of an action sees, as text that tells apart what JSON could confuse. */
function seen(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return `[${value.map(seen).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  return `{${Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${seen(member)}`)
    .join(',')}}`
}

/** Writes down what it was given. */
const testify = defineAction({
  name: 'issue.testify',
  version: 1,
  input: z.strictObject({ projectId: z.uuid(), issueId: z.uuid(), given: z.json(), absent: z.string().optional() }),
  audiences: ({ projectId }) => [`project:${projectId}`],
  async run({ db, input, id, now, user }) {
    const { projectId, issueId, given } = input
    const body = `${seen(given)} ${'absent' in input}`
    await db
      .insert(comments)
      .values({ id: id(), projectId, issueId, body, authorId: user.id, authorName: 'x', createdAt: now })
  },
})

describe('what was done before', () => {
  const open = worldsOn('pglite')

  it('[CX-14, REC-2] what waits is shown on top of what is heard, whoever was first; the server puts it in order', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.reach(hearingOnly(world, 'ann'))
    await ann.do(editIssue, { projectId, issueId, title: 'Ann, first' })
    await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await ben.do(editIssue, { projectId, issueId, title: 'Ben, second' })
    const said = await ben.do(addComment, { projectId, issueId, body: 'Heard' })
    expect(said.outcome()).toBe('applied')
    await ann.sync()
    expect(await ann.rows(comments), 'she has heard of everything').toHaveLength(1)
    expect(ann.pendingCount).toBe(2)
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Ann, first' }])
    ann.reach((request) => world.server.exchange('ann', request))
    await world.check()
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Ben, second' }])
  })

  it('[CX-17, ACT-1, REC-3] rows of a restamped action have the time of its new clock, and its author is not told of a correction', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ann.skewMs = year
    const said = await ann.do(addComment, { projectId, issueId, body: 'From the future' })
    const shownAtMs = async () => (await ann.rows(comments))[0]?.createdAt.getTime() ?? 0
    expect((await shownAtMs()) - world.clock.now()).toBeGreaterThan(year / 2)
    await world.check()
    expect(Math.abs((await shownAtMs()) - world.clock.now())).toBeLessThan(60_000)
    expect(await ben.rows(comments)).toEqual(await ann.rows(comments))
    expect(said.receipt()).toMatchObject({ status: 'applied', seen: true, difference: [] })
  })

  it('[FM-66, ING-2] every run of an action sees the same input: here, after a restart, on the server, on a replay', async () => {
    const world = await open()
    const known = [...actions, testify]
    world.startServer(known)
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann', { actions: known }), await world.person('ben', { actions: known })]
    await world.settle()
    const values = [
      { z: 1, a: { y: null, x: [] }, '': '' },
      [1e21, 0.1, -0, 5e-324, Number.MAX_SAFE_INTEGER, 1e-7],
      JSON.parse('{"__proto__": 1, "constructor": "x", "10": 0, "9": 0}'),
      'é e\u0301 \u2028 \u{1F600} \\u0000 "quoted" \u007f',
      [[], [[]], {}, [{}], null, true, ''],
    ]
    ben.offline()
    await ben.do(editIssue, { projectId, issueId, title: 'Earlier, and known later' })
    ann.offline()
    for (const given of values) await ann.do(testify, { projectId, issueId, given, absent: undefined })
    const bodies = async (person = ann) => (await person.rows(comments)).map((comment) => comment.body).sort()
    const first = await bodies()
    expect(first).toHaveLength(values.length)
    expect(first.filter((body) => body.endsWith('true'))).toEqual([])
    await ann.restart({ losing: 'database' })
    await ann.online()
    expect(await bodies(), 'run again from the outbox, and on the server').toEqual(first)
    await ben.online()
    expect(world.replays, 'and on the replay').toBeGreaterThan(0)
    await world.check()
    expect(await bodies(ben)).toEqual(first)
  })

  it('[FM-57, REC-1] what a rebase costs grows with what waits, not with its square', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    let statements = 0
    const ben = await world.person('ben')
    const ann = await world.person('ann', {
      between: (surroundings) => ({
        ...surroundings,
        store: {
          ...surroundings.store,
          transaction: (work, options) =>
            surroundings.store.transaction(
              (sql) =>
                work({
                  ...sql,
                  query: (...call) => {
                    statements += 1
                    return sql.query(...call)
                  },
                  rows: (...call) => {
                    statements += 1
                    return sql.rows(...call)
                  },
                  exec: (text) => {
                    statements += 1
                    return sql.exec(text)
                  },
                }),
              options,
            ),
        },
      }),
    })
    await world.settle()
    ann.reach(hearingOnly(world, 'ann'))
    const costs: number[] = []
    for (const waiting of [25, 50, 100]) {
      while (ann.pendingCount < waiting) await ann.do(voteForIssue, { projectId, issueId, add: 1 })
      await ben.do(editIssue, { projectId, issueId, title: `Heard with ${waiting}` })
      statements = 0
      await ann.sync()
      costs.push(statements)
      expect(await ann.rows(issues)).toMatchObject([{ title: `Heard with ${waiting}` }])
      expect(await ann.rows(issueVotes)).toMatchObject([{ total: waiting }])
    }
    ann.reach((request) => world.server.exchange('ann', request))
    const [small = 0, middle = 0, large = 0] = costs
    expect(large - middle, `${costs.join(', ')} statements`).toBeLessThan((middle - small) * 2.5)
    await world.check()
    expect(await ben.rows(issueVotes)).toMatchObject([{ total: 100 }])
  })
})

describe('what is gone', () => {
  const open = worldsOn('pglite')

  it('[FM-68, AUD-5] of a project one was removed from, nothing stays on the device, in no table', async () => {
    const world = await open()
    const { projectId, issueId, todo } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    await ann.do(createIssue, { projectId, columnId: todo, title: 'Hidden keel' })
    await ann.do(editIssue, { projectId, issueId, title: 'Hidden mast' })
    await ben.sync()
    ben.offline()
    const waiting = [
      await ben.do(voteForIssue, { projectId, issueId, add: 1 }),
      await ben.do(claimIssue, { projectId, issueId }),
    ]
    await world.onServer(removeMember, { projectId, userId: 'ben' }, 'ann')
    expect(JSON.stringify([...(await backUp(ben.store))])).toContain('Hidden keel')
    await ben.online()
    for (const done of waiting) expect(done.receipt()).toMatchObject({ status: 'refused', reason: 'authority' })
    const left = JSON.stringify([[...(await backUp(ben.store))], await ben.outbox.load(), ben.device.receipts.get()])
    expect(left).not.toContain('Hidden')
    expect((await ben.outbox.load()).records, 'what is refused is not offered again').toEqual([])
    await world.check()
  })

  it('[CX-25, OUT-1] after a restore an action that was rejected is offered again, and applied if its rival is gone', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ben = await world.person('ben')
    await world.settle()
    const former = await backUp(world.store)
    ben.offline()
    world.clock.advance(1_000)
    await world.onServer(claimIssue, { projectId, issueId }, 'ann')
    const claim = await ben.do(claimIssue, { projectId, issueId })
    await ben.online()
    expect(claim.receipt()).toMatchObject({ status: 'rejected', reason: 'already-claimed' })
    await world.restoreServer(former)
    await world.check()
    expect(claim.outcome()).toBe('applied')
    expect(await ben.rows(issues)).toMatchObject([{ assigneeId: 'ben' }])
  })

  it('[CX-36, OUT-1] after a restore nothing is told of the lost history, not even what another device of the same person did', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [phone, laptop] = [await world.person('ann'), await world.person('ann')]
    await world.settle()
    const former = await backUp(world.store)
    const said = await laptop.do(addComment, { projectId, issueId, body: 'From the laptop' })
    await phone.sync()
    expect(phone.receiptOf(said.actionId)).toMatchObject({ status: 'applied' })
    await world.restoreServer(former)
    await phone.sync()
    expect(await phone.rows(comments)).toEqual([])
    expect(phone.device.receipts.get().map((receipt) => receipt.actionId)).not.toContain(said.actionId)
    // Then the laptop comes back, and offers it.
    await world.check()
    expect(phone.receiptOf(said.actionId)).toMatchObject({ status: 'applied' })
    expect(await phone.rows(comments)).toHaveLength(1)
  })

  it('[CX-40, OUT-1] an action whose answer was lost before a restore with another epoch is settled by its stored receipt', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    ann.nextPushes('lose-answer')
    const vote = await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    ann.offline()
    await world.restoreServer(await backUp(world.store), { isEpochNew: true })
    expect(vote.outcome()).toBe('pending')
    await world.check()
    expect(vote.outcome()).toBe('applied')
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 1 }])
    expect((await world.accepted()).filter((action) => action.name === 'issue.vote')).toHaveLength(1)
  })
})
