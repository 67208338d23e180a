import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { comments, issueLabels, issueVotes } from '@/db/schema'
import { addIssue, addProject, type Board, card, issueRow, openBoard, rowsOf, titlesIn } from '@/tests/support/board'
import { closeDatabases, releaseDatabases } from '@/tests/support/databases'
import { archiveDone, closeColumn, reopenColumn, setColumnLimit } from './column'
import { addComment } from './comment'
import { assignIssue, createIssue, voteForIssue } from './issue'
import { attachLabel, createLabel } from './label'
import { addMember } from './member'
import { completeIssue, moveIssue, reopenIssue, transferIssue } from './workflow'

describe('the way of an issue', () => {
  let board: Board
  let projectId: string
  beforeEach(async () => {
    board = await openBoard()
    projectId = board.projectId
  })
  afterEach(releaseDatabases)
  afterAll(closeDatabases)

  const run: Board['desk']['run'] = (action, input, author) => board.desk.run(action, input, author)
  const move = (issueId: string, columnId: string, after?: string | null) =>
    run(moveIssue, { projectId, issueId, columnId, after }, 'ben')

  it('[ACT-1] goes to the top, behind another, or to the end', async () => {
    const a = await addIssue(board, 'A')
    const b = await addIssue(board, 'B')
    const c = await addIssue(board, 'C')
    await move(c, board.todo, null)
    expect(await titlesIn(board, board.todo)).toEqual(['C', 'A', 'B'])
    await move(c, board.todo, a)
    expect(await titlesIn(board, board.todo)).toEqual(['A', 'C', 'B'])
    await move(a, board.todo)
    expect(await titlesIn(board, board.todo)).toEqual(['C', 'B', 'A'])
    await move(b, board.doing)
    await move(a, board.todo, b)
    expect(await titlesIn(board, board.todo), 'behind an issue that left: at the end').toEqual(['C', 'A'])
  })

  it('[ACT-3] a closed column takes nothing, and says who closed it and when', async () => {
    const issueId = await addIssue(board, 'Mast')
    await run(closeColumn, { projectId, columnId: board.doing }, 'ben')
    await expect(move(issueId, board.doing)).rejects.toMatchObject({
      message: 'issue.move: column-closed',
      details: { number: 1, title: 'Mast', column: 'Doing', by: 'Ben', at: '2026-03-02T09:05:00.000Z' },
    })
    await run(reopenColumn, { projectId, columnId: board.doing }, 'ann')
    await move(issueId, board.doing)
    expect(await titlesIn(board, board.doing)).toEqual(['Mast'])
  })

  it('[ACT-3] a full column takes nothing, but order within it may change', async () => {
    const a = await addIssue(board, 'A', { columnId: board.doing })
    const b = await addIssue(board, 'B', { columnId: board.doing })
    const c = await addIssue(board, 'C')
    await expect(move(c, board.doing)).rejects.toThrow('issue.move: column-full')
    await move(a, board.doing, b)
    expect(await titlesIn(board, board.doing)).toEqual(['B', 'A'])
    const lower = run(setColumnLimit, { projectId, columnId: board.doing, issueLimit: 1 }, 'ann')
    await expect(lower).rejects.toMatchObject({ message: 'column.setLimit: column-holds-more', details: { holds: 2 } })
  })

  it('[ACT-3] a parent is completed after its children, and reopened before them', async () => {
    const parent = await addIssue(board, 'Boat')
    const child = await addIssue(board, 'Sail', { parentId: parent })
    const complete = (issueId: string) => run(completeIssue, { projectId, issueId }, 'ann')
    await expect(complete(parent)).rejects.toMatchObject({
      message: 'issue.complete: children-open',
      details: { number: 1, title: 'Boat', children: [2] },
    })
    await expect(move(parent, board.done)).rejects.toThrow('issue.move: children-open')
    await complete(child)
    await complete(parent)
    const reopen = (issueId: string) => run(reopenIssue, { projectId, issueId }, 'ann')
    await expect(reopen(child)).rejects.toThrow('issue.reopen: parent-completed')
    await reopen(parent)
    await reopen(child)
    const late = addIssue(board, 'Rope', { parentId: parent })
    await expect(late).resolves.toBeTruthy()
  })

  it('[ACT-3] moving into a done column completes, moving out reopens', async () => {
    const issueId = await addIssue(board, 'Mast')
    await move(issueId, board.done)
    expect((await issueRow(board, issueId)).completedAt?.toISOString()).toBe('2026-03-02T09:05:00.000Z')
    await move(issueId, board.doing)
    expect((await issueRow(board, issueId)).completedAt).toBeNull()
    await run(completeIssue, { projectId, issueId }, 'ann')
    await move(issueId, board.todo)
    expect((await issueRow(board, issueId)).completedAt, 'completed in place stays so').not.toBeNull()
  })

  it('[ACT-3] archiving a column takes all of its issues, or none', async () => {
    const archive = () => run(archiveDone, { projectId, columnId: board.done }, 'ann')
    await expect(archive()).rejects.toThrow('column.archiveDone: nothing-to-archive')
    const a = await addIssue(board, 'A', { columnId: board.done })
    await addIssue(board, 'B', { columnId: board.done })
    await run(reopenIssue, { projectId, issueId: a }, 'ben')
    await expect(archive()).rejects.toMatchObject({
      message: 'column.archiveDone: issues-open',
      details: { column: 'Done', open: 1, number: 1, title: 'A' },
    })
    await run(completeIssue, { projectId, issueId: a }, 'ben')
    expect(await archive()).toEqual({ archived: 2 })
    await expect(move(a, board.todo)).rejects.toThrow('issue.move: issue-archived')
  })

  it('[AUD-1] goes to another project with comments and votes, without labels and family, under a new number', async () => {
    const there = await addProject(board.desk, 'ben')
    await run(createIssue, { projectId: there.projectId, columnId: there.todo, title: 'First there' }, 'ben')
    const parent = await addIssue(board, 'Boat')
    const child = await addIssue(board, 'Sail', { parentId: parent })
    const { labelId } = await run(createLabel, { projectId, name: 'bug', color: 'red' }, 'ann')
    await run(attachLabel, { projectId, issueId: parent, labelId }, 'ann')
    await run(addComment, { projectId, issueId: parent, body: 'Hello' }, 'vera')
    await run(voteForIssue, { projectId, issueId: parent, add: 4 }, 'vera')
    await run(assignIssue, { projectId, issueId: parent, assigneeId: 'ben' }, 'ann')
    const input = { projectId, issueId: parent, toProjectId: there.projectId, toColumnId: there.done }
    expect(await run(transferIssue, input, 'ben')).toEqual({ number: 2 })
    const moved = await issueRow(board, parent)
    expect(moved).toMatchObject({
      projectId: there.projectId,
      audience: `project:${there.projectId}`,
      assigneeId: 'ben',
    })
    expect(moved.completedAt).not.toBeNull()
    expect((await issueRow(board, child)).parentId).toBeNull()
    expect(await rowsOf(board.desk.store, issueLabels)).toEqual([])
    expect(await rowsOf(board.desk.store, comments)).toMatchObject([{ projectId: there.projectId, authorName: 'Vera' }])
    expect(await rowsOf(board.desk.store, issueVotes)).toMatchObject([{ projectId: there.projectId, total: 4 }])
  })

  it('[AUD-3] a transfer needs an editor on both sides', async () => {
    const there = await addProject(board.desk, 'zoe')
    const issueId = await addIssue(board, 'Boat')
    const transfer = (author: string) =>
      run(transferIssue, { projectId, issueId, toProjectId: there.projectId, toColumnId: there.todo }, author)
    await expect(transfer('ann'), 'not a member there').rejects.toThrow('issue.transfer: authority')
    await expect(transfer('vera'), 'a viewer on both sides').rejects.toThrow('issue.transfer: not-allowed')
    await run(addMember, { projectId: there.projectId, userId: 'ann', ...card('ann'), role: 'viewer' }, 'zoe')
    await expect(transfer('ann'), 'a viewer there').rejects.toThrow('issue.transfer: not-allowed')
    await run(addMember, { projectId, userId: 'zoe', ...card('zoe'), role: 'viewer' }, 'ann')
    await expect(transfer('zoe'), 'a viewer here, an owner there').rejects.toThrow('issue.transfer: not-allowed')
    await transfer('ben')
    expect((await issueRow(board, issueId)).projectId).toBe(there.projectId)
  })
})
