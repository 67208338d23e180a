/** Tells the same stories with the server on PGlite and on Postgres 18 as an ordinary owner. */
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { closeDatabases, emptyDatabase, releaseDatabases, storeKinds } from './databases'
import { World } from './world'

/** `tell` writes its tests with a function that opens a new world. */
export function onBothServers(title: string, tell: (open: () => Promise<World>) => void): void {
  describe.each(storeKinds)(`${title}, server on %s`, (kind) => {
    let opened: World[] = []
    // Starting databases is slow, and no part of a story.
    beforeAll(async () => {
      await emptyDatabase('server', kind)
      await emptyDatabase('server')
      for (let device = 0; device < 2; device += 1) await emptyDatabase('device')
      releaseDatabases()
    })
    afterEach(async () => {
      for (const world of opened) for (const person of world.people) await person.device.close()
      opened = []
      releaseDatabases()
    })
    afterAll(closeDatabases)
    tell(async () => {
      const world = await World.open(kind)
      opened.push(world)
      return world
    })
  })
}
