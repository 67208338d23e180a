/**
 * Development help: finds actions that would not do the same again (ACT-1). The action runs once as it is and once with
 * the rows of the tables it mentions in random physical order, so that a missing ORDER BY shows; both runs are taken
 * back. The report names the first statement whose answer differed.
 */
import { canonicalJson } from '../core/canonical-json'
import { netChanges } from '../core/images'
import { enterEngine } from './action-context'
import type { SentStatement } from './action-db'
import type { CapturedTable } from './catalog'
import type { Sql } from './driver'
import type { RunOutcome, RunRequest } from './run-action'
import { quoteName } from './sql-text'

export class NotDeterministic extends Error {
  override readonly name = 'NotDeterministic'
}

const shuffledRowsMax = 1_000

type Run = (sql: Sql, request: RunRequest, sent?: SentStatement[]) => Promise<RunOutcome>

/** Null when both runs did the same. */
export async function compareRuns(sql: Sql, request: RunRequest, run: Run): Promise<NotDeterministic | null> {
  const plain: SentStatement[] = []
  const first = await takenBack(sql, () => run(sql, request, plain))
  const mentioned = [...request.catalog.tables.values()].filter((table) =>
    plain.some(({ statement }) => statement.includes(quoteName(table.name))),
  )
  const shuffled: SentStatement[] = []
  const second = await takenBack(sql, async () => {
    await enterEngine(sql)
    for (const table of mentioned) await shuffleRows(sql, table)
    return run(sql, request, shuffled)
  })
  if (outcomeText(first) === outcomeText(second)) return null
  return new NotDeterministic(
    `Action "${request.definition.name}" did two different things with the same input and rows. ` +
      `${firstDifference(plain, shuffled)} Use \`now\`, \`id()\` and \`random()\` of the action, and ORDER BY with LIMIT.`,
  )
}

async function takenBack(sql: Sql, work: () => Promise<RunOutcome>): Promise<RunOutcome> {
  await sql.exec('savepoint trial')
  try {
    return await work()
  } finally {
    await sql.exec('rollback to savepoint trial; release savepoint trial')
  }
}

/** Same rows, other physical order. Generated columns are left to the database. */
async function shuffleRows(sql: Sql, table: CapturedTable): Promise<void> {
  const name = `public.${quoteName(table.name)}`
  const [count] = await sql.query<{ many: boolean }>(
    `select count(*) > ${shuffledRowsMax} as many from (select from ${name} limit ${shuffledRowsMax + 1}) r`,
  )
  if (count?.many) return
  const columns = table.columns
    .filter((column) => !column.isGenerated)
    .map((column) => quoteName(column.name))
    .join(', ')
  await sql.exec(`create temporary table shuffled on commit drop as select ${columns} from ${name};
    delete from ${name};
    insert into ${name} (${columns}) select ${columns} from shuffled order by random();
    drop table shuffled`)
}

function outcomeText(outcome: RunOutcome): string {
  if (outcome.kind === 'rejected') return asText([outcome.reason, outcome.details])
  const changes = netChanges(outcome.patches).map((change) => canonicalJson(change))
  return asText([changes.sort(), outcome.value])
}

/** What an action returns or sends may hold what JSON does not know: a bigint. */
function asText(value: unknown): string {
  return JSON.stringify(value ?? null, (_, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member))
}

function firstDifference(first: readonly SentStatement[], second: readonly SentStatement[]): string {
  const length = Math.max(first.length, second.length)
  const position = Array.from({ length }).findIndex((_, index) => asText(first[index]) !== asText(second[index]))
  const [one, other] = [first[position], second[position]]
  const found = one ?? other
  if (!found) return 'Its statements were the same, what it made of them was not.'
  const where = `Statement ${position + 1}: ${found.statement}`
  if (!one || !other) return `${where} was sent in one run only.`
  if (one.statement !== other.statement) return `${where} was another one in the second run: ${other.statement}.`
  return asText(one.parameters) === asText(other.parameters)
    ? `${where} gave other rows, or the same in another order.`
    : `${where} was sent with other parameters.`
}
