/** Opens worlds in stories that are told with the server on PGlite and on Postgres 18 as an ordinary owner. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { closeDatabases, emptyDatabase, releaseDatabases, type StoreKind } from './databases'
import { World } from './world'

/** To be called in a `describe`: how to open a world whose server keeps its database there. */
export function worldsOn(kind: StoreKind): () => Promise<World> {
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
  return async () => {
    const world = await World.open(kind)
    opened.push(world)
    return world
  }
}
