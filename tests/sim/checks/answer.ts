/** What may leave the server: nothing of an audience its reader does not hold (AUD-6). */
import type { ExchangeAnswer } from '@/lib/sync/core/protocol'
import { broken } from './broken'

export interface Told {
  readonly userId: string
  /** Audiences it tells of. */
  readonly audiences: readonly string[]
  /** The answer as it goes over the wire. */
  readonly text: string
  readonly held: ReadonlySet<string>
  /** Everything that names a room this user does not hold: nowhere in the answer may it stand. */
  readonly foreign: readonly string[]
}

export function checkAnswer({ userId, text, audiences, held, foreign }: Told): void {
  for (const word of foreign) {
    if (text.includes(word))
      broken('AUD-6', `the answer to ${userId} has ${word}, of an audience ${userId} does not hold`)
  }
  for (const audience of audiences) {
    if (!held.has(audience)) broken('AUD-6', `the answer to ${userId} tells of ${audience}`)
  }
}

/** Those an answer tells of. */
export function audiencesOf(answer: ExchangeAnswer): string[] {
  if (answer.kind !== 'sync') return []
  return [
    ...answer.audiences,
    ...answer.large,
    ...answer.entries.map((entry) => entry.audience),
    ...answer.snapshots.map((snapshot) => snapshot.audience),
  ]
}
