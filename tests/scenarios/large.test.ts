/**
 * A project too large for one answer: it comes as a stream, is put together beside what is on the screen, and appears at
 * once. Work goes on meanwhile.
 */
import { describe, expect, it } from 'vitest'
import { issues, issueVotes } from '@/db/schema'
import { createIssue, editIssue, removeMember, transferIssue, voteForIssue } from '@/lib/actions'
import { defaultRetention } from '@/lib/sync/core/horizon'
import { storeKinds } from '../support/databases'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'

/** Every audience with more than three rows is large. */
const tight = { entriesMax: 1_000, snapshotRowsMax: 3, charactersMax: 3_000_000 }

async function largeProject(world: World) {
  world.startServer(undefined, 'build-1', tight)
  const project = await world.project('ann', { ben: 'editor' })
  const { projectId, todo } = project
  const titles = ['Mast', 'Tab\there', 'Line\nbreak \\ and \\N', 'Ärger 🦊', '']
  const made: string[] = []
  for (const title of titles.filter((one) => one !== '')) {
    made.push((await world.onServer(createIssue, { projectId, columnId: todo, title }, 'ann')).issueId)
  }
  return { ...project, issueIds: made, titles: titles.filter((one) => one !== '') }
}

const titlesOf = async (person: Person) => (await person.rows(issues)).map((issue) => issue.title).sort()
const streamed = (world: World) => world.trace.filter((event) => event.kind === 'snapshot').length

describe.each(storeKinds)('a large project, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[SNAP-1, AUD-5] arrives as a stream, with every character of every row', async () => {
    const world = await open()
    const { titles } = await largeProject(world)
    const ann = await world.person('ann')
    await world.settle()
    expect(streamed(world)).toBeGreaterThan(0)
    expect(await titlesOf(ann)).toEqual([...titles].sort())
    await world.check()
  })

  it('[SNAP-1] what happens after it was read follows as entries, and late arrivals too', async () => {
    const world = await open()
    const { projectId, todo, issueIds } = await largeProject(world)
    const [issueId = ''] = issueIds
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await ann.online()
    ann.offline()
    const late = await ann.do(editIssue, { projectId, issueId, title: 'Early' })
    await world.onServer(createIssue, { projectId, columnId: todo, title: 'Sail' }, 'ben')
    await ben.online()
    await ann.online()
    await world.settle()
    expect(late.outcome()).toBe('applied')
    expect(await titlesOf(ben)).toContain('Early')
    await world.check()
  })

  it('[SNAP-1, REC-3] what is pending and in the rows already is not there twice', async () => {
    const world = await open()
    const { projectId, issueIds } = await largeProject(world)
    const [issueId = ''] = issueIds
    const ann = await world.person('ann')
    await ann.online()
    // The vote reaches the server, the answer is lost, and so is the database.
    ann.nextPushes('lose-answer')
    await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    ann.offline()
    await ann.restart({ losing: 'database' })
    ann.nextPushes('lose-request')
    await ann.online()
    await world.settle()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 1 }])
    await world.check()
  })

  it('[SNAP-1, AUD-5] nobody gets the stream of a project they do not hold', async () => {
    const world = await open()
    const { projectId } = await largeProject(world)
    const ben = await world.person('ben')
    await ben.online()
    const request = {
      ...{ protocol: 1, clientId: world.newId(), schema: '', pendingIds: [], lastOrdinal: 0 },
      audience: `project:${projectId}`,
    }
    const text: string[] = []
    const write = (userId: string) =>
      world.server.writeSnapshot(userId, request, async (piece) => void text.push(piece))
    expect(await write('ben')).toBe(true)
    text.length = 0
    await world.onServer(removeMember, { projectId, userId: 'ben' }, 'ann')
    expect([await write('ben'), await write('eve')]).toEqual([false, false])
    expect(text).toEqual([])
    await world.settle()
    expect(await ben.rows(issues)).toEqual([])
  })

  it('[SNAP-1, ING-4, HOR-1] a device that comes back with work, from below the floor, loads it and does not start over', async () => {
    const world = await open()
    const { projectId, issueIds } = await largeProject(world)
    const [issueId = ''] = issueIds
    const ben = await world.person('ben')
    await ben.online()
    const before = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    ben.offline()
    const done = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    for (const title of ['Foremast', 'Main mast']) await world.onServer(editIssue, { projectId, issueId, title }, 'ann')
    await world.compact({ ...defaultRetention, entriesMax: 1 })
    world.startServer(undefined, 'build-1', tight)
    await ben.online()
    await world.settle()
    expect(ben.trace.filter(({ kind }) => kind === 'reset')).toEqual([])
    expect([before.outcome(), done.outcome()]).toEqual(['applied', 'applied'])
    expect(await titlesOf(ben)).toContain('Main mast')
    await world.check()
  })

  it('[SNAP-1, ING-4] so does one that comes back with work to an ingest too large for an answer', async () => {
    const world = await open()
    const { projectId, todo, issueIds } = await largeProject(world)
    const [issueId = ''] = issueIds
    const ben = await world.person('ben')
    await ben.online()
    ben.offline()
    const done = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    world.startServer(undefined, 'build-1', { ...tight, charactersMax: 400 })
    await world.onServer(createIssue, { projectId, columnId: todo, title: 'x'.repeat(150) }, 'ann')
    await ben.online()
    await world.settle()
    expect(ben.trace.filter(({ kind }) => kind === 'reset')).toEqual([])
    expect(done.outcome()).toBe('applied')
    await world.check()
  })

  it('[SNAP-1] an ingest too large for an answer is passed by a snapshot of its audiences', async () => {
    const world = await open()
    const { projectId, todo } = await largeProject(world)
    const ben = await world.person('ben')
    await ben.online()
    world.startServer(undefined, 'build-1', { ...tight, charactersMax: 400 })
    await world.onServer(createIssue, { projectId, columnId: todo, title: 'x'.repeat(150) }, 'ann')
    const before = streamed(world)
    await world.settle()
    expect(streamed(world)).toBeGreaterThan(before)
    expect(await titlesOf(ben)).toContain('x'.repeat(150))
    await world.check()
  })

  it('[SNAP-1, CX-39] two projects whose issues change places come one after the other, and neither waits', async () => {
    const world = await open()
    const [here, there] = [await largeProject(world), await largeProject(world)]
    const ben = await world.person('ben')
    await ben.online()
    ben.offline()
    // No answer has room for one of these: both projects come as streams, and each as of another moment.
    world.startServer(undefined, 'build-1', { ...tight, charactersMax: 400 })
    const swap = async (from: typeof here, to: typeof here) => {
      const [issueId = ''] = from.issueIds
      const { projectId } = from
      await world.onServer(editIssue, { projectId, issueId, title: `${'x'.repeat(150)} from ${projectId}` }, 'ann')
      const place = { toProjectId: to.projectId, toColumnId: to.todo }
      await world.onServer(transferIssue, { projectId, issueId, ...place }, 'ann')
    }
    await swap(here, there)
    await swap(there, here)
    const before = streamed(world)
    await ben.online()
    await world.settle()
    expect(streamed(world)).toBeGreaterThanOrEqual(before + 2)
    const places = new Map((await ben.rows(issues)).map((issue) => [issue.id, issue.projectId]))
    expect(places.get(here.issueIds[0] ?? '')).toBe(there.projectId)
    expect(places.get(there.issueIds[0] ?? '')).toBe(here.projectId)
    await world.check()
  })
})

