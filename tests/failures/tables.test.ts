/**
 * The tables themselves are made, and made anew, on devices that nobody watches: the app dies while it opens for the
 * first time, or is updated while work waits that was done on the older tables.
 */
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issues } from '@/db/schema'
import { actions, createIssue, editIssue } from '@/lib/actions'
import { defineAction } from '@/lib/sync/action'
import { createMemoryOutbox } from '@/lib/sync/device/outbox-memory'
import { migrate } from '@/lib/sync/store/migrate'
import { emptyingSql, type OpenStore, pgliteDriver } from '../contracts/stores'
import { dump } from '../support/databases'
import type { Surroundings } from '../support/person'
import { worldsOn } from '../support/scenario'
import type { World } from '../support/world'
import { atEveryStep, begin, Fragile } from './fragile'

const weatherColumn = {
  tag: '9999_weather',
  statements: [`alter table issues add column weather text collate "C" not null default 'unknown'`],
}

/** The app of tomorrow. */
const withWeather = ({ migrations, ...rest }: Surroundings): Surroundings => ({
  ...rest,
  migrations: [...migrations, weatherColumn],
})

const forecastInput = z.strictObject({ projectId: z.uuid(), issueId: z.uuid() })

/** In the app of today it knows nothing of the weather, */
const forecast = defineAction({
  name: 'issue.forecast',
  version: 1,
  input: forecastInput,
  audiences: ({ projectId }) => [`project:${projectId}`],
  run: async ({ db, input }) =>
    void (await db.update(issues).set({ title: 'Forecast' }).where(eq(issues.id, input.issueId))),
})

/** in the app of tomorrow it has a column for it. */
const forecastInColumn = defineAction({
  ...forecast,
  run: async ({ db, input }) =>
    void (await db.execute(sql`update issues set title = 'Forecast', weather = 'fair' where id = ${input.issueId}`)),
})

async function oneIssue(world: World) {
  const { projectId, todo } = await world.project('ann')
  return { projectId, ...(await world.onServer(createIssue, { projectId, columnId: todo, title: 'Mast' }, 'ann')) }
}

describe('tables of a device', () => {
  const open = worldsOn('pglite')
  let own: OpenStore
  beforeAll(async () => {
    own = await pgliteDriver.open()
  })
  afterAll(() => own.close())

  const written = () =>
    own.store.transaction((transaction) =>
      transaction.rows(
        'select (select json_agg(p) from sync.pending p), (select json_agg(m) from sync.meta m), (select json_agg(m) from sync.migrations m)',
      ),
    )
  const emptied = () => own.store.transaction((transaction) => transaction.exec(emptyingSql))

  it('[FM-07, FM-08, MIG-1] the app dies at every step of its first start, and the next start finishes it', async () => {
    const world = await open()
    await oneIssue(world)
    const fragile = new Fragile()
    const ann = await world.person('ann', { between: fragile.between })
    ann.store = own.store
    const places = await atEveryStep(fragile, async (step) => {
      await ann.device.close()
      await emptied()
      ann.outbox = createMemoryOutbox()
      fragile.breakAt(step)
      await begin(() => ann.restart())
      await begin(() => ann.online())
      fragile.heal()
      await ann.restart()
      await ann.online()
      expect(await dump(ann.store), `${fragile.brokeAt}`).toEqual(await dump(world.store))
    })
    expect(places.length).toBeGreaterThan(10)
    await world.check()
  })

  it('[FM-71, MIG-1] work that waits runs again on the tables of the new app, by its new code', async () => {
    const world = await open()
    const known = [...actions, forecast]
    world.startServer(known)
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann', { actions: known })
    await emptied()
    ann.store = own.store
    await ann.restart()
    await ann.online()
    ann.offline()
    await ann.do(editIssue, { projectId, issueId, title: 'Before' })
    const done = await ann.do(forecast, { projectId, issueId })
    await ann.restart({
      app: {
        actions: [...actions, forecastInColumn],
        between: withWeather,
      },
    })
    const rows = () => own.store.transaction((transaction) => transaction.rows('select title, weather from issues'))
    expect(await rows()).toEqual([['Forecast', 'fair']])
    expect(ann.pendingCount).toBe(2)
    await ann.online()
    expect(done.outcome()).toBe('applied')
    // The server has the older tables still, and its word is taken: the column has its default.
    expect(await rows()).toEqual([['Forecast', 'unknown']])
  })

  it('[FM-27, FM-71, MIG-1] an older app does not touch the tables of a newer one, and the newer one finds its work there', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const newer = withWeather
    const ann = await world.person('ann', { between: newer })
    await emptied()
    ann.store = own.store
    await ann.restart()
    await ann.online()
    ann.offline()
    await ann.do(editIssue, { projectId, issueId, title: 'On the newer app' })
    const before = [await dump(own.store), await written()]
    await expect(ann.restart({ app: { between: (surroundings) => surroundings } })).rejects.toThrow(/newer app/)
    expect([await dump(own.store), await written()]).toEqual(before)
    await ann.restart({ app: { between: newer } })
    expect(ann.pendingCount).toBe(1)
    await ann.online()
    expect(ann.pendingCount).toBe(0)
    expect(await ann.rows(issues)).toMatchObject([{ title: 'On the newer app' }])
  })

  it('[FM-71, MIG-1, OUT-1] the deploy is taken back: the older app goes on in a new directory, and so does the newer one later', async () => {
    const world = await open()
    const { projectId, issueId } = await oneIssue(world)
    const ann = await world.person('ann', { between: withWeather })
    const aside = ann.store
    await ann.online()
    ann.offline()
    const edited = await ann.do(editIssue, { projectId, issueId, title: 'On the newer app' })
    await ann.restart({ losing: 'database', app: { between: (surroundings) => surroundings } })
    expect(ann.pendingCount).toBe(1)
    expect(ann.store).not.toBe(aside)
    await world.check()
    expect(edited.outcome()).toBe('applied')
    await emptied()
    await world.settle()
    ann.store = own.store
    await ann.restart({ app: { between: withWeather } })
    await ann.online()
    expect(await ann.rows(issues)).toMatchObject([{ title: 'On the newer app' }])
  })

  it('[CX-7b, MIG-1, ACT-8] a migration cannot fill captured rows, which nobody else would hear of', async () => {
    const world = await open()
    await oneIssue(world)
    const before = await dump(world.store)
    const filling = { tag: '9999_filling', statements: [`update issues set title = 'Filled'`] }
    await expect(migrate(world.store, [filling])).rejects.toThrow(/write it inside an action/)
    expect(await dump(world.store)).toEqual(before)
  })
})
