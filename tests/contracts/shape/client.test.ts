/** The unmodified client library of Electric, against the server of the shape: what it may rely on (SHP-3). */
import type { FetchError } from '@electric-sql/client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import { addMember, createIssue, removeMember } from '@/lib/actions'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { card } from '../../support/board'
import { closeDatabases, emptyDatabase, releaseDatabases } from '../../support/databases'
import type { Project, World } from '../../support/world'
import { eventually, type Reader, type ReaderOptions, readShape } from './reader'
import { openTarget, type Target, targets } from './targets'

describe.each(targets)('the shape of the log on %s', (kind) => {
  let target: Target
  let world: World
  let project: Project
  const readers: Reader[] = []

  beforeAll(async () => {
    if (kind !== 'electric') await emptyDatabase('server', kind)
    releaseDatabases()
  })
  beforeEach(async () => {
    target = await openTarget(kind)
    world = target.world
    project = await world.project('ann', { ben: 'editor' })
  })
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close()
    await target.close()
    releaseDatabases()
  })
  afterAll(closeDatabases)

  const issue = (title: string) =>
    world.onServer(createIssue, { projectId: project.projectId, columnId: project.todo, title }, 'ann')
  const read = (shapes: Awaited<ReturnType<Target['serve']>>, options: ReaderOptions) => {
    const reader = readShape(shapes, options)
    readers.push(reader)
    return reader
  }

  test('[SHP-3] from now on: nothing of before, then each ingest as a whole, in the order of the log', async () => {
    const shapes = await target.serve()
    const ben = read(shapes, { userId: 'ben' })
    const ann = read(shapes, { userId: 'ann' })
    await Promise.all([ben.upToDate(1), ann.upToDate(1)])
    expect([...ben.entries, ...ann.entries]).toEqual([])
    for (const title of ['Mast', 'Sail', 'Rope']) await issue(title)
    await eventually(() => expect([ben.titles(), ann.titles()]).toEqual(Array(2).fill(['Mast', 'Sail', 'Rope'])))
    // The author's ingest touches the project and their own audience: both or none are there at a safe point.
    for (const batch of ann.batches) {
      const ingests = new Map<string, string[]>()
      for (const { ingest, audience } of batch) ingests.set(ingest, [...(ingests.get(ingest) ?? []), audience])
      for (const audiences of ingests.values())
        expect(audiences.sort()).toEqual([`project:${project.projectId}`, 'user:ann'])
    }
    const numbers = ben.entries.map(({ seq }) => seq)
    expect(numbers).toEqual([...numbers].sort((left, right) => left - right))
  })

  test('[FM-35] resumed with an old handle and position it goes on exactly there', async () => {
    const shapes = await target.serve()
    const first = read(shapes, { userId: 'ben' })
    await first.upToDate(1)
    await issue('Mast')
    await eventually(() => expect(first.titles()).toEqual(['Mast']))
    const after = first.place()
    first.close()
    for (const title of ['Sail', 'Rope']) await issue(title)
    const second = read(shapes, { userId: 'ben', after })
    await eventually(() => expect(second.titles()).toEqual(['Sail', 'Rope']))
    await issue('Keel')
    await eventually(() => expect(second.titles()).toEqual(['Sail', 'Rope', 'Keel']))
    expect(second.controls).not.toContain('must-refetch')
  })

  test('[FM-35] after a restart of the server too, and what came meanwhile is not lost', async () => {
    const before = await target.serve()
    const first = read(before, { userId: 'ben' })
    await first.upToDate(1)
    const after = first.place()
    await before.close()
    first.close()
    await issue('Mast')
    world.startServer()
    const second = read(await target.serve(), { userId: 'ben', after })
    await eventually(() => expect(second.titles()).toEqual(['Mast']))
  })

  test('[SHP-3] an unknown handle is told to start over, and the client does', async () => {
    const shapes = await target.serve()
    const known = read(shapes, { userId: 'ben' })
    await known.upToDate(1)
    const reader = read(shapes, { userId: 'ben', after: { ...known.place(), handle: '1-1' } })
    await reader.upToDate(1)
    expect(reader.controls).toContain('must-refetch')
    const heard = reader.titles().length
    await issue('Mast')
    await eventually(() => expect(reader.titles().slice(heard)).toEqual(['Mast']))
  })

  test('[AB-28] the handle of somebody else’s shape opens nothing', async () => {
    const shapes = await target.serve()
    const ann = read(shapes, { userId: 'ann' })
    await ann.upToDate(1)
    const place = ann.place()
    await issue('Mast')
    const eve = read(shapes, { userId: 'eve', after: place })
    await eve.upToDate(1)
    expect(eve.controls).toContain('must-refetch')
    expect(eve.entries).toEqual([])
  })

  test('[SHP-3] a position outside of the log is refused, and an exchange has to say what to do', async () => {
    const shapes = await target.serve()
    const first = read(shapes, { userId: 'ben' })
    await first.upToDate(1)
    const { handle, offset } = first.place()
    const beyond = offset.startsWith('p') ? offset.replace(/[^.]+$/, 'zzzz') : '9999999999999_0'
    const reader = read(shapes, { userId: 'ben', after: { handle, offset: beyond } })
    await eventually(() => expect(reader.errors).toHaveLength(1))
    expect((reader.errors[0] as FetchError).status).toBe(400)
  })

  test('[AUD-5] from the start it never tells what was before the grant', async () => {
    for (const title of ['Secret', 'Plan']) await issue(title)
    await world.onServer(
      addMember,
      { projectId: project.projectId, userId: 'cid', ...card('cid'), role: 'editor' },
      'ann',
    )
    const shapes = await target.serve()
    const cid = read(shapes, { userId: 'cid', offset: '-1' })
    await cid.upToDate(1)
    await issue('Mast')
    await eventually(() => expect(cid.titles()).toContain('Mast'))
    expect(cid.titles()).toEqual(['Mast'])
  })

  test('[AUD-6] who loses an audience while waiting hears nothing of it any more', async () => {
    const shapes = await target.serve()
    const ben = read(shapes, { userId: 'ben' })
    await ben.upToDate(1)
    await world.onServer(removeMember, { projectId: project.projectId, userId: 'ben' }, 'ann')
    await issue('Secret')
    await eventually(() => expect(ben.controls).toContain('must-refetch'))
    await eventually(() =>
      expect(ben.controls.lastIndexOf('up-to-date')).toBeGreaterThan(ben.controls.indexOf('must-refetch')),
    )
    expect(ben.titles()).toEqual([])
  })

  test('[SHP-2] who gains an audience gets another shape, and the old handle is never good again', async () => {
    const shapes = await target.serve()
    const cid = read(shapes, { userId: 'cid' })
    await cid.upToDate(1)
    const before = cid.place()
    const join = () =>
      world.onServer(addMember, { projectId: project.projectId, userId: 'cid', ...card('cid'), role: 'editor' }, 'ann')
    await join()
    const joined = read(shapes, { userId: 'cid' })
    await joined.upToDate(1)
    const first = joined.place()
    expect(first.handle).not.toBe(before.handle)
    await world.onServer(removeMember, { projectId: project.projectId, userId: 'cid' }, 'ann')
    await issue('While away')
    await join()
    const again = read(shapes, { userId: 'cid', after: first })
    await again.upToDate(1)
    expect(again.controls).toContain('must-refetch')
    expect(again.titles()).toEqual([])
  })

  test('[DEP-2] tables of another build: nothing leaves a server that must not work any more, nor goes to a device with others', async () => {
    const shapes = await target.serve()
    const ask = shapes.fetchAs('ben')
    const other = await ask(`${shapes.url}?offset=now`, { headers: { 'x-beamline-schema': 'other' } })
    expect(other.status).toBe(400)
    const ben = read(shapes, { userId: 'ben' })
    await ben.upToDate(1)
    const { handle, offset } = ben.place()
    ben.close()
    const headers = { 'x-beamline-schema': schemaFingerprint }
    const waiting = ask(`${shapes.url}?offset=${offset}&handle=${handle}&live=true`, { headers })
    await eventually(() => expect(shapes.underWay()).toBe(1))
    const setSchema = (schema: string | null) =>
      createServerStore(world.store, model).transaction((tx) => tx.deploys.writeDeploy({ schema }))
    await setSchema('next')
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await issue('Mast')
    world.watch.wake(null)
    expect((await waiting).status).toBe(503)
    expect(String(logged.mock.lastCall?.[1])).toContain('db:migrate')
    logged.mockRestore()
    await setSchema(null)
  })

  test('[SHP-3] hundreds wait at once, and each hears', async () => {
    const people = Array.from({ length: 60 }, (_, index) => `sailor${index}`)
    for (const userId of people) {
      const member = { projectId: project.projectId, userId, ...card(userId), role: 'editor' } as const
      await world.onServer(addMember, member, 'ann')
    }
    const shapes = await target.serve()
    const crowd = people.flatMap((userId) => Array.from({ length: 4 }, () => read(shapes, { userId })))
    await Promise.all(crowd.map((reader) => reader.upToDate(1)))
    await eventually(() => expect(shapes.underWay()).toBe(240))
    await issue('Mast')
    await eventually(() => expect(crowd.filter((reader) => reader.titles().join() === 'Mast')).toHaveLength(240))
  })

  test('[SHP-3] who hangs up leaves nothing behind', async () => {
    const shapes = await target.serve()
    const crowd = Array.from({ length: 20 }, () => read(shapes, { userId: 'ben' }))
    await Promise.all(crowd.map((reader) => reader.upToDate(1)))
    await eventually(() => expect(shapes.underWay()).toBe(20))
    for (const reader of crowd) reader.close()
    await eventually(() => expect(shapes.underWay()).toBe(0))
    expect(world.watch.followed()).toEqual([])
  })
})
