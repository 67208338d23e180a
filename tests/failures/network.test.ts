/**
 * Trains, lifts and hotel networks: what is sent arrives late, twice, in part or not at all, and people press the button
 * again. Nobody has to know any of that, and nothing counts twice.
 */
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issues, issueVotes, labels } from '@/db/schema'
import {
  actions,
  addMember,
  closeColumn,
  createIssue,
  createLabel,
  editIssue,
  moveIssue,
  removeMember,
  voteForIssue,
} from '@/lib/actions'
import { defineAction } from '@/lib/sync/action'
import type { ExchangeRequest } from '@/lib/sync/core/protocol'
import { card } from '../support/board'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'
import { atEveryStep, begin, Fragile } from './fragile'

/** Known to some builds only. */
const cheer = defineAction({
  name: 'issue.cheer',
  version: 1,
  input: z.strictObject({ projectId: z.uuid(), issueId: z.uuid() }),
  audiences: ({ projectId }) => [`project:${projectId}`],
  run: async ({ db }) => void (await db.update(issues).set({ title: sql`${issues.title} || '!'` })),
})

async function oneIssue(world: World) {
  const project = await world.project('ann', { ben: 'editor' })
  const input = { projectId: project.projectId, columnId: project.todo, title: 'Mast' }
  return { ...project, ...(await world.onServer(createIssue, input, 'ann')) }
}

/** Who waits for it goes on when it is opened. */
function gate() {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

const totalOf = async (person: Person) => (await person.rows(issueVotes)).reduce((sum, row) => sum + row.total, 0)

describe('a network that cannot be relied on', () => {
  const open = worldsOn('pglite')

  it('[FM-29, CON-1] every pair of lost, doubled and late pushes of two people ends in the same rows, each vote once', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    const late: { userId: string; request: ExchangeRequest }[] = []
    const serveTo = (userId: string, isDoubled: boolean) => async (request: ExchangeRequest) => {
      if (request.actions.length > 0) late.push({ userId, request })
      if (isDoubled) await world.server.exchange(userId, request)
      return world.server.exchange(userId, request)
    }
    const troubles = ['none', 'lose-request', 'lose-answer', 'doubled', 'late'] as const
    for (const [round, [first, second]] of troubles
      .flatMap((one) => troubles.map((two) => [one, two] as const))
      .entries()) {
      for (const [person, trouble] of [
        [ann, first],
        [ben, second],
      ] as const) {
        person.reach(serveTo(person.userId, trouble === 'doubled'))
        if (trouble === 'lose-request' || trouble === 'lose-answer') person.nextPushes(trouble)
        await person.do(voteForIssue, { projectId, issueId, add: 1 })
        await person.sync()
        // A copy of a request of some rounds ago arrives only now.
        const [old] = trouble === 'late' ? late.slice(-4) : []
        if (old) await world.server.exchange(old.userId, old.request)
      }
      await world.settle()
      expect([await totalOf(ann), await totalOf(ben)], `${first}, ${second}`).toEqual([round * 2 + 2, round * 2 + 2])
    }
    await world.check()
  })

  it('[FM-30, ING-6] each action of a push has its own outcome, and the device marks just those', async () => {
    const world = await open()
    const { projectId, issueId, doing } = await oneIssue(world)
    const other = await world.project('ben', { ann: 'editor' })
    const ann = await world.person('ann', { actions: [...actions, cheer] })
    await world.settle()
    ann.offline()
    const input = { projectId: other.projectId, columnId: other.todo, title: 'Not for me' }
    const vote = await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    const refused = await ann.do(createIssue, input)
    const held = await ann.do(cheer, { projectId, issueId })
    await world.onServer(closeColumn, { projectId, columnId: doing }, 'ann')
    const rejected = await ann.do(moveIssue, { projectId, issueId, columnId: doing })
    const last = await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await world.onServer(removeMember, { projectId: other.projectId, userId: 'ann' }, 'ben')
    await ann.online()
    expect([vote, refused, held, rejected, last].map((done) => done.outcome())).toEqual([
      ...['applied', 'refused', 'held', 'rejected', 'applied'],
    ])
    const { records } = await ann.outbox.load()
    const isConfirmed = (id: string) => records.find((record) => record.id === id)?.confirmedAtMs
    expect(isConfirmed(refused.actionId), 'what is refused is never offered again').toBeUndefined()
    expect(isConfirmed(held.actionId), 'what is held is').toBeNull()
    for (const done of [vote, rejected, last]) expect(isConfirmed(done.actionId)).toBeTypeOf('number')
    world.startServer([...actions, cheer], 'build-2')
    await world.check()
  })

  it('[FM-38, ING-6] whatever of its own bookkeeping fails, what the server did stands and the next contact settles it', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const fragile = new Fragile()
    const [ann, ben] = [await world.person('ann', { between: fragile.between }), await world.person('ben')]
    await world.settle()
    const places = await atEveryStep(fragile, async (step) => {
      ann.offline()
      await ann.do(voteForIssue, { projectId, issueId, add: 1 })
      await ben.do(voteForIssue, { projectId, issueId, add: 1 })
      fragile.breakAt(step, 'fail')
      await begin(() => ann.online())
      fragile.heal()
      await ann.online()
      world.clock.advance(120_000)
      await ann.online()
      expect(ann.device.status.get(), `${fragile.brokeAt}`).toMatchObject({ kind: 'synced', pendingCount: 0 })
      expect(await totalOf(ann)).toBe(step * 2)
    })
    expect(places).toEqual(expect.arrayContaining(['after exchange', 'before commit', 'before outbox rewrite']))
    await world.check()
  })

  it('[FM-40, REC-1] an answer that comes again after a newer one takes nothing back', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    const serve = (request: ExchangeRequest) => world.server.exchange('ann', request)
    const answers: Awaited<ReturnType<typeof serve>>[] = []
    ann.reach(async (request) => {
      const answer = await serve(request)
      answers.push(answer)
      return answer
    })
    for (const title of ['Old', 'New']) {
      await ben.do(editIssue, { projectId, issueId, title })
      await ann.sync()
    }
    const old = answers.find((answer) => JSON.stringify(answer).includes('"Old"'))
    if (!old) throw new Error('Ann was not told the old title')
    ann.reach(async () => old)
    await ann.sync()
    expect(await ann.rows(issues)).toMatchObject([{ title: 'New' }])
    ann.reach(serve)
    await world.check()
  })

  it('[FM-25, REC-1] focus, network, timer and a press at once are one exchange, and at most one more', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    let [inFlight, most, all] = [0, 0, 0]
    ann.reach(async (request) => {
      inFlight += 1
      all += 1
      most = Math.max(most, inFlight)
      const answer = await world.server.exchange('ann', request)
      inFlight -= 1
      return answer
    })
    for (let count = 0; count < 5; count += 1) {
      ann.device.wake(true)
      ann.device.wake(false)
    }
    await Promise.all([ann.sync(), ann.sync(), ann.device.resting()])
    expect([most, all]).toEqual([1, 2])
    const deeds = Array.from({ length: 4 }, () => ann.do(voteForIssue, { projectId, issueId, add: 1 }))
    await Promise.all([...deeds, ann.sync(), ann.sync()])
    expect(most).toBe(1)
    await world.check()
    expect(await totalOf(ann)).toBe(4)
  })

  it('[FM-28, TAB-1] a message that comes twice runs once, and of two clicks the rule takes one', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    ann.offline()
    const id = world.newId()
    const vote = () => ann.device.execute(voteForIssue.name, { projectId, issueId, add: 1 }, id)
    const [first, ...others] = await Promise.all([vote(), vote(), vote()])
    expect(others, 'whoever asks again hears the same').toEqual([first, first])
    expect((await ann.outbox.load()).records).toHaveLength(1)
    await ann.online()
    expect(await vote(), 'also when it is confirmed long since').toEqual(first)
    const other = ann.device.execute(voteForIssue.name, { projectId, issueId, add: 2 }, id)
    await expect(other, 'another deed under its id is none').rejects.toMatchObject({ name: 'DeviceFailure' })
    const click = () => ann.do(createLabel, { projectId, name: 'bug', color: 'red' })
    const clicks = await Promise.allSettled([click(), click()])
    expect(clicks.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
    await world.check()
    expect(await totalOf(ann)).toBe(1)
    expect(await ann.rows(labels)).toHaveLength(1)
  })
})

