/**
 * One seed is one afternoon of a person with many tabs: they act, close, crash, freeze and thaw, the network comes and
 * goes, a newer version is deployed. Then everything heals, and what was promised is looked at.
 */
import { between, type Chance, chanceOf, chooser, isLucky } from '../sim/chance'
import { count, refuse, wait } from './actions'
import type { SimulatedTab } from './tab'
import { rowsText } from './tab'
import { type Deed, TabWorld } from './world'

export const stepsPerSeed = 60

const choose = chooser({
  act: 30,
  'press twice': 4,
  'act that is refused': 2,
  'act without an end': 0.7,
  open: 6,
  close: 3,
  kill: 4,
  'freeze with notice': 3,
  'freeze without notice': 4,
  'leader oversleeps': 2.5,
  'worker hangs': 1.5,
  thaw: 4,
  network: 4,
  'look at the page': 4,
  'newer version': 0.6,
  'directory lost': 0.5,
  'a moment': 20,
  'a while': 6,
  'a long while': 3,
})

const tabsMax = 5
/** Longer than a silent leader is waited for, and than a hanging worker is endured. */
const healMs = 400_000

export async function afternoon(seed: number): Promise<TabWorld> {
  const world = new TabWorld(seed)
  world.open()
  for (let step = 1; step <= stepsPerSeed; step += 1) await takeStep(world, chanceOf(seed, step))
  await heal(world)
  return world
}

function pick<Item>(chance: Chance, items: readonly Item[]): Item | undefined {
  return items[Math.floor(chance.next() * items.length)]
}

async function takeStep(world: TabWorld, chance: Chance): Promise<void> {
  const what = choose(chance)
  const alive = world.alive()
  // Half of what hurts hits the tab that leads.
  const leader = world.leader()
  const victim = leader?.isAlive && isLucky(chance, 0.5) ? leader : pick(chance, alive)
  if (what === 'act' && victim) return actSometimes(world, chance, alive)
  if (what === 'press twice' && victim) return press(world, alive, String(1_000 + world.deeds.length))
  if (what === 'act that is refused' && victim) return void world.act(victim, refuse)
  if (what === 'act without an end' && victim) return void world.act(victim, wait)
  if (what === 'open' && world.tabs.filter((tab) => tab.page.state !== 'dead').length < tabsMax)
    return void world.open(world.build)
  if (what === 'newer version') return deploy(world)
  if (what === 'network') world.isOnline = !world.isOnline
  if (what === 'a moment') return world.pass(between(chance, 1, 60))
  if (what === 'a while') return world.pass(between(chance, 500, 25_000))
  // Longer than a silent leader is waited for.
  if (what === 'a long while') return world.pass(between(chance, 35_000, 60_000))
  if (what === 'directory lost') return loseDirectory(world)
  if (what === 'thaw') return thaw(world, chance)
  if (what === 'leader oversleeps') return oversleep(world, chance)
  if (victim) hurt(world, what, victim)
}

function actSometimes(world: TabWorld, chance: Chance, alive: readonly SimulatedTab[]): void {
  for (let deeds = between(chance, 1, 3); deeds > 0; deeds -= 1) {
    const tab = pick(chance, alive)
    if (tab) world.act(tab)
  }
}

/** The same press is heard twice, perhaps by two tabs. */
function press(world: TabWorld, alive: readonly SimulatedTab[], gesture: string): void {
  for (const tab of [alive[0], alive.at(-1)]) if (tab) world.act(tab, count, gesture)
}

function deploy(world: TabWorld): void {
  world.build = String(Number(world.build) + 1)
  world.note('newer version')
  world.open(world.build)
}

/** Only while nobody has it open: then it is the browser that lost it. */
function loseDirectory(world: TabWorld): void {
  for (const tab of world.tabs) tab.kill()
  world.disk.loseDirectories()
  world.note('directory lost')
  world.open(world.build)
}

function thaw(world: TabWorld, chance: Chance): void {
  const frozen = world.tabs.filter((tab) => tab.page.state === 'frozen')
  const tab = pick(chance, frozen)
  if (!tab) return
  tab.thaw(isLucky(chance, 0.7))
  world.note('thawed')
}

