/**
 * The stream that brings changes as they happen goes through proxies, caches, hotel networks and servers that restart. It
 * may be slow, cut, doubled or gone: rows stay, work stays, nothing counts twice, and nobody is asked in a tight loop.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { issues, issueVotes } from '@/db/schema'
import { createIssue, removeMember, voteForIssue } from '@/lib/actions'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import type { Person, PersonOptions } from '../support/person'
import { worldsOn } from '../support/scenario'
import { type Shapes, type ShapesOptions, serveShapes } from '../support/shapes'
import type { World } from '../support/world'

const patience = { timeout: 30_000, interval: 5 }
const eventually = (expectation: () => void | Promise<void>) => vi.waitFor(expectation, patience)

const open: Shapes[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((shapes) => shapes.close()))
})

type Through = NonNullable<ShapesOptions['through']>
const isLivePoll = (request: Request) => new URL(request.url).searchParams.get('live') === 'true'

async function boardWithTail(world: World, options: ShapesOptions & { person?: Partial<PersonOptions> } = {}) {
  const project = await world.project('ann', { ben: 'editor' })
  const shapes = await serveShapes(world, options)
  open.push(shapes)
  const ben = await world.person('ben', { tail: shapes.tailOf('ben'), ...options.person })
  await world.settle()
  const issue = (title: string) =>
    world.onServer(createIssue, { projectId: project.projectId, columnId: project.todo, title }, 'ann')
  return { ...project, shapes, ben, issue }
}

async function live(person: Person): Promise<void> {
  person.device.startTail()
  await eventually(() => expect(person.device.isTailing()).toBe(true))
  await person.device.resting()
}

const titles = async (person: Person) => (await person.rows(issues)).map((row) => row.title).sort()
const shows = (person: Person, ...expected: string[]) =>
  eventually(async () => expect(await titles(person)).toEqual(expected.sort()))
const tailEnds = ({ trace }: Person) =>
  trace.flatMap((event: DeviceTrace) => (event.kind === 'tail-ended' ? [event.error] : []))
/** Entries that were taken in, by the tail or by an exchange. */
const entriesTaken = ({ trace }: Person) =>
  trace.reduce((sum, event) => sum + (event.kind === 'received' ? event.entries : 0), 0)

describe('a stream that cannot be relied on', () => {
  const openWorld = worldsOn('pglite')

  it('[FM-33, SHP-4] ends again and again: rows stay, and it is asked for ever more rarely', async () => {
    const world = await openWorld()
    const through: Through = async (request, pass) =>
      isLivePoll(request)
        ? Response.json([], { status: 409, headers: { 'x-beamline': '1', 'electric-handle': '9-9' } })
        : pass(request)
    const { ben, issue, shapes } = await boardWithTail(world, { through })
    await issue('Mast')
    await ben.online()
    ben.device.startTail()
    await eventually(() => expect(tailEnds(ben)).toHaveLength(2))
    await ben.device.resting()
    const asked = shapes.asked.length
    world.clock.advance(400)
    expect(shapes.asked.length).toBe(asked)
    for (let ends = 3; ends < 8; ends += 1) {
      world.clock.advance(200_000)
      await eventually(() => expect(tailEnds(ben)).toHaveLength(ends))
      expect(await titles(ben)).toEqual(['Mast'])
    }
    await issue('Sail')
    await world.check()
  })

  it('[FM-35, REC-1] is cut at every poll: it goes on where it was, and nothing counts twice', async () => {
    const world = await openWorld()
    let cuts = 0
    const through: Through = async (request, pass) => {
      const answer = await pass(request)
      if (!isLivePoll(request) || cuts >= 3) return answer
      cuts += 1
      throw new Error('Cut by a proxy')
    }
    const { ben, issue } = await boardWithTail(world, { through })
    await live(ben)
    const before = entriesTaken(ben)
    ben.offline()
    for (const title of ['Mast', 'Sail', 'Rope', 'Keel']) {
      await issue(title)
    }
    await shows(ben, 'Mast', 'Sail', 'Rope', 'Keel')
    expect(cuts).toBe(3)
    expect(entriesTaken(ben) - before).toBe(4)
    await world.check()
  })

  it('[FM-36] a proxy strips a header: the trace names it, and exchanges go on', async () => {
    const world = await openWorld()
    const through: Through = async (request, pass) => {
      const answer = await pass(request)
      answer.headers.delete('electric-offset')
      return answer
    }
    const { ben, issue } = await boardWithTail(world, { through })
    ben.device.startTail()
    await eventually(() => expect(tailEnds(ben)).not.toEqual([]))
    expect(String(tailEnds(ben)[0])).toContain('electric-offset')
    await issue('Mast')
    await world.check()
    expect(await titles(ben)).toEqual(['Mast'])
  })

  it('[FM-36] a proxy drops the query: the server says what is missing, and exchanges go on', async () => {
    const world = await openWorld()
    const through: Through = (request, pass) => pass(new Request(request.url.replace(/\?.*/, ''), request))
    const { ben, issue } = await boardWithTail(world, { through })
    ben.device.startTail()
    await eventually(() => expect(tailEnds(ben)).not.toEqual([]))
    expect(String(tailEnds(ben)[0])).toContain('offset')
    await issue('Mast')
    await world.check()
  })

  it('[FM-34, AB-31] a cache between them keeps nothing, and never answers one person with another’s rows', async () => {
    const world = await openWorld()
    const kept = new Map<string, Response>()
    const through: Through = async (request, pass) => {
      const key = request.url.replace(/stream=[^&]*/, '')
      const found = kept.get(key)
      if (found) return found.clone()
      const answer = await pass(request)
      if (!answer.headers.get('cache-control')?.includes('no-store')) kept.set(key, answer.clone())
      return answer
    }
    const { ben, issue, shapes } = await boardWithTail(world, { through })
    const eve = await world.person('eve', { tail: shapes.tailOf('eve') })
    await eve.online()
    await live(ben)
    await live(eve)
    await issue('Mast')
    await shows(ben, 'Mast')
    expect(kept.size).toBe(0)
    expect(await titles(eve)).toEqual([])
    await world.check()
  })

  it('[SHP-4, NET-1] without a session it waits for one, and then goes on', async () => {
    const world = await openWorld()
    let isSignedIn = false
    const through: Through = (request, pass) =>
      pass(isSignedIn ? request : new Request(request.url, { signal: request.signal }))
    const { ben, issue, shapes } = await boardWithTail(world, { through })
    ben.device.startTail()
    await eventually(() =>
      expect(ben.trace).toContainEqual({ kind: 'tail-state', state: { kind: 'signed-out', attempt: 0 } }),
    )
    world.clock.advance(600_000)
    expect(shapes.asked).toHaveLength(1)
    isSignedIn = true
    ben.device.signedIn()
    await eventually(() => expect(ben.device.isTailing()).toBe(true))
    await issue('Mast')
    await shows(ben, 'Mast')
  })

  it('[FM-32, NET-1] the sign-in page of a hotel is no stream: it is tried again, and polling is not told to rest', async () => {
    const world = await openWorld()
    let isHotel = true
    const through: Through = async (request, pass) =>
      isHotel ? new Response('<html>Welcome</html>', { headers: { 'content-type': 'text/html' } }) : pass(request)
    const { ben, issue } = await boardWithTail(world, { through })
    ben.device.startTail()
    expect(ben.device.isTailing()).toBe(false)
    isHotel = false
    ben.device.wake(true)
    await eventually(() => expect(ben.device.isTailing()).toBe(true))
    expect(tailEnds(ben)).toEqual([])
    await issue('Mast')
    await shows(ben, 'Mast')
  })

  it('[AUD-5, SHP-2] ends with a membership: the exchange that follows takes the rows away', async () => {
    const world = await openWorld()
    const { ben, issue, projectId } = await boardWithTail(world)
    await live(ben)
    await issue('Mast')
    await shows(ben, 'Mast')
    await world.onServer(removeMember, { projectId, userId: 'ben' }, 'ann')
    await shows(ben)
    await world.check()
  })
})

