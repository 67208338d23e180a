/** Failures that pass by themselves are retried with jitter and never become outcomes (ING-6). */
import { SqlError } from '../store/driver'
import type { ServerEngine } from './engine'

export type Retrying = Pick<ServerEngine, 'pause' | 'random' | 'trace'>

const attemptsMax = 6
const firstPauseMs = 20

/** Serialisation failure, deadlock, lock not available, lost connection, server starting or stopping. */
export function isPassing(error: unknown): boolean {
  return error instanceof SqlError && (/^(40001|40P01|55P03|08|57P0)/.test(error.code) || isIdTakenMeanwhile(error))
}

/** Two users offered one id at once: no lock is shared, and the second look finds it known (ING-2). */
function isIdTakenMeanwhile({ code, constraint }: SqlError): boolean {
  return code === '23505' && (constraint === 'ids_pkey' || constraint === 'actions_pkey')
}

/**
 * Runs `work` until it does not fail in passing. A lost answer to COMMIT is safe: the next attempt finds the ids and
 * answers with the stored receipts.
 */
export async function withRetries<Result>(engine: Retrying, work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || attempt >= attemptsMax) throw error
      engine.trace({ kind: 'retry', attempt, error: error as Error })
      await engine.pause(firstPauseMs * 2 ** attempt * (0.5 + engine.random()))
    }
  }
}