/** Frozen in the middle of work, replaced meanwhile, and woken with work in its hands. */
async function oversleep(world: TabWorld, chance: Chance): Promise<void> {
  const leader = world.leader()
  if (!leader?.isAlive || world.alive().length < 2) return
  world.note('leader oversleeps')
  for (let deeds = between(chance, 1, 3); deeds > 0; deeds -= 1) world.act(leader)
  await world.pass(between(chance, 1, 25))
  leader.freeze(false)
  actSometimes(world, chance, world.alive())
  await world.pass(between(chance, 31_000, 45_000))
  actSometimes(world, chance, world.alive())
  leader.thaw(false)
  world.act(leader)
}

function hurt(world: TabWorld, what: ReturnType<typeof choose>, tab: SimulatedTab): void {
  const role = tab.leads() ? 'leader' : 'other tab'
  if (what === 'kill') tab.kill()
  else if (what === 'close') void tab.client.close().then(() => tab.kill())
  else if (what === 'freeze with notice') tab.freeze(true)
  else if (what === 'freeze without notice') tab.freeze(false)
  else if (what === 'worker hangs') tab.hang()
  else if (what === 'look at the page') tab.client.page('focused')
  else return
  if (what === 'close') tab.isClosing = true
  world.note(`${what}: ${role}`)
}

async function heal(world: TabWorld): Promise<void> {
  world.isOnline = true
  for (const tab of world.tabs) if (tab.page.state === 'frozen') tab.thaw(true)
  world.open(world.build)
  await world.pass(healMs)
  for (const tab of world.alive()) tab.client.page('online')
  await world.pass(60_000)
}

/** Everything that was broken, as sentences; empty when nothing was. */
export function broken(world: TabWorld): string[] {
  const found = [...world.disk.failures, ...world.failures.map(String)]
  const [row] = [...world.server.tables.rows.values()]
  const counted = Number(row?.image.value ?? 0)
  const known = new Set(world.server.accepted().map((action) => nonceOf(action.input)))
  const present = world.alive().filter((tab) => !tab.isClosing)
  for (const deed of world.deeds) {
    if (deed.answers > 1) found.push(`${deed.name} was answered ${deed.answers} times`)
    if (deed.answers === 0 && present.includes(deed.tab))
      found.push(`${deed.name} in ${deed.tab.name} was never answered`)
    if (deed.verdict === 'other') found.push(`${deed.name} failed: ${String(deed.error)}`)
    if (deed.verdict === 'done' && deed.settled === 'waiting' && present.includes(deed.tab)) {
      found.push(`${deed.name} in ${deed.tab.name} never settled`)
    }
    if (deed.verdict === 'done' && deed.settled === 'none') found.push(`${deed.name} was done, and then unknown`)
  }
  const done = new Set(world.deeds.filter((deed) => deed.verdict === 'done').map((deed) => deed.nonce))
  const open = new Set(world.deeds.filter(isOpenEnded).map((deed) => deed.nonce))
  for (const nonce of done)
    if (!known.has(nonce)) found.push(`Action ${nonce} was acknowledged, and the server does not know it`)
  if (counted !== known.size) found.push(`The server counted ${counted} of ${known.size} actions`)
  for (const nonce of known)
    if (!done.has(nonce) && !open.has(nonce))
      found.push(`Action ${nonce} was done, and its caller told that it was not`)
  const rows = rowsText(world.server)
  for (const tab of present) {
    if (tab.build !== world.build) continue
    if (JSON.stringify(tab.rows) !== JSON.stringify([[rows]])) found.push(`${tab.name} does not show what is true`)
    if (tab.client.status.get().kind !== 'synced') found.push(`${tab.name} is ${tab.client.status.get().kind}`)
  }
  return found
}

const nonceOf = (input: string) => (JSON.parse(input) as { readonly nonce: number }).nonce

/** Nobody was left to hear the answer, or it could not be given: either way the action may have happened. */
function isOpenEnded(deed: Deed): boolean {
  return deed.verdict === 'waiting' || deed.verdict === 'timeout' || deed.verdict === 'unavailable'
}