describe('answers that come too late', () => {
  const open = worldsOn('pglite')

  it('[CX-11b, REC-1] one made before a removal and heard after its deadline brings nothing back', async () => {
    const world = await open()
    const { projectId, todo } = await oneIssue(world)
    const ben = await world.person('ben')
    await world.settle()
    await world.onServer(createIssue, { projectId, columnId: todo, title: 'Secret' }, 'ann')
    const [arrived, released] = [gate(), gate()]
    ben.reach(async (request) => {
      const answer = await world.server.exchange('ben', request)
      arrived.open()
      await released.passed
      return answer
    })
    const waiting = ben.sync()
    await arrived.passed
    await world.onServer(removeMember, { projectId, userId: 'ben' }, 'ann')
    world.clock.advance(60_000)
    released.open()
    await waiting
    expect(JSON.stringify(await ben.rows(issues))).not.toContain('Secret')
    ben.reach((request) => world.server.exchange('ben', request))
    await world.check()
    expect(await ben.rows(issues)).toEqual([])
    expect(ben.heard.join(), 'the answer was made').toContain('Secret')
  })

  it('[CX-13c, AUD-5] work that was accepted before its author lost the audience is not called rejected', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ben = await world.person('ben')
    await world.settle()
    ben.nextPushes('lose-answer')
    const vote = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    ben.offline()
    expect(vote.outcome()).toBe('pending')
    const late = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    await world.onServer(removeMember, { projectId, userId: 'ben' }, 'ann')
    await ben.online()
    expect(vote.receipt()).toMatchObject({ status: 'applied', reason: null })
    expect(late.receipt()).toMatchObject({ status: 'refused', reason: 'authority' })
    await world.check()
  })

  it('[CX-44, REC-3] what the first rows contain already does not run on top of them', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const carla = await world.person('carla')
    await world.onServer(addMember, { projectId, userId: 'carla', ...card('carla'), role: 'editor' }, 'ann')
    await carla.online()
    carla.nextPushes('lose-answer')
    await carla.do(voteForIssue, { projectId, issueId, add: 1 })
    carla.offline()
    const totals: number[] = []
    const { length: sentBefore } = carla.transport.sent
    await carla.restart({
      losing: 'database',
      app: {
        between: (surroundings) => ({
          ...surroundings,
          transport: {
            ...surroundings.transport,
            exchange: async (request, sending) => {
              totals.push(await totalOf(carla))
              return surroundings.transport.exchange(request, sending)
            },
          },
        }),
      },
    })
    // It asks before it offers: that brings the rows, and not the answer to the push.
    await carla.online()
    await world.check()
    const offered = carla.transport.sent.slice(sentBefore).map((request) => request.actions.length)
    expect(offered[0]).toBe(0)
    expect(Math.max(...totals, await totalOf(carla))).toBe(1)
  })
})
