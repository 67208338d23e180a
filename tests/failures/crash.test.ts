/**
 * A phone runs out of battery, a browser is killed, a tab is thrown away: at any moment, in the middle of anything. The
 * app is opened again on what was left behind, and whatever a person was told is done is there, once.
 */
import { describe, expect, it } from 'vitest'
import { comments, issues, issueVotes } from '@/db/schema'
import { addComment, createIssue, editIssue, voteForIssue } from '@/lib/actions'
import { nextClock } from '@/lib/sync/core/hlc'
import { backUp, restore } from '../support/backup'
import { dump } from '../support/databases'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'
import { atEveryStep, begin, Fragile } from './fragile'

const hour = 60 * 60 * 1000

interface Stage {
  readonly world: World
  readonly ann: Person
  readonly ben: Person
  readonly fragile: Fragile
  readonly vote: { readonly projectId: string; readonly issueId: string; readonly add: number }
}

async function stageOf(world: World, fragile = new Fragile()): Promise<Stage> {
  const { projectId, todo } = await world.project('ann', { ben: 'editor' })
  const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
  const [ann, ben] = [await world.person('ann', { between: fragile.between }), await world.person('ben')]
  await world.settle()
  return { world, ann, ben, fragile, vote: { projectId, issueId, add: 1 } }
}

/** Ann's votes count one each, Ben's a hundred: the total says whose were counted, and how often. */
const totalOf = async (person: Person) => (await person.rows(issueVotes)).reduce((sum, row) => sum + row.total, 0)

const acceptedVotes = async ({ world }: Stage, author: string) =>
  (await world.accepted())
    .filter((action) => action.name === 'issue.vote' && action.author === author)
    .map(({ id }) => id)

/** Opened again on what was left, and back in the network. */
async function reopen({ ann, fragile }: Stage): Promise<void> {
  fragile.heal()
  await ann.restart()
}

/** Each step opens the app again: seconds on an idle machine, more on a busy one. */
const sweepTimeoutMs = 300_000

