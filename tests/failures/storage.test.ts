/**
 * Phones are full, browsers tidy up, and people press "clear site data". A device keeps what it acknowledged, says at once
 * when it cannot keep more, and goes on by itself when it can again. What Chromium can be brought to do by hand is told
 * again in `tests/e2e/storage.spec.ts`; the rest is done here, at the ports to outbox and database.
 */
import { describe, expect, it, vi } from 'vitest'
import { issues, issueVotes } from '@/db/schema'
import { createIssue, voteForIssue } from '@/lib/actions'
import { backUp, restore } from '../support/backup'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'
import { FullDisk } from './full-disk'

const patience = { timeout: 30_000, interval: 5 }
const eventually = (expectation: () => void | Promise<void>) => vi.waitFor(expectation, patience)

async function stageOf(world: World) {
  const { projectId, todo } = await world.project('ann', { ben: 'editor' })
  const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
  const disk = new FullDisk()
  const ann = await world.person('ann', { between: disk.between })
  await world.settle()
  return { world, ann, disk, projectId, todo, vote: { projectId, issueId, add: 1 } }
}

const votesOf = async (person: Person) => (await person.rows(issueVotes)).reduce((sum, row) => sum + row.total, 0)
const titlesOf = async (person: Person) => (await person.rows(issues)).map((issue) => issue.title).sort()
const isFull = (person: Person) => person.device.status.get().isFull
const inOutbox = async (person: Person) =>
  (await person.outbox.load()).records.filter((record) => record.confirmedAtMs === null).length

/** Time passes, and the device finds out by itself. */
async function roomAgain({ world, ann, disk }: { world: World; ann: Person; disk: FullDisk }): Promise<void> {
  disk.free()
  world.clock.advance(60_000)
  await eventually(() => expect(isFull(ann)).toBe(false))
  await ann.device.resting()
}

const many = ['Boom', 'Keel', 'Oar', 'Sail']

describe('a full disk', () => {
  const open = worldsOn('pglite')

  it.each([
    ['the outbox', ['outbox']],
    ['the database', ['database']],
    ['both', ['outbox', 'database']],
  ] as const)(
    '[FM-10, EXE-1] in %s: the call fails with what to do, nothing is recorded, and what was kept is kept and sent',
    async (_place, places) => {
      const stage = await stageOf(await open())
      const { ann, disk, vote } = stage
      ann.offline()
      await ann.do(voteForIssue, vote)
      disk.fill(...places)
      await expect(ann.do(voteForIssue, vote)).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringMatching(/nothing was recorded.*Free some space/),
      })
      expect(isFull(ann)).toBe(true)
      expect([await votesOf(ann), await inOutbox(ann)]).toEqual([1, 1])
      await roomAgain(stage)
      await ann.do(voteForIssue, vote)
      await ann.online()
      expect([await votesOf(ann), await inOutbox(ann), ann.pendingCount]).toEqual([2, 0, 0])
      await stage.world.check()
    },
  )

  it('[FM-10, EXE-1] that fills between two writes: what could not be taken back is not sent, and goes when there is room', async () => {
    const stage = await stageOf(await open())
    const { ann, disk, vote, world } = stage
    ann.offline()
    const add = ann.outbox.add.bind(ann.outbox)
    ann.outbox.add = async () => {
      // PGlite has committed when the outbox says no, and cannot write any more either.
      await ann.store.transaction((sql) => sql.rows('select 1'))
      disk.fill('database', 'outbox')
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
    }
    await expect(ann.do(voteForIssue, vote)).rejects.toMatchObject({ code: 'storage' })
    ann.outbox.add = add
    expect(await votesOf(ann)).toBe(1)
    await begun(ann.online())
    expect(ann.transport.sent.flatMap((request) => request.actions)).toEqual([])
    await roomAgain(stage)
    await eventually(async () => expect(await votesOf(ann)).toBe(0))
    expect(ann.transport.sent.flatMap((request) => request.actions)).toEqual([])
    await world.check()
  })

  it('[FM-11] that fills while rows arrive: the status says so at once, what waits is sent, and rows come when there is room', async () => {
    const stage = await stageOf(await open())
    const { world, ann, disk, vote, projectId, todo } = stage
    ann.offline()
    await ann.do(voteForIssue, vote)
    await world.onServer(createIssue, { projectId, columnId: todo, title: 'Boom' }, 'ben')
    disk.fill('database', 'outbox')
    const before = world.clock.now()
    await begun(ann.online())
    expect(world.clock.now() - before).toBeLessThan(1_000)
    expect(ann.device.status.get()).toMatchObject({ isFull: true, kind: 'waiting', pendingCount: 1 })
    expect(ann.device.status.get().message).toContain('no room')
    // The first exchange after being offline carries no work: it only asks whether there is a network.
    world.clock.advance(5_000)
    await ann.device.resting()
    expect((await world.accepted()).filter(({ name }) => name === 'issue.vote')).toHaveLength(1)
    expect(await titlesOf(ann)).toEqual(['Mast'])
    await roomAgain(stage)
    await ann.sync()
    expect(ann.device.status.get()).toMatchObject({ isFull: false, kind: 'synced', pendingCount: 0 })
    expect(await titlesOf(ann)).toEqual(['Boom', 'Mast'])
    await world.check()
  })

  it('[FM-10, SNAP-1] is not filled further: large audiences are not asked for until there is room', async () => {
    const world = await open()
    world.startServer(undefined, 'build-1', { entriesMax: 1_000, snapshotRowsMax: 3, charactersMax: 3_000_000 })
    const { projectId, todo } = await world.project('ann')
    for (const title of many) await world.onServer(createIssue, { projectId, columnId: todo, title }, 'ann')
    const disk = new FullDisk()
    let streams = 0
    const ann = await world.person('ann', {
      between: disk.between,
      stream: (request, sink) => {
        // When its first rows come.
        streams += 1
        if (streams === 1) disk.fill('database', 'outbox')
        return world.server.writeSnapshot('ann', request, sink)
      },
    })
    await begun(ann.online())
    expect([isFull(ann), streams]).toEqual([true, 1])
    for (let minute = 0; minute < 5; minute += 1) {
      world.clock.advance(60_000)
      await ann.device.resting()
    }
    expect([isFull(ann), streams]).toEqual([true, 1])
    await roomAgain({ world, ann, disk })
    await ann.sync()
    expect(await titlesOf(ann)).toEqual(many)
    await world.check()
  })
})

/** Whether it gets to its end does not matter here. */
const begun = (work: Promise<unknown>) => work.catch(() => undefined)

describe('a database that lost what was not on disk yet', () => {
  const open = worldsOn('pglite')

  // Chromium is killed in the middle of writing by `npm run kills`, ten times in `npm test`. What its disk then lacks is
  // chance; here it lacks exactly the last writes.
  it('[FM-09, EXE-1] is opened as it was a while ago: what was acknowledged since is in the outbox, and runs again', async () => {
    const { world, ann, vote } = await stageOf(await open())
    ann.offline()
    await ann.do(voteForIssue, vote)
    const flushed = await backUp(ann.store)
    await ann.do(voteForIssue, vote)
    await ann.do(voteForIssue, vote)
    await ann.device.close()
    await restore(ann.store, flushed)
    await ann.restart()
    expect([await votesOf(ann), ann.pendingCount]).toEqual([3, 3])
    await ann.online()
    expect(await votesOf(ann)).toBe(3)
    await world.check()
  })
})
