/**
 * A week in which everybody does everything at once: on trains, with dying networks, on devices that are restarted and
 * lose things. Chance decides, the seed is in the name of the test, and in the end everything must fit together.
 */
import { describe, expect, it } from 'vitest'
import { addMember, createProject } from '@/lib/actions'
import { ActionRejected } from '@/lib/sync/action'
import { seededRandom } from '@/lib/sync/core/ids'
import { card } from '../support/board'
import { type Chance, chooseDeed, pick } from '../support/busywork'
import { storeKinds } from '../support/databases'
import type { Person } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'

const names = ['ann', 'ben', 'carla']

/** Two projects, in which not everybody may do the same. */
async function furnish(world: World, chance: Chance): Promise<void> {
  for (const founder of ['ann', 'ben']) {
    const { projectId } = await world.onServer(
      createProject,
      { name: `Of ${founder}`, key: 'OF', owner: card(founder) },
      founder,
    )
    for (const userId of names.filter((name) => name !== founder)) {
      const role = pick(chance, ['owner', 'editor', 'editor', 'viewer'] as const) ?? 'editor'
      await world.onServer(addMember, { projectId, userId, ...card(userId), role }, founder)
    }
  }
}

/** What happens to a person besides work. */
async function live(person: Person, chance: Chance): Promise<void> {
  const fate = chance.next()
  if (fate < 0.25) await person.online()
  else if (fate < 0.6) person.offline()
  else if (fate < 0.7) person.nextPushes('lose-answer')
  else if (fate < 0.75) person.nextPushes('lose-request', 'lose-answer')
  else if (fate < 0.83) await person.restart()
  else if (fate < 0.87) await person.restart({ losing: 'database' })
  else if (fate < 0.9) await person.restart({ losing: 'outbox' })
  else person.skewMs = Math.floor((chance.next() - 0.5) * 16_000)
}

async function work(world: World, person: Person, chance: Chance): Promise<void> {
  const deed = await chooseDeed(person.store, names, chance)
  if (!deed) return
  world.clock.advance(Math.floor(chance.next() * 20_000))
  try {
    await person.do(deed.action, deed.input)
  } catch (error) {
    if (!(error instanceof ActionRejected)) throw error
  }
}

describe.each(storeKinds)('a busy week, server on %s', (kind) => {
  const open = worldsOn(kind)

  it.each([1, 2, 3])('[CON-1] seed %i', { timeout: 240_000 }, async (seed) => {
    const world = await open()
    const chance = { next: seededRandom(`busy ${seed}`) }
    await furnish(world, chance)
    for (const name of names) await (await world.person(name)).online()
    for (let step = 0; step < 120; step += 1) {
      const person = pick(chance, world.people)
      if (!person) break
      if (chance.next() < 0.7) await work(world, person, chance)
      else await live(person, chance)
    }
    await world.check()
    const outcomes = (await world.accepted()).map((action) => action.status)
    expect(outcomes.filter((status) => status === 'applied').length, 'something happened').toBeGreaterThan(20)
    expect(world.replays, 'something arrived late').toBeGreaterThan(0)
  })
})
