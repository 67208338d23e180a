/**
 * People come and go while their devices are away: they are removed, come back, change roles, found projects on a
 * train. What they may do is decided in the same history as everything else, and what they may see ends there too.
 */
import { describe, expect, it } from 'vitest'
import { focusItems, issues, issueVotes, members, projects, settings } from '@/db/schema'
import {
  addComment,
  addFocus,
  addMember,
  changeSettings,
  createIssue,
  createProject,
  editIssue,
  removeMember,
  setMemberRole,
  voteForIssue,
} from '@/lib/actions'
import { card } from '../support/board'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'

describe.each(storeKinds)('people who come and go, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[FM-70] a private setting changed on one device decides what everybody sees of an action of another', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [phone, desk, ben] = [await world.person('ann'), await world.person('ann'), await world.person('ben')]
    await world.settle()
    phone.offline()
    desk.offline()
    await phone.do(changeSettings, { assignOnFocus: true })
    const focus = await desk.do(addFocus, { projectId, issueId, note: 'secret of Ann' })
    expect(await desk.rows(issues)).toMatchObject([{ assigneeId: null }])
    await desk.online()
    await ben.sync()
    expect(await ben.rows(issues)).toMatchObject([{ assigneeId: null }])
    await world.check()
    expect(await ben.rows(issues)).toMatchObject([{ assigneeId: 'ann' }])
    expect(focus.receipt()).toMatchObject({ status: 'corrected', reason: null })
    expect(await phone.rows(focusItems)).toMatchObject([{ note: 'secret of Ann' }])
    expect(await ben.rows(settings)).toEqual([])
    expect(await ben.rows(focusItems)).toEqual([])
  })

  it('[CX-11] nothing of a private audience reaches anybody else, and no input of an action does', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const other = await world.project('ann')
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    await ann.do(changeSettings, { assignOnFocus: true })
    await ann.do(addFocus, { projectId, issueId, note: 'canary-note' })
    await ann.do(createIssue, { projectId: other.projectId, columnId: other.todo, title: 'canary-title' })
    // The input is dropped by the rule: what two people write at once, only one keeps.
    ben.offline()
    await ann.do(editIssue, { projectId, issueId, title: 'Overwritten' })
    await world.check()
    const heard = ben.heard.join('\n')
    for (const secret of ['canary-note', 'canary-title', other.projectId, 'user:ann'])
      expect(heard).not.toContain(secret)
    expect(ann.heard.join('\n')).toContain('canary-note')
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Overwritten', assigneeId: 'ann' }])
  })

  it('[CX-3] work of a removed member is refused for good, also when history is replayed later', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor', carla: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben, carla] = [await world.person('ann'), await world.person('ben'), await world.person('carla')]
    await world.settle()
    for (const person of world.people) person.offline()
    await carla.do(voteForIssue, { projectId, issueId, add: 1 })
    const work = [
      await ben.do(editIssue, { projectId, issueId, title: 'Ben was here' }),
      await ben.do(voteForIssue, { projectId, issueId, add: 5 }),
    ]
    const mine = await ben.do(changeSettings, { assignOnFocus: true })
    await ann.do(removeMember, { projectId, userId: 'ben' })
    await ann.online()
    await ben.online()
    for (const done of work) expect(done.receipt()).toMatchObject({ status: 'refused', reason: 'authority' })
    expect(mine.outcome(), 'what does not name the project goes through').toBe('applied')
    expect(await ben.rows(projects), '[AUD-5] and nothing of the project stays here').toEqual([])
    expect(await ben.rows(issues)).toEqual([])
    // Carla's vote is older than the removal: it is replayed after it, and Ben's work must not come back.
    await world.check()
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Mast' }])
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 1 }])
    for (const done of work) expect(done.outcome()).toBe('refused')
  })

  it('[CX-2] a removal done earlier and known later takes back what was accepted meanwhile', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    await ann.do(removeMember, { projectId, userId: 'ben' })
    const edit = await ben.do(editIssue, { projectId, issueId, title: 'Ben was here' })
    expect(edit.outcome()).toBe('applied')
    await world.check()
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Mast' }])
    expect(edit.receipt()).toMatchObject({ status: 'rejected', reason: 'authority', details: null })
    expect(await ben.rows(issues)).toEqual([])
  })

  it('[CX-3b] whoever was removed and added again starts from a snapshot, and what lies between stays rejected', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    await ann.do(removeMember, { projectId, userId: 'ben' })
    const between = await ben.do(editIssue, { projectId, issueId, title: 'Between' })
    await ann.do(createIssue, { projectId, columnId: todo, title: 'Meanwhile' })
    await ann.do(addMember, { projectId, userId: 'ben', ...card('ben'), role: 'editor' })
    const after = await ben.do(voteForIssue, { projectId, issueId, add: 1 })
    await world.check()
    expect(between.receipt()).toMatchObject({ status: 'rejected', reason: 'authority' })
    expect(after.outcome()).toBe('applied')
    expect((await ben.rows(issues)).map((issue) => issue.title).sort()).toEqual(['Mast', 'Meanwhile'])
  })

  it('[FM-67, CX-28] a new member gets everything there is, and one who leaves keeps nothing', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    const { value } = await ann.do(createIssue, { projectId, columnId: todo, title: 'Mast' })
    await ann.do(addComment, { projectId, issueId: value.issueId, body: 'Old' })
    await ben.sync()
    expect(await ben.rows(issues)).toEqual([])
    await ann.do(addMember, { projectId, userId: 'ben', ...card('ben'), role: 'viewer' })
    await world.check()
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Mast' }])

    // CX-28: an action in which the author removes himself.
    const leave = await ben.do(removeMember, { projectId, userId: 'ben' })
    await world.check()
    expect(leave.outcome()).toBe('applied')
    expect(await ben.rows(issues)).toEqual([])
    expect(await ann.rows(members)).toMatchObject([{ userId: 'ann' }])
  })

  it('[CX-4, CX-4b] a project founded offline, with its members and issues, arrives in one push', async () => {
    const world = await open()
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    const { value } = await ann.do(createProject, { name: 'Train', key: 'TRN', owner: card('ann') })
    const { projectId, columnIds } = value
    await ann.do(addMember, { projectId, userId: 'ben', ...card('ben'), role: 'editor' })
    const issue = await ann.do(createIssue, { projectId, columnId: columnIds[0]!, title: 'Seats' })
    await world.check()
    expect(await ben.rows(issues)).toMatchObject([{ title: 'Seats', number: 1 }])
    expect(issue.outcome()).toBe('applied')

    // An earlier action of somebody else cannot found it again, and its replay founds it as before (CX-4).
    ben.offline()
    await ben.do(voteForIssue, { projectId, issueId: issue.value.issueId, add: 1 })
    world.clock.advance(60_000)
    await ann.do(voteForIssue, { projectId, issueId: issue.value.issueId, add: 1 })
    await world.check()
    expect(await ann.rows(issueVotes)).toMatchObject([{ total: 2 }])
  })

  it('[AUD-3] roles hold on the device at once, and on the server as of the place in history', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor', vera: 'viewer' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben, vera] = [await world.person('ann'), await world.person('ben'), await world.person('vera')]
    await world.settle()
    for (const person of world.people) person.offline()
    const refused = vera.do(editIssue, { projectId, issueId, title: 'Mine' })
    await expect(refused).rejects.toMatchObject({ reason: 'not-allowed' })
    await vera.do(addComment, { projectId, issueId, body: 'But I may say this' })
    const before = await ben.do(editIssue, { projectId, issueId, title: 'Before' })
    await ann.do(setMemberRole, { projectId, userId: 'ben', role: 'viewer' })
    const after = await ben.do(editIssue, { projectId, issueId, title: 'After' })
    await ben.online()
    expect(after.outcome()).toBe('applied')
    await world.check()
    expect(before.outcome()).toBe('applied')
    expect(after.receipt()).toMatchObject({ status: 'rejected', reason: 'not-allowed' })
    expect(await vera.rows(issues)).toMatchObject([{ title: 'Before' }])
  })

  it('[ORA-1] of two last owners who leave at the same time, one stays', async () => {
    const world = await open()
    const { projectId } = await world.project('ann', { ben: 'owner' })
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    const first = await ann.do(removeMember, { projectId, userId: 'ann' })
    const second = await ben.do(removeMember, { projectId, userId: 'ben' })
    await ben.online()
    expect(await ben.rows(members)).toEqual([])
    await world.check()
    expect(first.outcome()).toBe('applied')
    expect(second.receipt()).toMatchObject({ status: 'rejected', reason: 'last-owner' })
    expect(await ben.rows(members)).toMatchObject([{ userId: 'ben', role: 'owner' }])
  })
})