describe('a crash at every step', { timeout: sweepTimeoutMs }, () => {
  const open = worldsOn('pglite')

  it('[FM-01, EXE-1] of doing something: it is there once, or not at all, and what was acknowledged is there', async () => {
    const stage = await stageOf(await open(), new Fragile('statements'))
    const { world, ann, fragile, vote } = stage
    const acknowledged: string[] = []
    ann.offline()
    const places = await atEveryStep(fragile, async (step) => {
      const before = await totalOf(ann)
      const id = world.newId()
      fragile.breakAt(step)
      world.clock.advance(1_000)
      const isDone = await begin(() => ann.device.execute(voteForIssue.name, vote, id))
      if (isDone) acknowledged.push(id)
      await begin(() => ann.device.resting())
      await reopen(stage)
      const inOutbox = (await ann.outbox.load()).records.filter((record) => record.id === id).length
      expect(await totalOf(ann), `${fragile.brokeAt}`).toBe(before + inOutbox)
      expect(ann.device.receipts.get().filter((receipt) => receipt.actionId === id)).toHaveLength(inOutbox)
    })
    expect(places).toEqual(expect.arrayContaining(['before outbox add', 'after outbox add', 'before commit']))
    const { records } = await ann.outbox.load()
    expect(new Set(records.map((record) => record.ordinal)).size, 'no ordinal twice').toBe(records.length)
    expect(new Set(records.map((record) => record.clock)).size, 'no clock twice').toBe(records.length)
    await world.check()
    const accepted = await acceptedVotes(stage, 'ann')
    expect(accepted).toEqual(expect.arrayContaining(acknowledged))
    expect(await totalOf(ann)).toBe(accepted.length)
  })

  it('[FM-03, FM-05, FM-06, REC-1] of a push and its answer: rows are as before or as after, and each vote counts once', async () => {
    const stage = await stageOf(await open(), new Fragile('statements'))
    const { world, ann, ben, fragile, vote } = stage
    const places = await atEveryStep(fragile, async (step) => {
      ann.offline()
      // Known while hers waits: her vote is rolled back, his comes, and hers runs again.
      await ben.do(voteForIssue, { ...vote, add: 100 })
      await ann.do(voteForIssue, vote)
      const before = await dump(ann.store)
      fragile.breakAt(step)
      await begin(() => ann.online())
      await reopen(stage)
      const reopened = await dump(ann.store)
      await ann.online()
      expect(ann.pendingCount, `${fragile.brokeAt}`).toBe(0)
      const after = await dump(ann.store)
      expect([before, after], `as before or as after: ${fragile.brokeAt}`).toContainEqual(reopened)
      expect(await totalOf(ann)).toBe(step * 101)
    })
    const wanted = ['before exchange', 'after exchange', 'before commit', 'after commit', 'before outbox rewrite']
    expect(places).toEqual(expect.arrayContaining(wanted))
    await world.check()
    expect(await acceptedVotes(stage, 'ann')).toHaveLength(places.length + 1)
  })

  it('[FM-05, HLC-3, CX-9d] of restamping: the order of what was done stays, and no clock of the future is kept', async () => {
    const stage = await stageOf(await open())
    const { world, ann, fragile, vote } = stage
    const { projectId, issueId } = vote
    const places = await atEveryStep(fragile, async (step) => {
      ann.offline()
      ann.skewMs += hour
      for (const word of ['first', 'second']) await ann.do(editIssue, { projectId, issueId, title: `${word} ${step}` })
      await ann.do(voteForIssue, vote)
      fragile.breakAt(step)
      await begin(() => ann.online())
      await reopen(stage)
      await ann.online()
      expect(ann.pendingCount, `${fragile.brokeAt}`).toBe(0)
      expect(await ann.rows(issues)).toMatchObject([{ title: `second ${step}` }])
    })
    expect(places).toEqual(expect.arrayContaining(['before outbox rewrite', 'after outbox rewrite']))
    await world.check()
    expect(await totalOf(ann)).toBe(places.length + 1)
  })

  it('[FM-05, HLC-4, CX-45] of taking a new identity: nothing is lost, and no number is given twice', async () => {
    const stage = await stageOf(await open())
    const { world, ann, fragile, vote } = stage
    let twins = 0
    const places = await atEveryStep(fragile, async (step) => {
      ann.offline()
      await ann.do(voteForIssue, vote)
      await ann.do(voteForIssue, vote)
      // The twin of a copied profile was there first, with the same numbers.
      await ann.sync()
      const push = ann.transport.sent.findLast((request) => request.actions.length > 0)
      const [stolen] = push?.actions ?? []
      if (!push || !stolen) throw new Error('Ann offered nothing')
      await world.server.exchange('ann', { ...push, cursors: [], actions: [{ ...stolen, id: world.newId() }] })
      twins += 1
      fragile.breakAt(step)
      await begin(() => ann.online())
      await reopen(stage)
      await ann.online()
      expect(ann.pendingCount, `${fragile.brokeAt}`).toBe(0)
      expect(await totalOf(ann)).toBe(step * 2 + twins)
    })
    expect(places).toEqual(expect.arrayContaining(['before outbox rewrite', 'after outbox rewrite']))
    expect(ann.trace.filter((event) => event.kind === 'forked').length).toBeGreaterThan(places.length / 2)
    await world.check()
  })

  it('[FM-05, OUT-2] of hearing that another device brought an earlier action later: what came after it stays after it', async () => {
    const stage = await stageOf(await open())
    const { world, ann, fragile, vote } = stage
    const { projectId, issueId } = vote
    const places = await atEveryStep(fragile, async (step) => {
      ann.offline()
      for (const word of ['first', 'second']) await ann.do(editIssue, { projectId, issueId, title: `${word} ${step}` })
      // Once a push was lost, the next exchange asks only.
      await ann.sync()
      const push = ann.transport.sent.findLast((request) => request.actions.length > 0)
      const [first] = push?.actions ?? []
      if (!push || !first) throw new Error('Ann offered nothing')
      world.clock.advance(hour)
      const clientId = world.newId()
      const clock = nextClock(null, world.clock.now(), clientId)
      await world.server.exchange('ann', { ...push, clientId, actions: [{ ...first, ordinal: 1, clock }] })
      fragile.breakAt(step)
      await begin(() => ann.online())
      await reopen(stage)
      await ann.online()
      expect(ann.pendingCount, `${fragile.brokeAt}`).toBe(0)
      expect(await ann.rows(issues), `${fragile.brokeAt}`).toMatchObject([{ title: `second ${step}` }])
    })
    expect(places).toEqual(expect.arrayContaining(['before outbox rewrite', 'after commit']))
    await world.check()
  })

  it('[FM-05, DEV-1] of throwing work away: it is all there, or it never comes back', async () => {
    const stage = await stageOf(await open())
    const { world, ann, fragile, vote } = stage
    const places = await atEveryStep(fragile, async (step) => {
      ann.offline()
      for (let count = 0; count < 2; count += 1) await ann.do(voteForIssue, vote)
      fragile.breakAt(step)
      const isDone = await begin(() => ann.device.discardPending())
      const left = (await ann.outbox.load()).records.filter((record) => record.confirmedAtMs === null).length
      expect([0, isDone ? 0 : 2]).toContain(left)
      await reopen(stage)
      expect([ann.pendingCount, await totalOf(ann)], `${fragile.brokeAt}`).toEqual([left, left])
      await ann.restart()
      expect([ann.pendingCount, await totalOf(ann)], `${fragile.brokeAt}, and again`).toEqual([left, left])
      await ann.device.discardPending()
    })
    expect(places).toEqual(expect.arrayContaining(['after outbox rewrite', 'before commit', 'after commit']))
    await world.check()
    expect(await acceptedVotes(stage, 'ann')).toEqual([])
  })

  it('[FM-05, FM-53, OUT-1, CX-40] of starting over with a server that has another epoch: all of it is offered, none of it counts twice', async () => {
    const stage = await stageOf(await open())
    const { world, ann, ben, fragile, vote } = stage
    for (let count = 0; count < 2; count += 1) await ann.do(voteForIssue, vote)
    const places = await atEveryStep(fragile, async (step) => {
      ann.offline()
      // Retention ends with the next start: otherwise the outbox grows, and with it the work of each turn.
      world.clock.advance(15 * 24 * hour)
      await ann.do(voteForIssue, vote)
      await world.restoreServer(await backUp(world.store), { isEpochNew: true })
      await ben.online()
      fragile.breakAt(step)
      await begin(() => ann.online())
      await reopen(stage)
      await ann.online()
      expect(ann.pendingCount, `${fragile.brokeAt}`).toBe(0)
      expect(await totalOf(ann)).toBe(step + 2)
    })
    expect(places).toContain('before outbox rewrite')
    await world.check()
    expect(await acceptedVotes(stage, 'ann')).toHaveLength(places.length + 3)
  })

  it.each(['database', 'outbox'] as const)(
    '[FM-05, FM-56, CX-16] of the start after losing the %s: the other store still has everything',
    async (lost) => {
      const stage = await stageOf(await open())
      const { world, ann, fragile, vote } = stage
      const { projectId, issueId } = vote
      const asNew = await backUp(await (await world.person('carla')).store)
      const places = await atEveryStep(fragile, async (step) => {
        ann.offline()
        await ann.do(voteForIssue, vote)
        await ann.do(addComment, { projectId, issueId, body: `Comment ${step}` })
        await ann.device.close()
        if (lost === 'database') await restore(ann.store, asNew)
        fragile.breakAt(step)
        await begin(() => ann.restart(lost === 'outbox' ? { losing: 'outbox' } : {}))
        await reopen(stage)
        expect((await ann.outbox.load()).records.filter((record) => record.confirmedAtMs === null)).toHaveLength(2)
        await ann.online()
        expect(ann.pendingCount, `${fragile.brokeAt}`).toBe(0)
        expect(await totalOf(ann)).toBe(step)
        expect(await ann.rows(comments)).toHaveLength(step)
      })
      // A device that is known has nothing to write into its outbox; one whose outbox is lost writes who it is.
      const outbox = lost === 'outbox' ? ['before outbox rewrite'] : []
      expect(places).toEqual(expect.arrayContaining(['before commit', 'after commit', ...outbox]))
      await world.check()
    },
  )
})
