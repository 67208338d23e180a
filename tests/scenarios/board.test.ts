/**
 * A board that several people change while some of them cannot see it: columns are closed, issues deleted, archived or
 * carried to another project, and work that was done on the old picture arrives later.
 */
import { describe, expect, it } from 'vitest'
import { columns, comments, issueLabels, issues, issueVotes, labels } from '@/db/schema'
import {
  addComment,
  addMember,
  archiveDone,
  attachLabel,
  closeColumn,
  completeIssue,
  createIssue,
  createLabel,
  deleteIssue,
  detachLabel,
  moveIssue,
  removeComment,
  reopenIssue,
  transferIssue,
  voteForIssue,
} from '@/lib/actions'
import { card } from '../support/board'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'
import type { Project, World } from '../support/world'

async function issueIn(
  world: World,
  project: Project,
  { title, columnId = project.todo }: { title: string; columnId?: string },
) {
  const input = { projectId: project.projectId, columnId, title }
  return (await world.onServer(createIssue, input, 'ann')).issueId
}

describe.each(storeKinds)('a board in motion, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[ORA-1] a comment on an issue deleted before it is rejected; one written before goes along', async () => {
    const world = await open()
    const project = await world.project('ann', { ben: 'editor', vera: 'viewer' })
    const { projectId } = project
    const issueId = await issueIn(world, project, { title: 'Mast' })
    const [ann, ben, vera] = [await world.person('ann'), await world.person('ben'), await world.person('vera')]
    await world.settle()
    for (const person of world.people) person.offline()
    const before = await vera.do(addComment, { projectId, issueId, body: 'It leans' })
    const removal = await ann.do(deleteIssue, { projectId, issueId })
    const after = await ben.do(addComment, { projectId, issueId, body: 'It does' })
    // The comment that comes last is shown until the deletion is known, whoever arrives first.
    await ben.online()
    expect(await ben.rows(comments)).toHaveLength(1)
    await world.check()
    expect(await ben.rows(comments)).toEqual([])
    expect(before.outcome()).toBe('applied')
    expect(removal.outcome()).not.toBe('rejected')
    expect(after.receipt()).toMatchObject({ status: 'rejected', reason: 'issue-gone' })
  })

  it('[ORA-1] a move into a column closed meanwhile is rejected, and says who closed it and when', async () => {
    const world = await open()
    const project = await world.project('ann', { ben: 'editor' })
    const { projectId, doing } = project
    const issueId = await issueIn(world, project, { title: 'Mast' })
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    await ben.do(closeColumn, { projectId, columnId: doing })
    const move = await ann.do(moveIssue, { projectId, issueId, columnId: doing })
    await ann.online()
    expect(move.outcome()).toBe('applied')
    await world.check()
    const [closed] = (await ann.rows(columns)).filter((column) => column.id === doing)
    expect(move.receipt()).toMatchObject({
      status: 'rejected',
      reason: 'column-closed',
      details: { column: 'Doing', by: 'Ben', at: closed?.closedAt?.toISOString(), title: 'Mast', number: 1 },
    })
    expect(await ben.rows(issues)).toMatchObject([{ columnId: project.todo }])
  })

  it('[ORA-1] archiving a whole column is taken back when one of its issues was reopened before', async () => {
    const world = await open()
    const project = await world.project('ann', { ben: 'editor' })
    const { projectId, done } = project
    const ids = [
      await issueIn(world, project, { title: 'A', columnId: done }),
      await issueIn(world, project, { title: 'B', columnId: done }),
    ]
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    await ben.do(reopenIssue, { projectId, issueId: ids[0]! })
    const archive = await ann.do(archiveDone, { projectId, columnId: done })
    expect(archive.value).toEqual({ archived: 2 })
    await ann.online()
    expect((await ann.rows(issues)).filter((issue) => issue.archivedAt)).toHaveLength(2)
    await world.check()
    expect((await ann.rows(issues)).filter((issue) => issue.archivedAt)).toEqual([])
    expect(archive.receipt()).toMatchObject({
      status: 'rejected',
      reason: 'issues-open',
      details: { open: 1, title: 'A' },
    })
  })

  it('[ORA-1] a parent is not complete when a child was added before', async () => {
    const world = await open()
    const project = await world.project('ann', { ben: 'editor' })
    const { projectId, todo } = project
    const issueId = await issueIn(world, project, { title: 'Boat' })
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    const early = await ben.do(createIssue, { projectId, columnId: todo, title: 'Sail', parentId: issueId })
    const complete = await ann.do(completeIssue, { projectId, issueId })
    const late = await ben.do(createIssue, { projectId, columnId: todo, title: 'Rope', parentId: issueId })
    await world.check()
    expect(complete.receipt()).toMatchObject({
      status: 'rejected',
      reason: 'children-open',
      details: { children: [2] },
    })
    expect([early.outcome(), late.outcome()]).toEqual(['applied', 'applied'])
  })

  it('[ORA-1] two people who drop issues at the same spot and create the same label agree in the end', async () => {
    const world = await open()
    const project = await world.project('ann', { ben: 'editor' })
    const { projectId, todo } = project
    const ids: string[] = []
    for (const title of ['A', 'B', 'C', 'D']) ids.push(await issueIn(world, project, { title: title }))
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    await ann.do(moveIssue, { projectId, issueId: ids[2]!, columnId: todo, after: ids[0]! })
    await ben.do(moveIssue, { projectId, issueId: ids[3]!, columnId: todo, after: ids[0]! })
    const bug = { projectId, name: 'bug', color: 'red' }
    const first = await ann.do(createLabel, bug)
    const second = await ben.do(createLabel, bug)
    const attach = await ben.do(attachLabel, { projectId, issueId: ids[0]!, labelId: second.value.labelId })
    await world.check()
    const order = (await ann.rows(issues)).sort((a, b) => (a.rank < b.rank ? -1 : 1)).map((issue) => issue.title)
    expect(order).toEqual(['A', 'D', 'C', 'B'])
    expect(await ben.rows(labels)).toMatchObject([{ id: first.value.labelId }])
    expect(second.receipt()).toMatchObject({ status: 'rejected', reason: 'label-exists' })
    expect(attach.receipt(), 'what depended on it falls with it').toMatchObject({
      status: 'rejected',
      reason: 'label-gone',
    })
  })

  it('[CX-1] an issue carried to another project and back is where it belongs, on devices of either or both', async () => {
    const world = await open()
    const here = await world.project('ann', { ben: 'editor', vera: 'viewer' })
    const there = await world.project('ann', { ben: 'editor', carla: 'editor' })
    const issueId = await issueIn(world, here, { title: 'Mast' })
    await world.onServer(addComment, { projectId: here.projectId, issueId, body: 'Hello' }, 'vera')
    const { labelId } = await world.onServer(
      createLabel,
      { projectId: here.projectId, name: 'bug', color: 'red' },
      'ann',
    )
    await world.onServer(attachLabel, { projectId: here.projectId, issueId, labelId }, 'ann')
    await world.onServer(voteForIssue, { projectId: here.projectId, issueId, add: 3 }, 'vera')
    const [ann, vera, carla] = [await world.person('ann'), await world.person('vera'), await world.person('carla')]
    await world.settle()
    const over = { projectId: here.projectId, issueId, toProjectId: there.projectId, toColumnId: there.todo }
    const back = { projectId: there.projectId, issueId, toProjectId: here.projectId, toColumnId: here.todo }
    ann.offline()
    await ann.do(transferIssue, over)
    await ann.do(transferIssue, back)
    await ann.do(transferIssue, over)
    await world.check()
    expect(await vera.rows(issues)).toEqual([])
    expect(await carla.rows(issues)).toMatchObject([{ id: issueId, projectId: there.projectId, number: 2 }])
    expect(await carla.rows(comments)).toMatchObject([{ body: 'Hello' }])
    expect(await carla.rows(issueVotes)).toMatchObject([{ total: 3 }])
    expect(await ann.rows(issueLabels)).toEqual([])

    // One step at a time, with everybody listening in between.
    for (const step of [back, over, back]) {
      await ann.do(transferIssue, step)
      await world.checkDevices()
    }
    await world.check()
    expect(await vera.rows(comments)).toMatchObject([{ body: 'Hello' }])
    expect(await carla.rows(issues)).toEqual([])
  })

  it('[CX-1b] what is made and removed in one push stays removed, and what is removed and made again is there', async () => {
    const world = await open()
    const project = await world.project('ann', { ben: 'editor' })
    const { projectId } = project
    const issueId = await issueIn(world, project, { title: 'Mast' })
    const { labelId } = await world.onServer(createLabel, { projectId, name: 'bug', color: 'red' }, 'ann')
    const link = { projectId, issueId, labelId }
    await world.onServer(attachLabel, link, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    const comment = await ann.do(addComment, { projectId, issueId, body: 'Never mind' })
    await ann.do(removeComment, { projectId, commentId: comment.value.commentId })
    await ann.do(detachLabel, link)
    await ann.do(attachLabel, link)
    const passing = await ann.do(createIssue, { projectId, columnId: project.todo, title: 'Passing' })
    await ann.do(deleteIssue, { projectId, issueId: passing.value.issueId })
    await world.check()
    expect(await ben.rows(comments)).toEqual([])
    expect(await ben.rows(issueLabels)).toMatchObject([{ issueId, labelId }])
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Mast' }])
  })

  it('[CX-1c] a row that moved while a device was away is there once, whichever of both projects was joined since', async () => {
    const world = await open()
    const here = await world.project('ann', { ben: 'editor' })
    const there = await world.project('ann')
    const [first, second] = [
      await issueIn(world, here, { title: 'Goes' }),
      await issueIn(world, there, { title: 'Comes' }),
    ]
    const ben = await world.person('ben')
    await world.settle()
    ben.offline()
    const carry = (issueId: string, from: Project, to: Project) =>
      world.onServer(
        transferIssue,
        { projectId: from.projectId, issueId, toProjectId: to.projectId, toColumnId: to.todo },
        'ann',
      )
    await carry(first, here, there)
    await carry(second, there, here)
    const { projectId } = there
    await world.onServer(addMember, { projectId, userId: 'ben', ...card('ben'), role: 'editor' }, 'ann')
    await world.check()
    const found = (await ben.rows(issues)).map((issue) => [issue.title, issue.projectId]).sort()
    expect(found).toEqual([
      ['Comes', here.projectId],
      ['Goes', there.projectId],
    ])
  })

  it('[FM-69] work on an issue that was carried away before is rejected, and nothing of the other project shows', async () => {
    const world = await open()
    const here = await world.project('ann', { ben: 'editor' })
    const there = await world.project('ann')
    const issueId = await issueIn(world, here, { title: 'Mast' })
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    await ann.do(transferIssue, {
      ...{ projectId: here.projectId, issueId, toProjectId: there.projectId, toColumnId: there.todo },
    })
    const comment = await ben.do(addComment, { projectId: here.projectId, issueId, body: 'Where is it?' })
    const finish = await ben.do(completeIssue, { projectId: here.projectId, issueId })
    await world.check()
    for (const done of [comment, finish]) {
      expect(done.receipt()).toMatchObject({ status: 'rejected', reason: 'issue-gone', details: null })
    }
    expect(ben.heard.join('\n'), '[AUD-6]').not.toContain(there.projectId)
  })
})
