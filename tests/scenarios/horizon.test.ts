/**
 * Somebody puts the tablet into a drawer and finds it again months later, with work on it that nobody has seen. The
 * server has thrown away most of what happened meanwhile; the tablet must neither lose anything nor show old things.
 */
import { describe, expect, it } from 'vitest'
import { issues, issueVotes } from '@/db/schema'
import { claimIssue, createIssue, editIssue, removeMember, voteForIssue } from '@/lib/actions'
import { storeKinds } from '../support/databases'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'

const day = 24 * 60 * 60 * 1000

async function oneIssue(world: World) {
  const project = await world.project('ann', { ben: 'editor' })
  const input = { projectId: project.projectId, columnId: project.todo, title: 'Mast' }
  return { ...project, ...(await world.onServer(createIssue, input, 'ann')) }
}

const snapshotsOf = ({ trace }: Person) =>
  trace.reduce((sum, event) => sum + (event.kind === 'received' ? event.snapshots : 0), 0)

describe.each(storeKinds)('the far end of history, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[FM-54, HLC-4] away for longer than history is kept: a snapshot, the work comes last, and its author is told', async () => {
    const world = await open()
    const { projectId, todo, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    const loadedBefore = snapshotsOf(ben)
    ben.offline()
    const claimed = await ben.do(claimIssue, { projectId, issueId })
    const renamed = await ben.do(editIssue, { projectId, issueId, title: 'Old name' })
    await ann.do(createIssue, { projectId, columnId: todo, title: 'Sail' })
    world.clock.advance(40 * day)
    await ann.online()
    const late = await ann.do(editIssue, { projectId, issueId, title: 'Main mast' })
    expect((await world.compact()).entries).toBeGreaterThan(0)
    await world.check()
    expect(late.outcome()).toBe('applied')
    expect([claimed.outcome(), renamed.outcome()]).toEqual(['applied', 'applied'])
    // Two weeks of outbox retention are over as well: what was never confirmed is still there to be offered.
    expect(renamed.receipt().restamped).toBe(true)
    expect((await ann.rows(issues)).map(({ title }) => title).sort()).toEqual(['Old name', 'Sail'])
    expect(snapshotsOf(ben)).toBeGreaterThan(loadedBefore)
    expect(ben.trace.filter(({ kind }) => kind === 'reset')).toEqual([])
  })

  it('[FM-55, FM-47] away for three weeks: the work has its place, and what came later is replayed although old things went', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    world.clock.advance(40 * day)
    await world.settle()
    ben.offline()
    const early = await ben.do(editIssue, { projectId, issueId, title: 'Early' })
    await ben.do(voteForIssue, { projectId, issueId, add: 2 })
    for (let week = 0; week < 3; week += 1) {
      world.clock.advance(7 * day)
      await ann.do(editIssue, { projectId, issueId, title: `Week ${week}` })
      await ann.do(voteForIssue, { projectId, issueId, add: 1 })
      await ann.sync()
      await world.compact()
    }
    const before = world.replays
    await world.check()
    expect(world.replays).toBeGreaterThan(before)
    expect(early.receipt().restamped).toBe(false)
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Week 2' }])
    expect(await ben.rows(issueVotes)).toMatchObject([{ total: 5 }])
  })

  it('[FM-54, AUD-5] away for months, and no member any more: the rows go, and the old work is answered', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ben.offline()
    const vote = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    world.clock.advance(60 * day)
    await ann.do(removeMember, { projectId, userId: 'ben' })
    await ann.sync()
    world.clock.advance(60 * day)
    await world.compact()
    await world.check()
    expect(vote.outcome()).toBe('refused')
    expect(await ben.rows(issues)).toEqual([])
  })

  it('[HOR-1] compaction between all steps of two busy people changes nothing they see', async () => {
    const world = await open()
    const { projectId, todo, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    const all = { lateWindowMs: 5_000, keptHistoryMs: 5_000, entriesMax: 3 }
    for (let turn = 0; turn < 4; turn += 1) {
      await ann.do(createIssue, { projectId, columnId: todo, title: `Ann ${turn}` })
      await ben.do(voteForIssue, { projectId, issueId, add: 1 })
      await world.compact(all)
      await ben.sync()
      await world.compact(all)
      await ann.sync()
    }
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 4 }])
    expect(await ann.rows(issues)).toHaveLength(5)
  })
})
