/**
 * Two people look at the same board at the same time. What one does shows on the other's screen at once, without anybody
 * asking; and whatever happens to the stream that brings it, both end up with what the server has.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { issues } from '@/db/schema'
import { createIssue } from '@/lib/actions'
import { storeKinds } from '../support/databases'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import { type Shapes, type ShapesOptions, serveShapes } from '../support/shapes'
import type { World } from '../support/world'

const open: Shapes[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((shapes) => shapes.close()))
})

async function shapesOf(world: World, options: ShapesOptions = {}): Promise<Shapes> {
  const shapes = await serveShapes(world, options)
  open.push(shapes)
  return shapes
}

const soon = { timeout: 15_000, interval: 5 }

/** Hears of changes as they happen, and has exchanged for what was before. */
async function live(person: Person): Promise<void> {
  person.transport.otherwise('none')
  person.device.startTail()
  await vi.waitFor(() => expect(person.device.isTailing()).toBe(true), soon)
  await person.device.resting()
}

describe.each(storeKinds)('the live tail, server on %s', (kind) => {
  const openWorld = worldsOn(kind)

  it('[SHP-4] what one person does is on the screen of the other without an exchange', async () => {
    const world = await openWorld()
    const { projectId, todo } = await world.project('ann', { ben: 'editor' })
    const shapes = await shapesOf(world)
    const [ann, ben] = [await world.person('ann'), await world.person('ben', { tail: shapes.tailOf('ben') })]
    await world.settle()
    await live(ben)
    const exchanges = ben.transport.sent.length
    await ann.do(createIssue, { projectId, columnId: todo, title: 'Mast' })
    await vi.waitFor(async () => expect(await ben.rows(issues)).toMatchObject([{ title: 'Mast' }]), soon)
    expect(ben.transport.sent.length).toBe(exchanges)
    await world.check()
  })
})
