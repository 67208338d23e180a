/** Runs records of the simulated application one by one on a database, as the server would: authority, then the action. */
import type { AnyAction } from '@/lib/sync/action'
import { allNamed } from '@/lib/sync/core/audience'
import { enterEngine } from '@/lib/sync/store/action-context'
import { readCatalog } from '@/lib/sync/store/catalog'
import type { Sql } from '@/lib/sync/store/driver'
import { missingAudiences } from '@/lib/sync/store/held-audiences'
import { install } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createRegistry, namedAudiences, resolveAction } from '@/lib/sync/store/resolve-action'
import { runAction } from '@/lib/sync/store/run-action'
import type { Driver, OpenStore } from '@/tests/contracts/stores'
import type { AcceptedRecord, OracleOutcome, OracleRows } from './oracle'
import { simMigrations, simModel } from './sql'
import { simTables } from './tables'

/** A database with the tables of the simulated application, installed as on a server, on one of the two drivers. */
export async function openSimulated(driver: Driver): Promise<OpenStore> {
  const open = await driver.open()
  await migrate(open.store, simMigrations)
  await install(open.store, simModel, 'server')
  return open
}

export interface Stage {
  run(record: AcceptedRecord): Promise<OracleOutcome>
  rows(): Promise<OracleRows>
}

/** An empty database on which records are run in the order they come. */
export async function emptyStage(sql: Sql, actions: readonly AnyAction[]): Promise<Stage> {
  await enterEngine(sql)
  await sql.exec(`truncate ${simModel.tables.join(', ')}, sync.patches`)
  const catalog = await readCatalog(sql, simModel.tables)
  const registry = createRegistry(actions)
  return {
    async run(record) {
      const resolved = resolveAction(registry, { ...record, input: JSON.parse(record.input) as unknown })
      if (resolved.kind !== 'known') throw new Error(`${record.name} ${record.input} is ${JSON.stringify(resolved)}`)
      const { definition, input } = resolved
      const audiences = namedAudiences(definition, input, record)
      const named = allNamed(audiences).filter((audience) => !audiences.founded.includes(audience))
      if ((await missingAudiences(sql, record.author, named)).length > 0) return { rejected: 'authority' }
      await enterEngine(sql)
      const outcome = await runAction(sql, { catalog, definition, input, record, audiences })
      return outcome.kind === 'applied' ? 'applied' : { rejected: outcome.reason }
    },
    rows: () => rowsOfDatabase(sql),
  }
}

async function rowsOfDatabase(sql: Sql): Promise<OracleRows> {
  const rows: OracleRows = new Map()
  for (const { name } of simTables) {
    for (const row of await sql.query<{ id: string; audience: string }>(`select * from ${name}`)) {
      rows.set(`${name} ${JSON.stringify([row.id])}`, row)
    }
  }
  return rows
}

/** In one order, so that two sets of rows can be compared. */
export const sortedRows = (rows: OracleRows) => [...rows].sort(([left], [right]) => (left < right ? -1 : 1))
