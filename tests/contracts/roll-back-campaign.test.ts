/**
 * Random actions, as many as it takes to change a hundred thousand rows, each taken back with `rollBack`. `npm test` runs one seed;
 * `ROLL_BACK_SEED=7 npx vitest run tests/contracts/roll-back-campaign.test.ts` runs another, or a red one again.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { netChanges, type Patch } from '@/lib/sync/core/images'
import { enterEngine, settleConstraints } from '@/lib/sync/store/action-context'
import type { Catalog } from '@/lib/sync/store/catalog'
import type { Sql } from '@/lib/sync/store/driver'
import { dropPatches, rollBack } from '@/lib/sync/store/roll-back'
import { setRows } from '@/lib/sync/store/set-rows'
import { act, fixtureCatalog, nextActionId, seed, stateHash, statements } from './act'
import { type Census, takeCensus } from './census'
import { openFixture } from './fixture'
import { actionsOfChanges, type Change, changeKinds, changeStatements, freshKeys } from './random-changes'
import { crowdSql, otherRoom, room, roomSql } from './room'
import { type OpenStore, pgliteDriver, postgresDriver, takenBack } from './stores'

const campaignSeed = Number(process.env.ROLL_BACK_SEED ?? 1)
const worldsPerRound = 20
/** Under a minute on an idle machine, several on one that does much else. */
const timeoutMs = 600_000

/**
 * Counted are rows, as capture sees them: one inserted, updated or deleted row of an applied action is one change. A few
 * kinds of statement are refused so often that a small campaign may not see them succeed.
 */
const campaigns = [
  { driver: pgliteDriver, changes: 100_000, unseenMax: 0 },
  { driver: postgresDriver, changes: 10_000, unseenMax: 8 },
]

const wanted = [
  ...['inserts', 'updates', 'deletes', 'cascades', 'references cleared', 'new parents', 'generated columns', 'swaps'],
  ...['moves between audiences', 'key changes', 'composite key changes', 'deleted and inserted again'],
  ...['rows that ended as they began', 'rejected'],
]

describe.each(campaigns)('roll back campaign on $driver.name', ({ driver, changes, unseenMax }) => {
  let open: OpenStore
  let catalog: Catalog
  beforeAll(async () => {
    open = await openFixture(driver)
    catalog = await open.store.transaction(fixtureCatalog)
    await open.store.transaction((sql) => seed(sql, roomSql))
    await open.store.transaction((sql) => seed(sql, crowdSql))
  })
  afterAll(() => open.close())

  const census: Census = {}
  const count = (what: string) => {
    census[what] = (census[what] ?? 0) + 1
  }
  const changedRows = () => (census.inserts ?? 0) + (census.updates ?? 0) + (census.deletes ?? 0)

  /** Ann owns both rooms. An action is rejected, and then changes nothing, where constraints refuse what chance made up. */
  async function changing(sql: Sql, action: readonly Change[]): Promise<Done> {
    const id = nextActionId()
    const outcome = await act(
      sql,
      (context) => {
        const fresh = freshKeys.map((key) => context.id(key))
        return statements(...action.flatMap((change) => changeStatements(change, fresh)))(context)
      },
      { id, catalog, user: 'ann', writes: [room, otherRoom] },
    )
    if (outcome.kind === 'rejected') {
      count('rejected')
      return { id, patches: [] }
    }
    for (const { kind } of action) count(`applied ${kind}`)
    takeCensus(census, outcome.patches)
    return { id, patches: outcome.patches }
  }

  async function rollBackAll(sql: Sql, ids: readonly string[] | 'all'): Promise<void> {
    await enterEngine(sql)
    await rollBack(sql, catalog, ids)
    await settleConstraints(sql)
    await dropPatches(sql, ids)
  }

  /** Rolls back to the cut, to the start, and goes to the end again by the net changes alone. */
  async function checkWorld(sql: Sql, { actions, cut }: World): Promise<void> {
    const start = await stateHash(sql)
    const before = await doneInOrder(actions.slice(0, cut), (action) => changing(sql, action))
    const middle = await stateHash(sql)
    const behind = await doneInOrder(actions.slice(cut), (action) => changing(sql, action))
    const end = await stateHash(sql)
    await rollBackAll(
      sql,
      behind.map(({ id }) => id),
    )
    expect(await stateHash(sql), 'rolled back to the cut').toEqual(middle)
    await rollBackAll(sql, 'all')
    expect(await stateHash(sql), 'rolled back to the start').toEqual(start)
    const net = netChanges([...before, ...behind].flatMap(({ patches }) => patches))
    await setRows(
      sql,
      catalog,
      net.map(({ table, key, after }) => ({ table, key, image: after })),
    )
    await settleConstraints(sql)
    expect(await stateHash(sql), 'brought forward again').toEqual(end)
  }

  it(
    `[ROL-1] [FM-76] ${changes} random changes of rows (inserts, updates and deletes as captured) are taken back and brought back, byte for byte: seed ${campaignSeed}`,
    async () => {
      for (let round = 0; changedRows() < changes; round += 1) {
        const property = fc.asyncProperty(world, (each) => takenBack(open.store, (sql) => checkWorld(sql, each)))
        await fc
          .assert(property, { seed: campaignSeed + round * 1_000_003, numRuns: worldsPerRound })
          .catch((cause) => {
            const command = `ROLL_BACK_SEED=${campaignSeed} npx vitest run tests/contracts/roll-back-campaign.test.ts`
            throw new Error(`Round ${round}. Repeat with: ${command}\n${cause}`, { cause })
          })
      }
      expect(wanted.filter((what) => (census[what] ?? 0) < changes / 5_000)).toEqual([])
      const unseen = changeKinds.filter((kind) => !census[`applied ${kind}`])
      expect(unseen.length, `never applied: ${unseen}`).toBeLessThanOrEqual(unseenMax)
    },
    timeoutMs,
  )
})

interface Done {
  readonly id: string
  readonly patches: readonly Patch[]
}

interface World {
  readonly actions: readonly (readonly Change[])[]
  readonly cut: number
}

const world: fc.Arbitrary<World> = fc.record({ actions: actionsOfChanges, cut: fc.nat({ max: 40 }) })

async function doneInOrder<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = []
  for (const item of items) results.push(await work(item))
  return results
}
