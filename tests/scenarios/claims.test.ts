/**
 * Two people in two places want the same thing, and neither knows of the other. Both go on as if it were theirs; once
 * they meet, one has it, and the other is told who and since when.
 */
import { describe, expect, it } from 'vitest'
import { issues, issueVotes } from '@/db/schema'
import { claimIssue, createIssue, moveIssue, setColumnLimit, voteForIssue } from '@/lib/actions'
import type { ReceiptView } from '@/lib/sync/device/views'
import { storeKinds } from '../support/databases'
import { worldsOn } from '../support/scenario'

describe.each(storeKinds)('wanting the same, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[ORA-1] both claim an issue offline: the earlier one has it, and the later one is told who', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    await ben.do(claimIssue, { projectId, issueId })
    const second = await ann.do(claimIssue, { projectId, issueId })
    expect(await ann.rows(issues)).toMatchObject([{ assigneeId: 'ann' }])
    expect(await ben.rows(issues)).toMatchObject([{ assigneeId: 'ben' }])

    // Ann is the first one online, and has it for a while: arrival does not decide.
    await ann.online()
    expect(second.outcome()).toBe('applied')
    await world.check()
    expect(await ann.rows(issues)).toMatchObject([{ assigneeId: 'ben' }])
    expect(second.receipt()).toMatchObject({
      status: 'rejected',
      reason: 'already-claimed',
      details: { number: 1, title: 'Mast', by: 'Ben' },
    })
    expect(world.replays).toBeGreaterThan(0)
  })

  it('[ACT-3, ING-4] who lost to one and then, by a third who comes late, to another is told the latter', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor', carla: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben, carla] = [await world.person('ann'), await world.person('ben'), await world.person('carla')]
    await world.settle()
    for (const person of [ann, ben, carla]) person.offline()
    await ben.do(claimIssue, { projectId, issueId })
    const second = await carla.do(claimIssue, { projectId, issueId })
    const third = await ann.do(claimIssue, { projectId, issueId })
    await carla.online()
    await ann.online()
    expect(third.receipt()).toMatchObject({ reason: 'already-claimed', details: { by: 'Carla' } })

    // Ben was the first of them, and comes last.
    await world.check()
    expect(await ann.rows(issues)).toMatchObject([{ assigneeId: 'ben' }])
    for (const lost of [second, third]) {
      expect(lost.receipt()).toMatchObject({ status: 'rejected', reason: 'already-claimed', details: { by: 'Ben' } })
    }
  })

  it('[ORA-1] the last place in a limited column goes to one of two', async () => {
    const world = await open()
    const { projectId, todo, doing } = await world.project('ann', { ben: 'editor' })
    const columnOf = { A: doing, B: todo, C: todo }
    const ids: string[] = []
    for (const [title, columnId] of Object.entries(columnOf)) {
      ids.push((await world.onServer(createIssue, { projectId, columnId, title }, 'ann')).issueId)
    }
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    const first = await ann.do(moveIssue, { projectId, issueId: ids[1]!, columnId: doing })
    const second = await ben.do(moveIssue, { projectId, issueId: ids[2]!, columnId: doing })
    await world.check()
    expect(first.outcome()).toBe('applied')
    expect(second.receipt()).toMatchObject({
      status: 'rejected',
      reason: 'column-full',
      details: { column: 'Doing', limit: 2, number: 3, title: 'C' },
    })
  })

  it('[ORA-1] a limit lowered meanwhile holds against a move made before it was known', async () => {
    const world = await open()
    const { projectId, todo, doing } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'A' }, 'ann')
    await world.onServer(createIssue, { projectId, columnId: doing, title: 'B' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    const lower = await ann.do(setColumnLimit, { projectId, columnId: doing, issueLimit: 1 })
    const move = await ben.do(moveIssue, { projectId, issueId, columnId: doing })
    await world.check()
    expect(lower.outcome()).toBe('applied')
    expect(move.receipt()).toMatchObject({ status: 'rejected', reason: 'column-full', details: { limit: 1 } })
  })

  it('[CX-12] what three people add to one counter, many times each, is the sum, on the way and in the end', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor', vera: 'viewer' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const people = [await world.person('ann'), await world.person('ben'), await world.person('vera')]
    await world.settle()
    for (const person of people) person.offline()
    for (let round = 0; round < 10; round += 1) {
      for (const person of people) await person.do(voteForIssue, { projectId, issueId, add: 1 })
    }
    for (const person of people) expect(await person.rows(issueVotes)).toMatchObject([{ total: 10 }])
    // The push is taken and its answer lost: the own votes are in the log and pending at the same time.
    const [ann, ben] = people
    ann!.nextPushes('lose-answer')
    await ann!.online()
    const taken = (await world.accepted()).filter(
      (action) => action.author === 'ann' && action.name === 'issue.vote',
    ).length
    expect(taken).toBeGreaterThan(0)
    expect(await ann!.rows(issueVotes)).toMatchObject([{ total: 10 }])
    await ben!.online()
    expect(await ben!.rows(issueVotes)).toMatchObject([{ total: 10 + taken }])
    ben!.offline()
    await ben!.do(voteForIssue, { projectId, issueId, add: 5 })
    await ann!.sync()
    expect(await ann!.rows(issueVotes)).toMatchObject([{ total: 20 }])
    await world.check()
    for (const person of people) expect(await person.rows(issueVotes)).toMatchObject([{ total: 35 }])
    const statuses = people.flatMap((person) => person.device.receipts.get().map((receipt) => receipt.status))
    expect(new Set(statuses), 'adding is never corrected').toEqual(new Set(['applied']))
  })

  it('[ORA-1] numbers of issues created offline have no gap and no duplicate, and who was renumbered is told', async () => {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    await world.onServer(createIssue, { projectId, columnId: todo, title: 'There before' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    ann.offline()
    ben.offline()
    const create = (title: string) => ({ projectId, columnId: todo, title })
    const a1 = await ann.do(createIssue, create('Ann 1'))
    const b1 = await ben.do(createIssue, create('Ben 1'))
    const a2 = await ann.do(createIssue, create('Ann 2'))
    expect([a1.value.number, b1.value.number, a2.value.number]).toEqual([2, 2, 3])
    await world.check()
    const numbers = (await ann.rows(issues))
      .sort((a, b) => a.number - b.number)
      .map(({ number, title }) => [number, title])
    expect(numbers).toEqual([
      [1, 'There before'],
      [2, 'Ann 1'],
      [3, 'Ben 1'],
      [4, 'Ann 2'],
    ])
    expect(a1.outcome()).toBe('applied')
    expect(b1.receipt()).toMatchObject({ status: 'corrected' })
    const renumbered = (receipt: ReceiptView) => receipt.difference.find((one) => one.column === 'number')
    expect(renumbered(b1.receipt())).toMatchObject({ table: 'issues', now: '3' })
    expect(renumbered(a2.receipt())).toMatchObject({ table: 'issues', previewed: '3', now: '4' })
  })
})
