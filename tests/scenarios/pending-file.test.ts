/**
 * A phone breaks, or sits where no network will ever be. Its person saves what waits there as a file, carries it to
 * another device and brings it to the server from there; perhaps the phone gets there too, some day.
 */
import { describe, expect, it } from 'vitest'
import { comments, issues, issueVotes } from '@/db/schema'
import { actions, addComment, claimIssue, createIssue, editIssue, voteForIssue } from '@/lib/actions'
import { decodeClock } from '@/lib/sync/core/hlc'
import { atEveryStep, begin, Fragile } from '../failures/fragile'
import { backUp } from '../support/backup'
import { storeKinds } from '../support/databases'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'

const hour = 60 * 60 * 1000

async function twoDevices(world: World) {
  const { projectId, todo } = await world.project('ann', { ben: 'editor' })
  const { issueId } = await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')
  const [phone, laptop] = [await world.person('ann'), await world.person('ann')]
  await world.settle()
  phone.offline()
  const edit = (device: Person, title: string) => device.do(editIssue, { projectId, issueId, title })
  return { projectId, todo, issueId, phone, laptop, edit }
}

/** Without a device: whatever waited there is gone unless somebody else has it. */
async function lose(world: World, device: Person): Promise<void> {
  await device.device.close()
  world.people.splice(world.people.indexOf(device), 1)
}

const titleOf = async (person: Person) => (await person.rows(issues)).find((issue) => issue.number === 1)?.title
const numbersOf = async (person: Person) =>
  (await person.outbox.load()).records.map(({ id, ordinal, clock }) => ({ id, ordinal, clock }))
const clockOf = async (world: World, id: string) => (await world.accepted()).find((action) => action.id === id)?.clock

