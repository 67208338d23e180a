/**
 * One seed is one world: people with one or two devices, a server, a network and clocks that cannot be relied on. When
 * all steps are taken everybody comes online, and then every device equals the server filtered by its audiences (CON-1),
 * and the server equals the oracle (ORA-1).
 */
import { actions, createIssue, createLabel } from '@/lib/actions'
import { SqlError } from '@/lib/sync/store/driver'
import { releaseDatabases } from '../../support/databases'
import type { Person } from '../../support/person'
import { type Project, World } from '../../support/world'
import { between, chanceOf, isLucky } from '../chance'
import { shortened } from '../shorten'
import { Net } from './net'
import { repeating, type SeedOptions } from './options'
import { type Scene, takeStep } from './steps'
import { Tally } from './tally'

const userIds = ['ann', 'ben', 'cleo', 'dora']
/** Whose devices there are; a name that comes twice is a person with two. */
const devices = ['ann', 'ben', 'cleo', 'ann', 'dora', 'ben']

/** Rejects with the first thing that is not as it must be. Only the databases of a world outlive it. */
export async function runSeed(options: SeedOptions): Promise<Tally> {
  const tally = new Tally()
  const lines: string[] = []
  const say = (line: string) => {
    lines.push(line)
    if (options.trace) console.log(line)
  }
  const world = await World.open(options.store, `simulation ${options.seed}`)
  const scene: Scene = { world, net: new Net(world, tally), tally, userIds, say }
  try {
    await begin(scene, options.seed)
    for (let step = 1; step <= options.steps; step += 1) {
      if (options.without.includes(step)) continue
      say(`step ${step}`)
      await takeStep(scene, chanceOf(options.seed, step))
      checkHealth(scene)
    }
    await end(scene)
    await tally.read(world)
    return tally
  } catch (error) {
    if (error instanceof Error)
      error.message = `${error.message}\n\nRepeat it: ${repeating(options)}\nIt happened at: ${lines.slice(-3).join(' · ')}`
    throw error
  } finally {
    for (const person of world.people) await person.device.close()
  }
}

async function begin({ world, net }: Scene, seed: number): Promise<void> {
  const chance = chanceOf(seed, 'world')
  const first = await world.project('ann', {
    ben: 'editor',
    cleo: isLucky(chance, 0.5) ? 'viewer' : 'owner',
    dora: 'editor',
  })
  const second = await world.project('ben', { ann: 'editor', dora: 'viewer' })
  await fill(world, first, 'ann')
  await fill(world, second, 'ben')
  for (const userId of devices.slice(0, between(chance, 4, devices.length))) {
    const skewMs = isLucky(chance, 0.5) ? between(chance, -20_000, 20_000) : 0
    // The double run of development costs time and finds nothing here that the tests of the actions do not find.
    const person = await world.person(userId, { skewMs, isDevelopment: false, serve: net.serveTo(userId) })
    if (isLucky(chance, 0.9)) await person.online()
  }
}

/** Something to quarrel about. */
async function fill(world: World, { projectId, todo, doing }: Project, as: string): Promise<void> {
  for (const [title, columnId] of Object.entries({ Hull: todo, Oars: todo, Flag: doing })) {
    await world.onServer(createIssue, { projectId, columnId, title }, as)
  }
  await world.onServer(createLabel, { projectId, name: 'Urgent', color: 'red' }, as)
}

/** What must hold at any moment. */
function checkHealth({ world }: Scene): void {
  for (const person of world.people) {
    const status = person.device.status.get()
    if (status.kind === 'stopped') throw new Error(`The device of ${person.userId} stopped: ${status.message}`)
  }
  for (const event of world.trace) {
    if (event.kind !== 'action-error' || isPolicy(event.error)) continue
    throw new Error(`${event.name} threw on the server: ${event.error.message}`)
  }
}

/** A policy said no: that is how roles are enforced, and the author reads `not-allowed` (AUD-3). */
function isPolicy(error: Error): boolean {
  return error instanceof SqlError && error.code === '42501'
}

function heldBy({ device }: Person): number {
  return device.receipts.get().filter((receipt) => receipt.status === 'held').length
}

/** The status does not count what is held: that waits for something else than the network. */
function isDrained(person: Person): boolean {
  return person.device.status.get().pendingCount === 0 && heldBy(person) === 0
}

/** Faults end, clocks are as they are, everybody comes online. */
async function end(scene: Scene): Promise<void> {
  const { world } = scene
  scene.say('everybody comes online')
  world.startServer(actions, 'build-last')
  // Faults that were planned for the next pushes still happen: then it takes some more rounds.
  for (let round = 0; round < 8; round += 1) {
    for (const person of world.people) await person.online()
    if (world.people.every(isDrained)) break
    // What is held is offered again once a day (ACT-4, ING-6).
    const isHolding = world.people.some((person) => heldBy(person) > 0)
    if (isHolding) scene.say(`held: ${world.people.map(heldBy).join(', ')}`)
    world.clock.advance(isHolding ? 25 * 3_600_000 : 120_000)
  }
  await world.check()
  checkHealth(scene)
}

/** Runs a red seed again and again to find the command with the fewest steps that is red as well. */
export async function shorten(options: SeedOptions): Promise<string> {
  const without = await shortened(options.steps, async (leftOut) => {
    releaseDatabases()
    const result = await runSeed({ ...options, without: leftOut, trace: false }).catch(() => null)
    return result === null
  })
  return repeating({ ...options, without })
}
