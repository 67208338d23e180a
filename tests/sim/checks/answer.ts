/** What may leave the server: nothing of an audience its reader does not hold (AUD-6). */
import type { ExchangeAnswer } from '@/lib/sync/core/protocol'
import { broken } from './broken'

export interface Told {
  readonly userId: string
  readonly answer: ExchangeAnswer
  /** The answer as it goes over the wire. */
  readonly text: string
  readonly held: ReadonlySet<string>
  /** Everything that names a room this user does not hold: nowhere in the answer may it stand. */
  readonly foreign: readonly string[]
}

export function checkAnswer({ userId, answer, text, held, foreign }: Told): void {
  for (const word of foreign) {
    if (text.includes(word))
      broken('AUD-6', `the answer to ${userId} has ${word}, of an audience ${userId} does not hold`)
  }
  if (answer.kind !== 'sync') return
  const audiences = [
    ...answer.audiences,
    ...answer.entries.map((entry) => entry.audience),
    ...answer.snapshots.map((snapshot) => snapshot.audience),
  ]
  for (const audience of audiences) {
    if (!held.has(audience)) broken('AUD-6', `the answer to ${userId} tells of ${audience}`)
  }
}