describe.each(storeKinds)('pending work as a file, server on %s', (kind) => {
  const open = worldsOn(kind)

  it('[OUT-2] what a lost device had done is done, with its ids, its clocks and its place between what was done elsewhere', async () => {
    const world = await open()
    const { projectId, todo, phone, laptop, edit } = await twoDevices(world)
    const made = await phone.do(createIssue, { projectId, columnId: todo, title: 'Sail' })
    await phone.do(addComment, { projectId, issueId: made.value.issueId, body: 'Which one?' })
    const early = await edit(phone, 'Early')
    const filed = await numbersOf(phone)
    world.clock.advance(hour)
    // The laptop has later clocks: one that the server knows, and one that waits.
    await edit(laptop, 'Late')
    laptop.offline()
    await edit(laptop, 'Latest')
    const text = await phone.device.exportPending()
    await lose(world, phone)

    const report = await laptop.device.importPending(text)
    expect(report).toEqual({ kind: 'taken-in', fresh: 3, alreadyHere: 0, answered: 0, notRunnable: 0 })
    expect(laptop.pendingCount).toBe(4)
    expect((await laptop.rows(issues)).map((issue) => issue.title).sort()).toEqual(['Latest', 'Sail'])
    await world.check()
    expect(await titleOf(laptop)).toBe('Latest')
    expect(await laptop.rows(comments)).toMatchObject([{ body: 'Which one?' }])
    for (const { id, clock } of filed) expect(await clockOf(world, id)).toBe(clock)
    expect(laptop.receiptOf(early.actionId).status).toBe('applied')
    expect((await edit(laptop, 'Last')).outcome()).toBe('applied')
    await world.check()
  })

  it('[OUT-2, ING-2] both devices send the same work: it is done once, and both are told the truth', async () => {
    const world = await open()
    const { projectId, issueId, phone, laptop } = await twoDevices(world)
    const ben = await world.person('ben')
    const vote = await phone.do(voteForIssue, { projectId, issueId, add: 1 })
    const claimed = await phone.do(claimIssue, { projectId, issueId })
    await ben.online()
    await ben.do(claimIssue, { projectId, issueId })
    await laptop.device.importPending(await phone.device.exportPending())
    // The laptop first, the phone, and the laptop again: answers may be lost on the way.
    laptop.nextPushes('lose-answer')
    await laptop.sync()
    await phone.online()
    await world.check()
    expect(await laptop.rows(issueVotes)).toMatchObject([{ total: 1 }])
    for (const { actionId } of [vote, claimed]) {
      const [here, there] = [laptop.receiptOf(actionId), phone.receiptOf(actionId)]
      expect([here.status, here.reason]).toEqual([there.status, there.reason])
    }
    expect(await laptop.device.importPending(await phone.device.exportPending())).toMatchObject({ fresh: 0 })
  })

  it('[OUT-2] a file that is brought again, there or on a third device, does nothing new', async () => {
    const world = await open()
    const { projectId, issueId, phone, laptop } = await twoDevices(world)
    await phone.do(voteForIssue, { projectId, issueId, add: 1 })
    await phone.do(voteForIssue, { projectId, issueId, add: 1 })
    const text = await phone.device.exportPending()
    laptop.offline()
    await laptop.device.importPending(text)
    const before = await numbersOf(laptop)
    expect(await laptop.device.importPending(text)).toMatchObject({ fresh: 0, alreadyHere: 2 })
    expect(await numbersOf(laptop)).toEqual(before)
    await laptop.online()
    const third = await world.person('ann')
    await third.online()
    expect(await third.device.importPending(text)).toMatchObject({ fresh: 0, answered: 2 })
    await world.check()
    expect(await third.rows(issueVotes)).toMatchObject([{ total: 2 }])
  })

  it('[OUT-2, HLC-4] the phone goes on after its work was brought elsewhere: what it does later comes later', async () => {
    const world = await open()
    const { phone, laptop, edit } = await twoDevices(world)
    await edit(phone, 'First')
    const text = await phone.device.exportPending()
    await edit(phone, 'Second')
    // History is sealed meanwhile: what comes in from before is restamped to now.
    world.clock.advance(30 * 24 * hour)
    await world.compact()
    await laptop.device.importPending(text)
    await laptop.online()
    expect(await titleOf(laptop)).toBe('First')
    await phone.online()
    await world.check()
    expect(await titleOf(laptop)).toBe('Second')
  })

  it('[OUT-2, DEV-1] the work of another person, and what is no such file, changes nothing', async () => {
    const world = await open()
    const { projectId, issueId, phone, laptop } = await twoDevices(world)
    const ben = await world.person('ben')
    await ben.online()
    ben.offline()
    await ben.do(voteForIssue, { projectId, issueId, add: 5 })
    await phone.do(voteForIssue, { projectId, issueId, add: 1 })
    const text = await phone.device.exportPending()
    const before = await ben.outbox.load()
    expect(await ben.device.importPending(text)).toEqual({ kind: 'unfit', why: 'other-user' })
    expect(await ben.device.importPending(text.replace('"ann"', '"ben"'))).toEqual({ kind: 'unfit', why: 'damaged' })
    expect(await ben.device.importPending('{}')).toEqual({ kind: 'unfit', why: 'not-ours' })
    expect(await ben.outbox.load()).toEqual(before)
    expect(ben.pendingCount).toBe(1)
    expect(laptop.pendingCount).toBe(0)
    await world.check()
  })

  it('[OUT-2, HLC-3, FM-41] work of a phone whose clock was a year ahead gets the time at which it was brought', async () => {
    const world = await open()
    const { phone, laptop, edit } = await twoDevices(world)
    phone.skewMs = 365 * 24 * hour
    await edit(phone, 'First')
    const second = await edit(phone, 'Second')
    await laptop.device.importPending(await phone.device.exportPending())
    await lose(world, phone)
    const next = await edit(laptop, 'Third')
    await world.check()
    expect(laptop.heard.filter((answer) => answer.includes('"kind":"ahead"'))).toEqual([])
    expect(await titleOf(laptop)).toBe('Third')
    for (const { actionId } of [second, next]) {
      const { ms } = decodeClock((await clockOf(world, actionId)) ?? '')
      expect(Math.abs(ms - world.clock.now())).toBeLessThan(hour)
    }
  })

  it('[OUT-2, ACT-4, FM-59] what this version of the app cannot run is told, kept, sent, and seen once it is confirmed', async () => {
    const world = await open()
    const { projectId, issueId, phone, laptop } = await twoDevices(world)
    await phone.do(voteForIssue, { projectId, issueId, add: 3 })
    await laptop.restart({ app: { actions: actions.filter((action) => action !== voteForIssue) } })
    const report = await laptop.device.importPending(await phone.device.exportPending())
    expect(report).toMatchObject({ fresh: 1, notRunnable: 1 })
    expect(await laptop.rows(issueVotes)).toEqual([])
    await lose(world, phone)
    await world.check()
    expect(await laptop.rows(issueVotes)).toMatchObject([{ total: 3 }])
  })

  it('[OUT-2, OUT-1, AUD-4] what a restored server lost can be brought by another device, which had seen it confirmed', async () => {
    const world = await open()
    const { projectId, issueId, phone, laptop } = await twoDevices(world)
    const former = await backUp(world.store)
    await phone.online()
    await phone.do(voteForIssue, { projectId, issueId, add: 1 })
    await world.settle()
    await world.restoreServer(former)
    // The phone hears that it must start over, and then nothing more.
    phone.nextPushes('lose-request')
    await phone.sync()
    phone.offline()
    const text = await phone.device.exportPending()
    await lose(world, phone)
    expect(await laptop.device.importPending(text)).toMatchObject({ fresh: 1, answered: 0 })
    await world.check()
    expect(await laptop.rows(issueVotes)).toMatchObject([{ total: 1 }])
  })
})

