/**
 * A disk flips a bit, or a bug nobody knows of leaves one row behind. The device notices by itself, says what it found,
 * and loads that part anew.
 */
import { describe, expect, it } from 'vitest'
import { comments, issues } from '@/db/schema'
import { addComment, createIssue, editIssue } from '@/lib/actions'
import { storeKinds } from '../support/databases'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'

const day = 24 * 60 * 60 * 1000

/** Behind the engine's back. */
async function damage(person: Person, statement: string): Promise<void> {
  await person.store.transaction(async (sql) => {
    await sql.exec(`set local sync.mode = 'engine'; ${statement}`)
  })
}

describe.each(storeKinds)('rows that are not what the log says, server on %s', (kind) => {
  const open = worldsOn(kind)

  async function board() {
    const world = await open()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
    const [ann, ben] = [await world.person('ann'), await world.person('ben')]
    await world.settle()
    return { world, projectId, issueId, ann, ben }
  }

  it('[CON-1] [FM-21] are found within a day, reported with both digests, and loaded anew', async () => {
    const { world, projectId, ann } = await board()
    await ann.sync()
    await damage(ann, `update issues set title = 'Mist'`)
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Mist' }])
    world.clock.advance(day)
    for (let times = 0; times < 3; times += 1) await ann.sync()
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Mast' }])
    const { mismatches } = await ann.device.digestReport()
    expect(mismatches).toHaveLength(1)
    expect(mismatches[0]).toMatchObject({ audience: `project:${projectId}` })
    expect(mismatches[0]?.device).not.toBe(mismatches[0]?.server)
    expect(world.trace).toContainEqual(expect.objectContaining({ kind: 'digest-mismatch' }))
    await world.check()
  })

  it('[CON-1] [FM-21] a person asks at once: rows too many and rows too few, with work that waits on top of them', async () => {
    const { world, projectId, issueId, ann, ben } = await board()
    await ben.do(addComment, { projectId, issueId, body: 'Which one?' })
    await ann.sync()
    ann.offline()
    await ann.do(editIssue, { projectId, issueId, title: 'Main mast' })
    await damage(ann, 'delete from comments')
    ann.nextPushes('lose-request')
    ann.transport.otherwise('none')
    expect((await ann.device.verify()).mismatches).toHaveLength(1)
    await world.check()
    expect(await ann.rows(comments)).toMatchObject([{ body: 'Which one?' }])
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Main mast' }])
  })

  it('[CON-1] two databases that hold the same have the same digests, and without a network nothing is claimed', async () => {
    const { world, ann } = await board()
    const report = await ann.device.verify()
    expect(report).toMatchObject({ left: 0, mismatches: [] })
    expect(report.audiences).toBeGreaterThanOrEqual(3)
    expect(report.comparedAtMs).toBe(world.clock.now())
    ann.offline()
    world.clock.advance(day)
    expect(await ann.device.verify()).toMatchObject({ ...report, left: report.audiences })
  })

  it('[OUT-1] everything is loaded anew when a person asks, and what waits is kept and sent', async () => {
    const { world, projectId, issueId, ann } = await board()
    ann.offline()
    const said = await ann.do(addComment, { projectId, issueId, body: 'This one.' })
    await damage(ann, `update issues set title = 'Mist'; delete from members where user_id = 'ben'`)
    await ann.device.resync()
    expect(await ann.rows(issues), 'rows stay until others are here').toMatchObject([{ title: 'Mist' }])
    expect(said.outcome()).toBe('pending')
    await ann.online()
    expect(said.outcome()).toBe('applied')
    expect(await ann.rows(issues)).toMatchObject([{ title: 'Mast' }])
    await world.check()
  })
})