describe('a stream that breaks', () => {
  const open = worldsOn('pglite')

  it('[NET-1, FM-31] cut off anywhere, changes nothing; the next try brings everything', async () => {
    const world = await open()
    const { titles } = await largeProject(world)
    let cutAt = 0
    let length = Number.POSITIVE_INFINITY
    const ann = await world.person('ann', {
      stream: async (request, sink) => {
        const pieces: string[] = []
        const isHeld = await world.server.writeSnapshot('ann', request, async (piece) => void pieces.push(piece))
        const text = pieces.join('')
        length = text.length
        await sink(text.slice(0, cutAt))
        return isHeld
      },
    })
    for (cutAt = 0; cutAt < length; cutAt += 97) {
      await ann.online()
      expect(await ann.rows(issues), `cut at ${cutAt}`).toEqual([])
      expect(ann.trace.some((event) => event.kind === 'load-failed')).toBe(true)
      ann.offline()
    }
    cutAt = Number.POSITIVE_INFINITY
    await ann.online()
    await world.settle()
    expect(await titlesOf(ann)).toEqual([...titles].sort())
    await world.check()
  })

  it('[FM-07, FM-05] a device that dies while rows are on the stage begins anew and keeps what it did', async () => {
    const world = await open()
    const { projectId, titles, issueIds } = await largeProject(world)
    const [issueId = ''] = issueIds
    let isDying = true
    const ann = await world.person('ann', {
      stream: async (request, sink) => {
        if (!isDying) return world.server.writeSnapshot('ann', request, sink)
        // Half of it, and then nothing for ever: the process goes before more comes.
        const pieces: string[] = []
        await world.server.writeSnapshot('ann', request, async (piece) => void pieces.push(piece))
        await sink(pieces.slice(0, -1).join(''))
        return true
      },
    })
    await ann.online()
    ann.offline()
    await ann.restart()
    isDying = false
    await ann.online()
    await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await world.settle()
    expect(await titlesOf(ann)).toEqual([...titles].sort())
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 1 }])
    await world.check()
  })
})
