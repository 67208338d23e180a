import { expect, test } from 'vitest'
import { createEndings } from './endings'

const held = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    if (signal.aborted) resolve('not held')
    signal.addEventListener('abort', () => resolve('ended'))
  })

test('[SHP-3] a process that ends lets those go who wait, and holds nobody any more', async () => {
  const endings = createEndings()
  const caller = new AbortController()
  const waiting = [endings.during(caller.signal, held), endings.during(new AbortController().signal, held)]
  endings.end()
  expect(await Promise.all(waiting)).toEqual(['ended', 'ended'])
  expect(await endings.during(caller.signal, held)).toBe('not held')
})

test('[SHP-3] who hangs up ends alone', async () => {
  const endings = createEndings()
  const [first, second] = [new AbortController(), new AbortController()]
  const other = endings.during(second.signal, held)
  const own = endings.during(first.signal, held)
  first.abort()
  expect(await own).toBe('ended')
  second.abort()
  expect(await other).toBe('ended')
  expect(await endings.during(first.signal, held)).toBe('not held')
})
