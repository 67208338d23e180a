import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { comments, issueLabels, issues, issueVotes } from '@/db/schema'
import { addIssue, type Board, issueRow, openBoard, rowsOf } from '@/tests/support/board'
import { closeDatabases, releaseDatabases } from '@/tests/support/databases'
import { addComment } from './comment'
import { assignIssue, claimIssue, createIssue, deleteIssue, editIssue, voteForIssue } from './issue'
import { createLabel } from './label'
import { setMemberRole } from './member'
import { completeIssue } from './workflow'

describe('issues', () => {
  let board: Board
  let projectId: string
  beforeEach(async () => {
    board = await openBoard()
    projectId = board.projectId
  })
  afterEach(releaseDatabases)
  afterAll(closeDatabases)

  const run: Board['desk']['run'] = (action, input, author) => board.desk.run(action, input, author)

  it('[ACT-1] numbers follow each other, also after a deletion', async () => {
    await addIssue(board, 'One')
    const two = await addIssue(board, 'Two')
    await run(deleteIssue, { projectId, issueId: two }, 'ann')
    await addIssue(board, 'Three')
    const numbers = (await rowsOf(board.desk.store, issues)).map(({ number, title }) => [number, title])
    expect(numbers.sort()).toEqual([
      [1, 'One'],
      [3, 'Three'],
    ])
  })

  it('[ACT-3] a full column takes no new issue, and says why', async () => {
    await addIssue(board, 'One', { columnId: board.doing })
    await addIssue(board, 'Two', { columnId: board.doing })
    const third = addIssue(board, 'Three', { columnId: board.doing })
    await expect(third).rejects.toMatchObject({
      message: 'issue.create: column-full',
      details: { title: 'Three', number: null, column: 'Doing', limit: 2 },
    })
  })

  it('[ACT-1] carries labels, and goes with them, its comments and votes, by foreign key', async () => {
    const { labelId } = await run(createLabel, { projectId, name: 'bug', color: 'red' }, 'ben')
    const input = { projectId, columnId: board.todo, title: 'Leak', labelIds: [labelId, labelId] }
    const { issueId } = await run(createIssue, input, 'ben')
    await run(addComment, { projectId, issueId, body: 'Port side' }, 'vera')
    await run(voteForIssue, { projectId, issueId, add: 2 }, 'vera')
    const linked = async () =>
      Promise.all(
        [issueLabels, comments, issueVotes].map(async (table) => (await rowsOf(board.desk.store, table)).length),
      )
    expect(await linked()).toEqual([1, 1, 1])
    await run(deleteIssue, { projectId, issueId }, 'ben')
    expect(await linked()).toEqual([0, 0, 0])
  })

  it('[ACT-3] deleting a parent leaves its children without one', async () => {
    const parent = await addIssue(board, 'Boat')
    const child = await addIssue(board, 'Sail', { parentId: parent })
    await run(deleteIssue, { projectId, issueId: parent }, 'ben')
    expect((await issueRow(board, child)).parentId).toBeNull()
  })

  it('[ACT-3] edits carry only what changed', async () => {
    const issueId = await addIssue(board, 'Mast')
    await run(editIssue, { projectId, issueId, priority: 'high' }, 'ann')
    await run(editIssue, { projectId, issueId, title: 'Main mast', estimate: 3 }, 'ben')
    expect(await issueRow(board, issueId)).toMatchObject({ title: 'Main mast', priority: 'high', estimate: 3 })
  })

  it('[AUD-3] viewers neither create nor edit nor delete', async () => {
    const issueId = await addIssue(board, 'Mast')
    const create = run(createIssue, { projectId, columnId: board.todo, title: 'Mine' }, 'vera')
    await expect(create).rejects.toThrow('issue.create: not-allowed')
    await expect(run(editIssue, { projectId, issueId, title: 'x' }, 'vera')).rejects.toThrow('issue.edit: not-allowed')
    await expect(run(deleteIssue, { projectId, issueId }, 'vera')).rejects.toThrow('issue.delete: not-allowed')
    await expect(run(claimIssue, { projectId, issueId }, 'vera')).rejects.toThrow('issue.claim: not-allowed')
  })

  it('[ACT-3] families have two generations, whatever is tried', async () => {
    const parent = await addIssue(board, 'Boat')
    const child = await addIssue(board, 'Sail', { parentId: parent })
    const other = await addIssue(board, 'Harbour')
    const setParent = (issueId: string, parentId: string) => run(editIssue, { projectId, issueId, parentId }, 'ann')
    await expect(setParent(other, child)).rejects.toThrow('issue.edit: parent-is-child')
    await expect(setParent(parent, other)).rejects.toThrow('issue.edit: has-children')
    await expect(setParent(other, other)).rejects.toThrow('issue.edit: parent-is-child')
    const gone = '00000000-0000-4000-8000-00000000ffff'
    await expect(setParent(other, gone)).rejects.toThrow('issue.edit: parent-gone')
    await run(completeIssue, { projectId, issueId: other }, 'ann')
    await expect(setParent(child, other)).rejects.toThrow('issue.edit: parent-completed')
  })

  it('[ACT-3] only people who may edit are given issues', async () => {
    const issueId = await addIssue(board, 'Mast')
    const assign = (assigneeId: string | null) => run(assignIssue, { projectId, issueId, assigneeId }, 'ann')
    await expect(assign('vera')).rejects.toMatchObject({ message: 'issue.assign: viewers-take-no-issues' })
    await expect(assign('nobody')).rejects.toThrow('issue.assign: not-a-member')
    await assign('ben')
    await run(setMemberRole, { projectId, userId: 'ben', role: 'viewer' }, 'ann')
    expect((await issueRow(board, issueId)).assigneeId).toBeNull()
  })

  it('[ACT-3] a claim needs a free issue, and tells who has it', async () => {
    const issueId = await addIssue(board, 'Mast')
    await run(claimIssue, { projectId, issueId }, 'ben')
    await run(claimIssue, { projectId, issueId }, 'ben')
    await expect(run(claimIssue, { projectId, issueId }, 'ann')).rejects.toMatchObject({
      message: 'issue.claim: already-claimed',
      details: { number: 1, title: 'Mast', by: 'Ben', at: '2026-03-02T09:05:00.000Z' },
    })
  })

  it('[ACT-3] votes add up and never fall below zero', async () => {
    const issueId = await addIssue(board, 'Mast')
    const vote = (add: number, author: string) => run(voteForIssue, { projectId, issueId, add }, author)
    expect(await vote(2, 'vera')).toEqual({ total: 2 })
    expect(await vote(3, 'ben')).toEqual({ total: 5 })
    await expect(vote(-6, 'ann')).rejects.toThrow('issue.vote: votes-below-zero')
    expect(await vote(-5, 'ann')).toEqual({ total: 0 })
  })
})