describe('the stream and an exchange at the same time', () => {
  const openWorld = worldsOn('pglite')
  const totalOf = async (person: Person) => (await person.rows(issueVotes)).reduce((sum, row) => sum + row.total, 0)

  it('[CX-12, FM-40] an own action comes back by the stream while the answer to its push is lost: it counts once', async () => {
    const world = await openWorld()
    const { ben, issue, projectId } = await boardWithTail(world)
    const { issueId } = await issue('Mast')
    await live(ben)
    await shows(ben, 'Mast')
    ben.transport.otherwise('lose-answer')
    const vote = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    await eventually(() => expect(vote.outcome()).toBe('applied'))
    expect(await totalOf(ben)).toBe(1)
    expect(ben.pendingCount).toBe(0)
    await world.check()
    expect(await totalOf(ben)).toBe(1)
  })

  it('[REC-1, FM-40] what an older answer repeats is skipped, and what it lacks stays', async () => {
    const world = await openWorld()
    const { ben, issue } = await boardWithTail(world)
    await live(ben)
    await issue('Mast')
    await shows(ben, 'Mast')
    let deliver = (): void => undefined
    let isRead = (): void => undefined
    const read = new Promise<void>((resolve) => {
      isRead = resolve
    })
    ben.reach(async (request) => {
      const answer = await world.server.exchange('ben', request)
      isRead()
      await new Promise<void>((resolve) => {
        deliver = resolve
      })
      return answer
    })
    await issue('Sail')
    ben.device.wake(true)
    await read
    // The answer is on its way and knows of two; the stream brings the third first.
    await issue('Rope')
    await shows(ben, 'Mast', 'Sail', 'Rope')
    ben.reach((request) => world.server.exchange('ben', request))
    deliver()
    await ben.device.resting()
    expect(await titles(ben)).toEqual(['Mast', 'Rope', 'Sail'])
    await world.check()
  })

  it('[SNAP-1] an ingest too large for any answer shows as a gap, and the exchange takes a snapshot', async () => {
    const world = await openWorld()
    const page = { entriesMax: 1_000, snapshotRowsMax: 2_000, charactersMax: 600 }
    const { ben, issue } = await boardWithTail(world, { page })
    await live(ben)
    world.startServer(undefined, undefined, page)
    const exchanges = ben.transport.sent.length
    await issue('Mast '.repeat(30).trim())
    await eventually(async () => expect(await titles(ben)).toHaveLength(1))
    expect(ben.transport.sent.length).toBeGreaterThan(exchanges)
    await world.check()
  })
})
