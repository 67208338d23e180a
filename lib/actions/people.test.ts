import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { columns, comments, focusItems, issueLabels, issues, members, projects, settings } from '@/db/schema'
import { addIssue, type Board, card, issueRow, openBoard, rowsOf } from '@/tests/support/board'
import { closeDatabases, releaseDatabases } from '@/tests/support/databases'
import { addColumn, closeColumn, renameColumn, reorderColumn, setColumnLimit } from './column'
import { addComment, editComment, removeComment } from './comment'
import { addFocus, changeSettings, removeFocus, writeFocusNote } from './focus'
import { assignIssue } from './issue'
import { attachLabel, createLabel, detachLabel } from './label'
import { addMember, removeMember, setMemberRole } from './member'
import { createProject, renameProject } from './project'

describe('people and their things', () => {
  let board: Board
  let projectId: string
  beforeEach(async () => {
    board = await openBoard()
    projectId = board.projectId
  })
  afterEach(releaseDatabases)
  afterAll(closeDatabases)

  const run: Board['desk']['run'] = (action, input, author) => board.desk.run(action, input, author)
  const rows: <Table extends Parameters<typeof rowsOf>[1]>(table: Table) => Promise<Table['$inferSelect'][]> = (
    table,
  ) => rowsOf(board.desk.store, table)

  it('[AUD-4] whoever creates a project founds its audience and owns it', async () => {
    const founded = await run(createProject, { name: 'Second', key: 'SEC', owner: card('zoe') }, 'zoe')
    const own = (await rows(members)).filter((member) => member.projectId === founded.projectId)
    expect(own).toMatchObject([{ userId: 'zoe', role: 'owner', audience: `project:${founded.projectId}` }])
    expect((await rows(columns)).filter((column) => column.projectId === founded.projectId).map((c) => c.name)).toEqual(
      ['To do', 'In progress', 'Done'],
    )
    await expect(run(renameProject, { projectId: founded.projectId, name: 'x' }, 'ann')).rejects.toThrow('authority')
    await run(renameProject, { projectId: founded.projectId, name: 'Renamed' }, 'zoe')
    expect((await rows(projects)).map((project) => project.name).sort()).toEqual(['Regatta', 'Renamed'])
  })

  it('[AUD-3] only owners manage people, and a person is a member once', async () => {
    const add = (userId: string, author: string) =>
      run(addMember, { projectId, userId, ...card(userId), role: 'editor' }, author)
    await expect(add('zoe', 'ben')).rejects.toThrow('member.add: not-allowed')
    await add('zoe', 'ann')
    await expect(add('zoe', 'ann')).rejects.toMatchObject({
      message: 'member.add: already-member',
      details: { name: 'Zoe' },
    })
    const promote = run(setMemberRole, { projectId, userId: 'ben', role: 'owner' }, 'ben')
    await expect(promote).rejects.toThrow('member.setRole: not-allowed')
    await expect(run(removeMember, { projectId, userId: 'ben' }, 'vera')).rejects.toThrow('member.remove: not-allowed')
  })

  it('[ACT-3] anybody may leave, except the last owner', async () => {
    const issueId = await addIssue(board, 'Mast')
    await run(assignIssue, { projectId, issueId, assigneeId: 'ben' }, 'ann')
    await run(removeMember, { projectId, userId: 'ben' }, 'ben')
    await run(removeMember, { projectId, userId: 'vera' }, 'vera')
    expect((await issueRow(board, issueId)).assigneeId).toBeNull()
    await expect(run(removeMember, { projectId, userId: 'ann' }, 'ann')).rejects.toMatchObject({
      message: 'member.remove: last-owner',
      details: { name: 'Ann' },
    })
    const demote = run(setMemberRole, { projectId, userId: 'ann', role: 'viewer' }, 'ann')
    await expect(demote).rejects.toThrow('member.setRole: last-owner')
  })

  it('[AUD-3] comments are edited by their author, and removed by the author or an owner', async () => {
    const issueId = await addIssue(board, 'Mast')
    const { commentId } = await run(addComment, { projectId, issueId, body: ' Broken ' }, 'vera')
    await expect(run(editComment, { projectId, commentId, body: 'x' }, 'ann')).rejects.toThrow(
      'comment.edit: not-allowed',
    )
    await run(editComment, { projectId, commentId, body: 'Bent' }, 'vera')
    expect(await rows(comments)).toMatchObject([{ body: 'Bent', authorId: 'vera', authorName: 'Vera' }])
    await expect(run(removeComment, { projectId, commentId }, 'ben')).rejects.toThrow('comment.remove: not-allowed')
    await run(removeComment, { projectId, commentId }, 'ann')
    await expect(run(removeComment, { projectId, commentId }, 'vera')).rejects.toThrow('comment.remove: comment-gone')
  })

  it('[ACT-3] labels are unique by name and attached once', async () => {
    const issueId = await addIssue(board, 'Mast')
    const { labelId } = await run(createLabel, { projectId, name: 'bug', color: 'red' }, 'ben')
    const again = run(createLabel, { projectId, name: 'bug', color: 'blue' }, 'ann')
    await expect(again).rejects.toMatchObject({ message: 'label.create: label-exists', details: { name: 'bug' } })
    const link = { projectId, issueId, labelId }
    await run(attachLabel, link, 'ann')
    await run(attachLabel, link, 'ben')
    expect(await rows(issueLabels)).toHaveLength(1)
    await expect(run(detachLabel, link, 'vera')).rejects.toThrow('label.detach: not-allowed')
    await run(detachLabel, link, 'ann')
    await run(detachLabel, link, 'ann')
    expect(await rows(issueLabels)).toEqual([])
  })

  it('[ACT-1] columns are ordered, renamed and limited', async () => {
    const { columnId } = await run(addColumn, { projectId, name: 'Ideas', after: null }, 'ben')
    await run(reorderColumn, { projectId, columnId: board.done, after: columnId }, 'ben')
    await run(renameColumn, { projectId, columnId: board.done, name: 'Finished' }, 'ann')
    await run(setColumnLimit, { projectId, columnId, issueLimit: 5 }, 'ann')
    const order = (await rows(columns)).sort((a, b) => (a.rank < b.rank ? -1 : 1)).map((column) => column.name)
    expect(order).toEqual(['Ideas', 'Finished', 'To do', 'Doing'])
    await run(closeColumn, { projectId, columnId }, 'ann')
    const again = run(closeColumn, { projectId, columnId }, 'ben')
    await expect(again).rejects.toMatchObject({ message: 'column.close: column-closed', details: { by: 'Ann' } })
  })

  it('[ACT-2] my focus list assigns an issue to me only if my private setting says so and nobody has it', async () => {
    const [first, second, third] = [await addIssue(board, 'A'), await addIssue(board, 'B'), await addIssue(board, 'C')]
    await run(addFocus, { projectId, issueId: first, note: 'soon' }, 'ben')
    expect((await issueRow(board, first)).assigneeId).toBeNull()
    await run(changeSettings, { assignOnFocus: true }, 'ben')
    await run(addFocus, { projectId, issueId: second }, 'ben')
    expect((await issueRow(board, second)).assigneeId).toBe('ben')
    await run(changeSettings, { assignOnFocus: true }, 'ann')
    await run(addFocus, { projectId, issueId: second }, 'ann')
    expect((await issueRow(board, second)).assigneeId, 'somebody has it').toBe('ben')
    await run(changeSettings, { assignOnFocus: true }, 'vera')
    await run(addFocus, { projectId, issueId: third }, 'vera')
    expect((await issueRow(board, third)).assigneeId, 'a viewer').toBeNull()
    expect(await rows(settings)).toHaveLength(3)
  })

  it('[AUD-2] my notes are mine', async () => {
    const issueId = await addIssue(board, 'A')
    await run(addFocus, { projectId, issueId }, 'ben')
    await run(addFocus, { projectId, issueId, note: 'mine' }, 'ann')
    await run(writeFocusNote, { issueId, note: 'ask Ann' }, 'ben')
    await run(removeFocus, { issueId }, 'ann')
    expect(await rows(focusItems)).toMatchObject([{ userId: 'ben', audience: 'user:ben', note: 'ask Ann' }])
    await expect(run(writeFocusNote, { issueId, note: 'x' }, 'ann')).rejects.toThrow('focus.note: not-in-focus')
    expect((await rows(issues)).length).toBe(1)
  })
})
