/**
 * The server's disk dies, and its database comes back as it was some days ago. What people did since is still on their
 * devices: they offer it again, and nobody has to do anything.
 */
import { describe, expect, it } from 'vitest'
import { comments, issues, issueVotes } from '@/db/schema'
import { addComment, addMember, createIssue, editIssue, moveIssue, voteForIssue } from '@/lib/actions'
import { backUp } from '../support/backup'
import { card } from '../support/board'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'

const day = 24 * 60 * 60 * 1000

describe.each(storeKinds)('a server that forgot, server on %s', (kind) => {
  const open = worldsOn(kind)

  for (const isEpochNew of [false, true]) {
    it(`[FM-53, CX-8, CX-41] everything is offered again after a restore with ${isEpochNew ? 'a new' : 'the same'} epoch`, async () => {
      const world = await open()
      const { projectId, todo, doing } = await world.project('ann', { ben: 'editor', carla: 'editor' })
      const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
      const [ann, ben, carla] = [await world.person('ann'), await world.person('ben'), await world.person('carla')]
      await world.settle()
      const former = await backUp(world.store)
      carla.offline()
      const early = await carla.do(editIssue, { projectId, issueId, title: 'Main mast' })
      const made = await ann.do(createIssue, { projectId, columnId: doing, title: 'Sail' })
      await ben.sync()
      await ben.do(addComment, { projectId, issueId: made.value.issueId, body: 'Which one?' })
      await ben.do(voteForIssue, { projectId, issueId, add: 2 })
      await ann.sync()
      await ann.do(moveIssue, { projectId, issueId, columnId: doing })
      await ann.do(voteForIssue, { projectId, issueId, add: 1 })
      await world.restoreServer(former, { isEpochNew })

      // CX-8: before the others return, as many entries are written again as were lost.
      await carla.online()
      for (let count = 0; count < 6; count += 1) await carla.do(voteForIssue, { projectId, issueId, add: 1 })
      await world.check()
      expect(early.outcome()).toBe('applied')
      expect((await carla.rows(issues)).map((issue) => [issue.number, issue.title]).sort()).toEqual([
        [1, 'Main mast'],
        [2, 'Sail'],
      ])
      expect(await carla.rows(comments)).toMatchObject([{ body: 'Which one?' }])
      expect(await carla.rows(issueVotes)).toMatchObject([{ total: 9 }])
      expect((await carla.rows(issues)).every((issue) => issue.columnId === doing)).toBe(true)
    })
  }

  it('[CX-34] that something was confirmed is known after a crash, and it is offered again although never read back', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann')
    const ann = await world.person('ann')
    await world.settle()
    const former = await backUp(world.store)
    const made = await ann.do(createIssue, { projectId, columnId: todo, title: 'Mast' })
    expect(made.outcome()).toBe('applied')
    await world.restoreServer(former)
    await ann.restart({ losing: 'database' })
    await ann.restart()
    await world.check()
    expect(await ann.rows(issues)).toMatchObject([{ id: made.value.issueId, title: 'Mast' }])
    const offered = ann.transport.sent.flatMap((request) => request.actions).filter((one) => one.id === made.actionId)
    expect(offered.at(-1)?.wasConfirmed).toBe(true)
  })

  /** Ann adds ben after the backup was made, and what ben did since is confirmed; then the server forgets both. */
  async function forgottenMember() {
    const world = await open()
    const { projectId, todo } = await world.project('ann')
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const ann = await world.person('ann')
    await world.settle()
    const former = await backUp(world.store)
    await ann.do(addMember, { projectId, userId: 'ben', ...card('ben'), role: 'editor' })
    await ann.sync()
    ann.offline()
    const ben = await world.person('ben')
    await ben.online()
    const said = await ben.do(addComment, { projectId, issueId, body: 'Which one?' })
    expect(said.outcome()).toBe('applied')
    await world.restoreServer(former)
    await ben.sync()
    return { world, ann, ben, said }
  }

  it('[AUD-4, CX-8b, CX-37] what was confirmed before is held, not refused, until the membership it needs is offered again', async () => {
    const { world, ann, ben, said } = await forgottenMember()
    expect(said.receipt()).toMatchObject({ status: 'held', reason: 'after-restore' })
    await ann.online()
    world.clock.advance(day)
    await world.check()
    expect(said.outcome()).toBe('applied')
    expect(await ben.rows(comments)).toMatchObject([{ body: 'Which one?' }])
  })

  it('[AUD-4] [OUT-1] held work is offered once more without its mark when retention ends, and the refusal is shown', async () => {
    const { world, ben, said } = await forgottenMember()
    const outcomes: string[] = []
    for (let days = 1; days <= 16 && outcomes.at(-1) !== 'refused'; days += 1) {
      world.clock.advance(day)
      await ben.sync()
      outcomes.push(said.outcome())
    }
    expect(outcomes.slice(0, 13).every((outcome) => outcome === 'held')).toBe(true)
    expect(said.receipt()).toMatchObject({ status: 'refused', reason: 'authority' })
    expect((await ben.outbox.load()).records).toEqual([])
  })
})
