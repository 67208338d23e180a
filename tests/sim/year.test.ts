/** A year of everyday work in virtual time, on the database the simulation uses. */
import { v4 } from 'uuid'
import { expect, test } from 'vitest'
import { seededRandom } from '@/lib/sync/core/ids'
import { createSyncServer } from '@/lib/sync/server/authority'
import { VirtualClock } from '../support/clock'
import { everyAction } from './app/actions'
import { addToCounter } from './app/item-actions'
import { foundRoom } from './app/room-actions'
import { simModel } from './app/sql'
import { MemoryServer } from './memory/server-store'
import { noonMs } from './world'

const hourMs = 3_600_000

test('[HOR-1, ING-2] a year of work: what is kept stays as small as after the first weeks, and only ids grow', async () => {
  const store = new MemoryServer()
  const clock = new VirtualClock(noonMs)
  const random = seededRandom('a year')
  const newId = () => v4({ random: Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)) })
  const server = createSyncServer({
    ...{ store, newId, random, actions: everyAction, model: simModel, build: 'build-last' },
    now: () => clock.now(),
    pause: async () => undefined,
  })
  await server.runAction(foundRoom, { title: 'Years', guests: [{ userId: 'ben', role: 'editor' }] }, { as: 'ann' })
  const room = [...store.heads.values()].map(({ audience }) => audience).find((name) => name.startsWith('room:')) ?? ''
  const kept: number[] = []
  for (let day = 1; day <= 365; day += 1) {
    for (const user of ['ann', 'ben']) {
      await server.runAction(addToCounter, { room, by: 1, times: 1 }, { as: user })
      await server.runAction(addToCounter, { room, by: 2, times: 2 }, { as: user })
      clock.advance(12 * hourMs)
    }
    await server.compact()
    kept.push(store.entries.size + store.actions.size + store.tables.patchCount)
  }
  const most = Math.max(...kept.slice(0, 40))
  expect(Math.max(...kept.slice(40))).toBeLessThanOrEqual(most)
  expect(store.ids.size).toBe(1 + 4 * 365)
  const [head] = [store.heads.get(room)]
  expect((head?.head ?? 0) - (head?.floor ?? 0)).toBeLessThan(200)
  const values = [...store.tables.rows.values()]
    .filter(({ table }) => table === 'items')
    .map(({ image }) => image.value)
  // It begins with 1.
  expect(values).toContain(String(1 + 365 * 2 * 5))
})
