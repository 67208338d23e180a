/** Running actions of the simulated application through an open transaction, as an ingest does. */

import { z } from 'zod'
import { type ActionContext, type AnyAction, defineAction, type NamedAudiences } from '@/lib/sync/action'
import { allNamed } from '@/lib/sync/core/audience'
import { createRegistry, namedAudiences, resolveAction } from '@/lib/sync/store/resolve-action'
import type { RunOutcome } from '@/lib/sync/store/run-action'
import type { ServerTransaction } from '@/lib/sync/store/server/transaction'
import type { AcceptedRecord } from '../sim/app/oracle'
import type { Rows } from '../sim/app/rows'
import { rowsOf } from '../sim/app/sql-rows'
import { uuid } from './act'
import { clockAt } from './records'

export type Work = (rows: Rows, context: ActionContext<unknown>) => Promise<unknown>

export interface Acting {
  /** Of the action id. */
  readonly number: number
  readonly author?: string
  readonly audiences: NamedAudiences
}

/** Runs a function as an action, with whatever audiences it names: nobody asks whether the author holds them. */
export async function acted(tx: ServerTransaction, { number, author = 'ann', audiences }: Acting, work: Work) {
  const definition = defineAction({
    name: 'test.act',
    version: 1,
    input: z.unknown(),
    audiences: () => audiences,
    run: (context) => work(rowsOf(context.db), context),
  })
  const record = { id: uuid(number), author, clock: clockAt(number) }
  await tx.rows.enterEngine()
  return tx.rows.runAction({
    ...{ definition, input: null, record },
    audiences: namedAudiences(definition, null, record),
  })
}

/** Authority, then the run. */
export async function admitted(
  tx: ServerTransaction,
  record: AcceptedRecord,
  actions: readonly AnyAction[],
): Promise<RunOutcome | 'no authority'> {
  const resolved = resolveAction(createRegistry(actions), { ...record, input: JSON.parse(record.input) as unknown })
  if (resolved.kind !== 'known') throw new TypeError(`${record.name} is ${resolved.kind}`)
  const { definition, input } = resolved
  const audiences = namedAudiences(definition, input, record)
  const named = allNamed(audiences).filter((audience) => !audiences.founded.includes(audience))
  if ((await tx.rows.missingAudiences(record.author, named)).length > 0) return 'no authority'
  await tx.rows.enterEngine()
  return tx.rows.runAction({ definition, input, record, audiences })
}

/** Whether an error came along is told; which one differs from database to database. */
export function told(outcome: RunOutcome) {
  if (outcome.kind === 'applied') return { kind: outcome.kind, value: outcome.value }
  return { kind: outcome.kind, reason: outcome.reason, details: outcome.details, hasError: outcome.error !== null }
}
