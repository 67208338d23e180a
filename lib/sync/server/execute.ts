/** One run of an action in canonical history: authority as of its place, then its code (AUD-4). */
import { type ActionAudiences, allNamed } from '../core/audience'
import type { Patch } from '../core/images'
import type { PlacedRun } from '../store/captured-rows'
import { isTimeout, type RunOutcome } from '../store/run-action'
import type { ServerTransaction } from '../store/server/transaction'
import type { ServerEngine } from './engine'
import { storableOutcome } from './receipt-details'

/** What a run came to. `refused` only on a first run: a timeout is no function of state (ING-6). */
export type Execution = RunOutcome | { readonly kind: 'refused'; readonly reason: 'timeout' }

/**
 * Remembers what authors hold at this place of the replay; forgotten whenever a granted table changes, because
 * membership is part of the same history (AUD-2).
 */
export class Holdings {
  private missingByQuestion = new Map<string, readonly string[]>()
  private readonly grantTables: ReadonlySet<string>

  constructor(
    private readonly tx: ServerTransaction,
    engine: ServerEngine,
  ) {
    this.grantTables = new Set(engine.model.grants.map((grant) => grant.table))
  }

  /** Whether the author holds all it names here, besides what it founds. */
  async allows(author: string, audiences: ActionAudiences): Promise<boolean> {
    const named = allNamed(audiences).filter((audience) => !audiences.founded.includes(audience))
    const question = JSON.stringify([author, named])
    const missing = this.missingByQuestion.get(question) ?? (await this.tx.rows.missingAudiences(author, named))
    this.missingByQuestion.set(question, missing)
    return missing.length === 0
  }

  /** Call with the rows that were changed since the last question. */
  changed(patches: readonly Patch[]): void {
    if (patches.some((patch) => this.grantTables.has(patch.table))) this.missingByQuestion.clear()
  }

  /** Everything may have changed: after a roll back. */
  forget(): void {
    this.missingByQuestion.clear()
  }
}

export interface Place {
  readonly engine: ServerEngine
  readonly tx: ServerTransaction
  readonly holdings: Holdings
}

/** A newcomer. Only its own statements can be too slow: a slow question of the engine is an error like others. */
export async function executeFirst(place: Place, request: PlacedRun): Promise<Execution> {
  if (!(await isAllowed(place, request))) return withoutAuthority
  try {
    return await run(place, request)
  } catch (error) {
    if (isTimeout(error)) return { kind: 'refused', reason: 'timeout' }
    throw error
  }
}

/** An old action, again. Throws when it is too slow now: that must not change what it was (ING-6). */
export async function execute(place: Place, request: PlacedRun): Promise<RunOutcome> {
  return (await isAllowed(place, request)) ? run(place, request) : withoutAuthority
}

const withoutAuthority: RunOutcome = { kind: 'rejected', reason: 'authority', details: null, error: null }

function isAllowed({ holdings }: Place, { record, audiences }: PlacedRun): Promise<boolean> {
  return holdings.allows(record.author, audiences)
}

async function run({ engine, tx, holdings }: Place, request: PlacedRun): Promise<RunOutcome> {
  const outcome = storableOutcome(await tx.rows.runAction(request))
  if (outcome.kind === 'applied') holdings.changed(outcome.patches)
  else if (outcome.error) {
    engine.trace({
      kind: 'action-error',
      actionId: request.record.id,
      name: request.definition.name,
      error: outcome.error,
    })
  }
  return outcome
}
