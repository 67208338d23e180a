/** The port over drizzle, on PGlite, and the port of the oracle keep the same promises and end with the same rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '@/lib/sync/store/driver'
import { emptyStage, openSimulated, sortedRows } from './on-pglite'
import { type OracleOutcome, runOracle } from './oracle'
import { portActions, portRecords, portSteps } from './port-steps'

const expected = portSteps.map(({ says, outcome }) => ({ says, outcome }))

describe('the port of the simulated actions', () => {
  let store: Store
  beforeAll(async () => {
    store = await openSimulated()
  })
  afterAll(() => store.close())

  it('keeps its promises in the oracle', async () => {
    const { outcomes } = await runOracle(portRecords, portActions)
    expect(portSteps.map(({ says }, index) => ({ says, outcome: outcomes.get(portRecords[index]!.id) }))).toEqual(
      expected,
    )
  })

  it('keeps them over SQL, with the same rows in the end', async () => {
    const oracle = await runOracle(portRecords, portActions)
    await store.transaction(async (sql) => {
      const stage = await emptyStage(sql, portActions)
      const outcomes: OracleOutcome[] = []
      for (const record of portRecords) outcomes.push(await stage.run(record))
      expect(portSteps.map(({ says }, index) => ({ says, outcome: outcomes[index] }))).toEqual(expected)
      expect(sortedRows(await stage.rows())).toEqual(sortedRows(oracle.rows))
    })
  })
})
