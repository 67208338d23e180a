/**
 * Whether the pages that one reader got are the log, nothing missing and nothing twice (ING-5). Looks at answers alone,
 * without the engine's own rules for taking them in.
 *
 *   dense      each number is one more than the one before
 *   chained    each entry names the token of the one before
 *   stamped    entries of one ingest share a stamp, those of the next have a greater one
 *   whole      an ingest arrives in one answer, in all audiences of the reader: never half now and half later
 */
import type { LogEntry, SyncAnswer } from '@/lib/sync/core/protocol'

export interface PageChecker {
  /** What is wrong with the next answer. */
  check(answer: Pick<SyncAnswer, 'audiences' | 'entries' | 'snapshots'>): string[]
}

interface Place {
  readonly seq: number
  readonly token: string
  readonly stamp: number
  readonly ingest: string | null
}

export function createPageChecker(): PageChecker {
  const places = new Map<string, Place>()
  const seenIngests = new Set<string>()
  return {
    check({ audiences, entries, snapshots }) {
      for (const audience of [...places.keys()]) if (!audiences.includes(audience)) places.delete(audience)
      for (const { audience, seq, token, stamp } of snapshots) {
        places.set(audience, { seq, token, stamp, ingest: null })
      }
      const findings = [...new Set(entries.map(({ ingest }) => ingest))]
        .filter((ingest) => seenIngests.has(ingest))
        .map((ingest) => `ingest ${ingest} came in two answers`)
      for (const entry of [...entries].sort((left, right) => left.seq - right.seq)) {
        const place = places.get(entry.audience)
        findings.push(...complaints(entry, place).map((what) => `${entry.audience} ${entry.seq}: ${what}`))
        places.set(entry.audience, entry)
      }
      for (const { ingest } of entries) seenIngests.add(ingest)
      return findings
    },
  }
}

function complaints(entry: LogEntry, before: Place | undefined): string[] {
  if (!before) return ['an entry of an audience without a cursor']
  const found: string[] = []
  if (entry.seq !== before.seq + 1) found.push(`it follows ${before.seq}`)
  if (entry.previousToken !== before.token) found.push(`it names ${entry.previousToken}, not ${before.token}`)
  const isSameIngest = before.ingest === entry.ingest
  if (isSameIngest ? entry.stamp !== before.stamp : entry.stamp <= before.stamp) {
    found.push(`its stamp ${entry.stamp} after ${before.stamp}`)
  }
  return found
}