describe('a crash while work is brought', { timeout: 300_000 }, () => {
  const open = worldsOn('pglite')

  it.each(['crash', 'fail'] as const)(
    '[OUT-2, EXE-1] a %s at every step of it leaves all of it or nothing',
    async (how) => {
      const world = await open()
      const { projectId, issueId, phone } = await twoDevices(world)
      const fragile = new Fragile('statements')
      const laptop = await world.person('ann', { between: fragile.between })
      await laptop.online()
      const vote = { projectId, issueId, add: 1 }
      const places = await atEveryStep(fragile, async (step) => {
        laptop.offline()
        const own = await laptop.do(voteForIssue, vote)
        for (let count = 0; count < 2; count += 1) await phone.do(voteForIssue, vote)
        const text = await phone.device.exportPending()
        fragile.breakAt(step, how)
        const isDone = await begin(() => laptop.device.importPending(text))
        await begin(() => laptop.device.resting())
        fragile.heal()
        await laptop.restart()
        const ids = (await numbersOf(laptop)).map(({ id }) => id)
        expect([1, 3]).toContain(laptop.pendingCount)
        if (isDone) expect(laptop.pendingCount).toBe(3)
        expect(ids).toContain(own.actionId)
        const ordinals = (await numbersOf(laptop)).map(({ ordinal }) => ordinal)
        expect(new Set(ordinals).size, 'no ordinal twice').toBe(ordinals.length)
        await laptop.device.importPending(text)
        expect(laptop.pendingCount, `${fragile.brokeAt}`).toBe(3)
        await laptop.online()
        await phone.online()
        phone.offline()
        expect(laptop.pendingCount).toBe(0)
        expect(await laptop.rows(issueVotes)).toMatchObject([{ total: step * 3 }])
      })
      expect(places).toEqual(expect.arrayContaining(['before outbox rewrite', 'after outbox rewrite', 'before commit']))
      await world.check()
      expect(laptop.trace.filter((event) => event.kind === 'forked')).toEqual([])
    },
  )
})
