/**
 * What can happen to people and their devices in one step. Each step draws from its own stream of chance, and ends with
 * nothing in flight, so that a seed is one schedule.
 */
import { actions, createProject } from '@/lib/actions'
import { ActionRejected, type AnyAction } from '@/lib/sync/action'
import { DeviceFailure } from '@/lib/sync/device/client'
import type { Fault } from '@/lib/sync/transport/memory'
import { card } from '../../support/board'
import { type Chance, chooseDeed, type Deed, pick } from '../../support/busywork'
import type { Person } from '../../support/person'
import type { World } from '../../support/world'
import { between, isLucky, weighted } from '../chance'
import type { Net } from './net'
import type { Tally } from './tally'

export interface Scene {
  readonly world: World
  readonly net: Net
  readonly tally: Tally
  /** Everybody there is, with or without a device. */
  readonly userIds: readonly string[]
  /** Told what happens, for `--trace`. */
  say(line: string): void
}

const weights = {
  act: 75,
  'go offline': 12,
  'come online': 8,
  sync: 6,
  'sync together': 4,
  'network trouble': 7,
  'old request again': 2,
  'act while syncing': 3,
  restart: 3,
  'lose the database': 0.5,
  'full disk': 1.5,
  'clock goes wrong': 4,
  'time passes': 4,
  'on the server': 2,
  'another build': 5,
}

type StepName = keyof typeof weights

export async function takeStep(scene: Scene, chance: Chance): Promise<void> {
  const name = weighted(chance, weights)
  const person = pick(chance, scene.world.people)
  if (!person) throw new RangeError('A world without people')
  scene.say(`${name} (${nameOf(scene, person)})`)
  await steps[name](scene, person, chance)
  await atRest(scene)
}

type Step = (scene: Scene, person: Person, chance: Chance) => Promise<void> | void

const steps: Readonly<Record<StepName, Step>> = {
  act: async (scene, person, chance) => {
    for (let left = between(chance, 1, 3); left > 0; left -= 1) await act(scene, person, chance)
  },
  'go offline': (_scene, person) => person.offline(),
  'come online': (_scene, person) => person.online(),
  sync: (_scene, person) => person.sync(),
  'sync together': async ({ world }, _person, chance) => {
    await Promise.all(world.people.filter(() => isLucky(chance, 0.6)).map((each) => each.sync()))
  },
  'network trouble': (scene, person, chance) => trouble(scene, person, chance),
  'old request again': ({ net }, _person, chance) => net.deliverAgain((count) => between(chance, 0, count - 1)),
  'act while syncing': async (scene, person, chance) => {
    const syncing = person.sync()
    await act(scene, person, chance)
    await syncing
  },
  restart: async ({ tally }, person) => {
    tally.count('restart')
    await person.restart()
  },
  'lose the database': async ({ tally }, person) => {
    tally.count('restart')
    tally.count('lost database')
    await person.restart({ losing: 'database' })
  },
  'full disk': async (scene, person, chance) => {
    scene.tally.count('full disk')
    person.outbox.failWith(new Error('The disk is full'))
    await act(scene, person, chance)
    person.outbox.failWith(null)
  },
  'clock goes wrong': (scene, person, chance) => {
    const hour = 3_600_000
    person.skewMs = isLucky(chance, 0.1) ? 365 * 24 * hour : between(chance, -hour, hour)
    scene.say(`  by ${person.skewMs} ms`)
  },
  'time passes': ({ world }, _person, chance) => {
    const minute = 60_000
    world.clock.advance(isLucky(chance, 0.2) ? between(chance, 60, 600) * minute : between(chance, 1, 10) * minute)
  },
  'on the server': (scene, person, chance) => actOnServer(scene, person, chance),
  'another build': (scene, _person, chance) => anotherBuild(scene, chance),
}

async function act(scene: Scene, person: Person, chance: Chance): Promise<void> {
  const deed = await deedOf(scene, person, chance)
  if (!deed) return
  scene.say(`  ${deed.action.name} ${JSON.stringify(deed.input)}`)
  try {
    await person.do(deed.action, deed.input)
  } catch (error) {
    if (!isExpected(error)) throw error
    scene.say(`  not run: ${error.message}`)
  }
}

/** A rule said no, or the disk is full; anything else is a fault of the engine or of an action. */
function isExpected(error: unknown): error is Error {
  return error instanceof ActionRejected || (error instanceof DeviceFailure && error.code === 'storage')
}

async function deedOf({ userIds }: Scene, person: Person, chance: Chance): Promise<Deed | null> {
  if (isLucky(chance, 0.02)) return found(person.userId)
  for (let tries = 0; tries < 5; tries += 1) {
    const deed = await chooseDeed(person.store, userIds, chance)
    if (deed) return deed
  }
  return null
}

function found(userId: string): Deed {
  const columns = [{ name: 'To do' }, { name: 'Doing', issueLimit: 2 }, { name: 'Done', isDone: true }]
  const action: AnyAction = createProject
  return { action, input: { name: 'Founded', key: 'NEW', owner: card(userId), columns } }
}

async function actOnServer(scene: Scene, person: Person, chance: Chance): Promise<void> {
  const deed = await chooseDeed(scene.world.store, scene.userIds, chance)
  if (!deed) return
  scene.say(`  ${deed.action.name} ${JSON.stringify(deed.input)}`)
  try {
    await scene.world.onServer(deed.action, deed.input, person.userId)
  } catch (error) {
    // The person may not, or the build of this moment does not know the action.
    const isTurnedAway = error instanceof Error && /is (refused: authority|held: unknown-version)$/.test(error.message)
    if (!(error instanceof ActionRejected || isTurnedAway)) throw error
  }
}

/**
 * A build that does not know an action holds it, and cannot replay those of it that were accepted: work that arrives
 * late is restamped.
 */
async function anotherBuild({ world, say }: Scene, chance: Chance): Promise<void> {
  const latest = (await world.accepted()).slice(-5)
  const unknown = isLucky(chance, 0.7) ? pick(chance, latest)?.name : undefined
  say(`  without ${unknown ?? 'nothing'}`)
  const known = actions.filter((action) => action.name !== unknown)
  world.startServer(known, `build-${chance.next()}`)
  for (const person of world.people.filter(() => isLucky(chance, 0.7))) await person.online()
}

function trouble({ net, tally, say }: Scene, person: Person, chance: Chance): void {
  const kind = weighted(chance, { 'lost answer': 5, 'lost request': 2, twice: 4, busy: 1, broken: 1, 'portal page': 1 })
  say(`  ${kind}`)
  if (kind === 'twice') {
    net.duplicateNext(1)
    return
  }
  const faults: Readonly<Record<typeof kind, Fault>> = {
    'lost answer': 'lose-answer',
    'lost request': 'lose-request',
    busy: { kind: 'back-off', isRateLimit: true, retryAfterMs: between(chance, 0, 5_000) },
    broken: { kind: 'back-off', isRateLimit: false, retryAfterMs: null },
    'portal page': { kind: 'invalid', message: '<html>' },
  }
  if (kind === 'lost answer') tally.count('lost answer')
  person.nextPushes(...Array.from({ length: between(chance, 1, 2) }, () => faults[kind]))
}

/** Timers that ran on the way may have begun exchanges. */
async function atRest({ world }: Scene): Promise<void> {
  for (const { device } of world.people) await device.resting()
}

export function nameOf({ world }: Scene, person: Person): string {
  return `${person.userId}, device ${world.people.indexOf(person) + 1}`
}
