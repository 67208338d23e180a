import { describe, expect, test } from 'vitest'
import { type Locks, takeLock } from './lock'

/** Web Locks as a browser has them, for one origin. */
function createLocks(): Locks {
  let holder: Promise<unknown> = Promise.resolve()
  let held = 0
  return {
    request: async (_name, { ifAvailable }, work) => {
      if (ifAvailable && held > 0) return work(null)
      held += 1
      const before = holder
      const mine = before.then(() => work({}))
      holder = mine
      return mine.finally(() => {
        held -= 1
      })
    },
  }
}

describe('takeLock', () => {
  test('[TAB-1] the first tab has it at once and is not told that it is busy', async () => {
    let busy = 0
    await takeLock(createLocks(), 'beamline:ann', () => {
      busy += 1
    })
    expect(busy).toBe(0)
  })

  test('[TAB-1] the second tab is told, and has it when the first one closes', async () => {
    const locks = createLocks()
    const events: string[] = []
    const release = await takeLock(locks, 'beamline:ann', () => events.push('first busy'))
    const second = takeLock(locks, 'beamline:ann', () => {
      events.push('second busy')
      release()
    }).then((free) => {
      events.push('second has it')
      return free
    })
    expect(await second).toBeTypeOf('function')
    expect(events).toEqual(['second busy', 'second has it'])
  })
})
