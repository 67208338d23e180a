/** Many tabs, one device: small stories. The campaign beside this file mixes them at random. */
import { describe, expect, test } from 'vitest'
import { count, refuse, wait } from './actions'
import { rowsText, type SimulatedTab } from './tab'
import { TabWorld } from './world'

/** Longer than a start takes. */
const startMs = 4_000

async function opened(tabs: number, seed = 1): Promise<{ world: TabWorld; tabs: SimulatedTab[] }> {
  const world = new TabWorld(seed)
  const first = world.open()
  await world.pass(startMs)
  const others = Array.from({ length: tabs - 1 }, () => world.open())
  await world.pass(startMs)
  return { world, tabs: [first, ...others] }
}

const shown = (tab: SimulatedTab) => (tab.rows === null ? null : JSON.stringify(tab.rows))
const counted = (world: TabWorld) => [...world.server.tables.rows.values()].map((row) => row.image.value)

describe('many tabs, one device', () => {
  test('[TAB-1] every tab does and sees everything, whoever leads, with and without a network', async () => {
    const { world, tabs } = await opened(3)
    world.isOnline = false
    const deeds = tabs.map((tab) => world.act(tab))
    await world.pass(500)
    expect(deeds.map((deed) => deed.value)).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
    expect(new Set(tabs.map(shown)).size).toBe(1)
    expect(shown(tabs[2]!)).toContain('3')
    expect(tabs.map((tab) => tab.client.status.get().kind)).toEqual(['offline', 'offline', 'offline'])
    world.isOnline = true
    for (const tab of tabs) tab.client.page('online')
    await world.pass(5_000)
    expect(counted(world)).toEqual(['3'])
    expect(deeds.map((deed) => deed.settled)).toEqual(['applied', 'applied', 'applied'])
  })

  test('[TAB-1] an error says the same in every tab', async () => {
    const { world, tabs } = await opened(2)
    const deeds = tabs.map((tab) => world.act(tab, refuse))
    await world.pass(500)
    for (const { error } of deeds) expect(error).toMatchObject({ reason: 'no', details: { why: 'never' } })
  })

  test('[TAB-1] [FM-22] a leader that closes in the middle of a write leaves nobody without an answer', async () => {
    for (let afterMs = 0; afterMs < 40; afterMs += 1) {
      const { world, tabs } = await opened(2, afterMs)
      const [leader, other] = tabs as [SimulatedTab, SimulatedTab]
      world.isOnline = false
      const deeds = [0, 1, 2].map(() => world.act(other))
      await world.pass(afterMs)
      leader.kill()
      await world.pass(startMs)
      expect(deeds.map(({ verdict, answers }) => `${verdict} ${answers}`)).toEqual(['done 1', 'done 1', 'done 1'])
      expect(deeds.map(({ value }) => value)).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
      expect(shown(other)).toContain('3')
    }
  })

  test('[TAB-1] [FM-24] when a leader closes the next tab leads, and sync goes on', async () => {
    const { world, tabs } = await opened(3)
    expect(world.leader()).toBe(tabs[0])
    void tabs[0]?.client.close()
    tabs[0]?.kill()
    await world.pass(startMs)
    expect(tabs.slice(1)).toContain(world.leader())
    const deed = world.act(tabs[2]!)
    await world.pass(3_000)
    expect(deed).toMatchObject({ verdict: 'done', settled: 'applied' })
  })

  test('[TAB-1] [FM-23] a word that was said between two leaders is said again', async () => {
    const { world, tabs } = await opened(2)
    tabs[0]?.kill()
    const deed = world.act(tabs[1]!)
    await world.pass(startMs)
    expect(deed).toMatchObject({ verdict: 'done', answers: 1 })
  })

  test('[TAB-1] [FM-26] a leader that freezes with notice hands over at once', async () => {
    const { world, tabs } = await opened(2)
    tabs[0]?.freeze(true)
    const deed = world.act(tabs[1]!)
    await world.pass(startMs)
    expect(deed.verdict).toBe('done')
    expect(world.disk.busyDirectories).toBe(0)
    tabs[0]?.thaw(true)
    const later = world.act(tabs[0]!)
    await world.pass(startMs)
    expect(later).toMatchObject({ verdict: 'done', value: { value: 2 } })
    expect(world.leader()).toBe(tabs[1])
  })

  test('[TAB-1] [FM-26] a leader that freezes without notice is replaced, and fenced when it wakes', async () => {
    const { world, tabs } = await opened(2)
    const [frozen, other] = tabs as [SimulatedTab, SimulatedTab]
    world.isOnline = false
    const before = world.act(frozen)
    await world.pass(4)
    frozen.freeze(false)
    const deed = world.act(other)
    await world.pass(50_000)
    expect(deed).toMatchObject({ verdict: 'done', answers: 1 })
    expect(world.leader()).toBe(other)
    expect(world.disk.busyDirectories).toBeGreaterThan(0)
    // What was in its hands when it froze, and what comes to it before it hears that it was replaced.
    frozen.thaw(false)
    const late = world.act(frozen)
    await world.pass(startMs)
    expect([before.answers, late.answers]).toEqual([1, 1])
    expect(world.leader()).toBe(other)
    expect(shown(frozen)).toBe(shown(other))
    world.isOnline = true
    await world.pass(40_000)
    expect(counted(world)).toEqual([String(world.deeds.length)])
    expect(world.disk.failures).toEqual([])
  })

  test('[TAB-1] [FM-25] there is one exchange at a time, whoever leads', async () => {
    const { world, tabs } = await opened(3)
    tabs[0]?.freeze(false)
    await world.pass(50_000)
    tabs[0]?.thaw(false)
    await world.pass(20_000)
    expect([...world.disk.writers.values()].every((writers) => writers.size === 1)).toBe(true)
    expect(world.disk.writers.size).toBeGreaterThan(1)
  })

  test('[TAB-1] [FM-27] beside a newer version of the app the older reads on, does nothing and asks for a reload', async () => {
    const { world, tabs } = await opened(2)
    const [older] = tabs as [SimulatedTab, SimulatedTab]
    const before = world.act(older)
    await world.pass(30)
    const newer = world.open('2')
    await world.pass(12_000)
    expect(world.leader()).toBe(newer)
    expect(before.answers).toBe(1)
    for (const tab of tabs) expect(tab.client.status.get()).toMatchObject({ kind: 'needs-update' })
    const refused = world.act(older)
    const done = world.act(newer)
    await world.pass(2_000)
    expect(refused.verdict).toBe('unavailable')
    expect(done.verdict).toBe('done')
    expect(shown(older)).toBe(shown(newer))
    newer.kill()
    await world.pass(50_000)
    expect(world.leader()).toBeUndefined()
    const third = world.open('2')
    await world.pass(startMs)
    expect(world.leader()).toBe(third)
  })

  test('[TAB-1] [FM-28] one press that is heard in two tabs, or twice, is done once', async () => {
    const { world, tabs } = await opened(2)
    const deeds = [tabs[0]!, tabs[0]!, tabs[1]!].map((tab) => world.act(tab, count, '7'))
    await world.pass(3_000)
    expect(deeds.map((deed) => deed.value)).toEqual([{ value: 1 }, { value: 1 }, { value: 1 }])
    expect(deeds.map((deed) => deed.settled)).toEqual(['applied', 'applied', 'applied'])
    expect(counted(world)).toEqual(['1'])
  })

  test('[TAB-1] [FM-63] an action without an end is ended with its worker, and the rest goes on', async () => {
    const { world, tabs } = await opened(2)
    const endless = world.act(tabs[1]!, wait)
    await world.pass(100)
    const behind = world.act(tabs[0]!)
    await world.pass(30_000)
    expect(endless.error).toMatchObject({ code: 'timeout', message: expect.stringContaining('did not come to an end') })
    expect(behind.verdict).toBe('done')
    expect(world.disk.busyDirectories).toBe(0)
  })

  test('[TAB-1] [FM-14] a data directory is open in one place', async () => {
    const { world, tabs } = await opened(3)
    tabs[0]?.freeze(false)
    await world.pass(50_000)
    const directories = world.tally.get('directory left aside')
    expect(directories).toBe(1)
    expect(rowsText(null)).toBe('[]')
  })

  test('[TAB-1] what was lost with the data directory is answered from the outbox', async () => {
    const { world, tabs } = await opened(2)
    world.isOnline = false
    const deeds = [world.act(tabs[1]!), world.act(tabs[1]!)]
    await world.pass(9)
    tabs[0]?.kill()
    world.disk.loseDirectories()
    await world.pass(startMs)
    expect(deeds.map((deed) => [deed.verdict, deed.answers])).toEqual([
      ['done', 1],
      ['done', 1],
    ])
  })
})
