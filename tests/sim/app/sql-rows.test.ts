/** The port over drizzle, on both databases, and the port of the oracle keep the same promises and end with the same rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drivers, type OpenStore } from '@/tests/contracts/stores'
import { type OracleOutcome, runOracle } from './oracle'
import { portActions, portRecords, portSteps } from './port-steps'
import { emptyStage, openSimulated, sortedRows } from './stage'

const expected = portSteps.map(({ says, outcome }) => ({ says, outcome }))

it('the port keeps its promises in the oracle', async () => {
  const { outcomes } = await runOracle(portRecords, portActions)
  expect(portSteps.map(({ says }, index) => ({ says, outcome: outcomes.get(portRecords[index]!.id) }))).toEqual(
    expected,
  )
})

describe.each(drivers)('the port over SQL, on $name', (driver) => {
  let open: OpenStore
  beforeAll(async () => {
    open = await openSimulated(driver)
  })
  afterAll(() => open.close())

  it('keeps its promises, with the rows of the oracle in the end', async () => {
    const oracle = await runOracle(portRecords, portActions)
    await open.store.transaction(async (sql) => {
      const stage = await emptyStage(sql, portActions)
      const outcomes: OracleOutcome[] = []
      for (const record of portRecords) outcomes.push(await stage.run(record))
      expect(portSteps.map(({ says }, index) => ({ says, outcome: outcomes[index] }))).toEqual(expected)
      expect(sortedRows(await stage.rows())).toEqual(sortedRows(oracle.rows))
    })
  })
})
