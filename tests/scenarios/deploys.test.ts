/**
 * A new build is deployed while people work: some have the page of last week open, others have been on the train since
 * yesterday. Nobody loses anything, nobody sees rows that do not fit their tables, and what was decided stays decided.
 */
import { describe, expect, it } from 'vitest'
import { schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import { issues, issueVotes } from '@/db/schema'
import { actions, claimIssue, createIssue, editIssue, voteForIssue } from '@/lib/actions'
import { acceptBuild } from '@/lib/sync/server/serving'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'

async function oneIssue(world: World) {
  const project = await world.project('ann', { ben: 'editor' })
  const input = { projectId: project.projectId, columnId: project.todo, title: 'Mast' }
  return { ...project, ...(await world.onServer(createIssue, input, 'ann')) }
}

const deployed = (world: World, build: string, shipped: Record<string, string>) => {
  world.deploy = { schema: schemaFingerprint, shipped }
  return world.startServer(actions, build)
}

describe.each(storeKinds)('a deploy, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[DEP-2, FM-72] a page with the tables of last week: its work is taken and answered, it is asked to reload, and its rows stay', async () => {
    const world = await open()
    deployed(world, '100', {})
    const { projectId, todo, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ben.reach((request) => world.server.exchange('ben', { ...request, schema: 'last week' }))
    await ann.do(claimIssue, { projectId, issueId })
    await ann.sync()
    const claimed = await ben.do(claimIssue, { projectId, issueId })
    // More than one exchange carries: all of it is taken although nothing is confirmed meanwhile.
    for (let vote = 0; vote < 103; vote += 1) await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    const made = await ben.do(createIssue, { projectId, columnId: todo, title: 'From an old page' })
    await ben.online()
    expect(ben.device.status.get()).toMatchObject({ kind: 'needs-update', message: expect.stringContaining('kept') })
    expect(claimed.outcome()).toBe('rejected')
    expect(ben.trace.filter(({ kind }) => kind === 'reset')).toEqual([])
    expect(await world.accepted()).toEqual(expect.arrayContaining([expect.objectContaining({ id: made.actionId })]))
    expect((await ben.rows(issues)).map(({ title, assigneeId }) => [title, assigneeId])).toEqual([
      ['Mast', null],
      ['From an old page', null],
    ])
    const sent = ben.transport.sent.length
    await ben.online()
    // What is answered is not sent again and again.
    expect(ben.transport.sent.slice(sent).flatMap((request) => request.actions)).toEqual([])

    // The page is loaded anew.
    ben.reach((request) => world.server.exchange('ben', request))
    await ben.restart()
    await world.check()
    expect(await ben.rows(issueVotes)).toMatchObject([{ total: 103 }])
    expect((await ben.rows(issues)).find(({ id }) => id === issueId)?.assigneeId).toBe('ann')
  })

  it('[DEP-1, CX-7] changed code: what was done before on the train comes last, and its author is told', async () => {
    const world = await open()
    deployed(world, '100', { 'action issue.edit@1': 'before' })
    const { projectId, issueId } = await oneIssue(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ben.offline()
    const late = await ben.do(editIssue, { projectId, issueId, title: 'From the train' })
    await ann.do(editIssue, { projectId, issueId, title: 'From the office' })
    await ann.sync()
    deployed(world, '200', { 'action issue.edit@1': 'after' })
    const before = world.replays
    await world.check()
    expect(world.replays).toBe(before)
    expect(late.receipt()).toMatchObject({ status: 'applied', restamped: true })
    expect(await ann.rows(issues)).toMatchObject([{ title: 'From the train' }])
  })

  it('[DEP-1, CX-48] a rollback: the older build does not work until it is accepted, and devices keep what they have', async () => {
    const world = await open()
    deployed(world, '100', { 'action issue.edit@1': 'before' })
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann')
    await world.settle()
    deployed(world, '200', { 'action issue.edit@1': 'after' })
    await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await ann.online()
    deployed(world, '100', { 'action issue.edit@1': 'before' })
    // A failing server is a 503: whoever asks hears nothing of why.
    const asked = world.server
    ann.reach((request) => asked.exchange('ann', request))
    await ann.do(voteForIssue, { projectId, issueId, add: 1 })
    await expect(asked.exchange('ann', ann.transport.sent.at(-1)!)).rejects.toMatchObject({ name: 'NotServing' })
    await ann.online()
    expect(ann.device.status.get()).toMatchObject({ kind: 'offline', pendingCount: 1 })
    await acceptBuild(createServerStore(world.store, model), '100')
    world.clock.advance(60_000)
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 2 }])
  })
})
