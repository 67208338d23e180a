/**
 * One client that appends to lists and reads them, as a device does: clocks greater than all it was served (HLC-2),
 * pushes in ordinal order, offered again until they are answered. Notes what it saw, for session-checker.ts.
 */
import { randomUUID } from 'node:crypto'
import type { AnyAction } from '@/lib/sync/action'
import { laterClock, nextClock } from '@/lib/sync/core/hlc'
import type { ArrivalPlan } from '@/lib/sync/core/plan-arrival'
import type { ExchangeAnswer, OfferedAction, Receipt, SyncAnswer } from '@/lib/sync/core/protocol'
import { listKey } from './append-checker'
import { createClient, type ExchangeServer } from './authority'
import { createFold, type Fold } from './fold'
import { NoAnswer } from './processes'
import type { Observation } from './session-checker'

export interface Session {
  readonly user: string
  readonly clientId: string
  readonly fold: Fold
  readonly waiting: number
  readonly observations: readonly Observation[]
  /** What it had seen when it made each append, by item. */
  readonly seenBefore: ReadonlyMap<string, ReadonlySet<string>>
  /** What was wrong with answers. */
  readonly findings: readonly string[]
  /** Makes an append now, by its own clock; it is sent by the next exchange. */
  append(action: AnyAction, input: (item: string) => unknown): void
  /** Pushes what waits and reads to the end. Throws NoAnswer when the server has none: all that waited still waits. */
  exchange(server: ExchangeServer): Promise<void>
}

export interface SessionOptions {
  readonly user: string
  /** Server time, from which the clock of this client is `skewMs` away. */
  readonly now: () => number
  readonly skewMs: number
}

export function createSession({ user, now, skewMs }: SessionOptions): Session {
  const clientId = randomUUID()
  const name = `${user}:${clientId.slice(0, 4)}`
  const fold = createFold()
  const witness = createWitness(clientId, fold)
  let ordinal = 0
  let lastClock: string | null = null
  let waiting: OfferedAction[] = []
  const seenBefore = new Map<string, ReadonlySet<string>>()
  const findings: string[] = []

  function take(answer: SyncAnswer): void {
    const { plan, findings: found } = fold.take(answer)
    findings.push(...found.map((text) => `${name}: ${text}`))
    const receipts = witness.take(answer, plan)
    for (const clock of [...plan.entries.map(({ action }) => action?.clock), ...receipts.map((one) => one.clock)]) {
      lastClock = laterClock(lastClock, clock ?? null)
    }
    const isAnswered = new Set(answer.receipts.map(({ actionId }) => actionId))
    waiting = waiting.filter(({ id }) => !isAnswered.has(id))
  }

  return {
    user,
    clientId,
    fold,
    observations: witness.observations,
    seenBefore,
    findings,
    get waiting() {
      return waiting.length
    },
    append(action, input) {
      ordinal += 1
      const [id, item] = [randomUUID(), `${name}:${ordinal}`]
      const clock: string = nextClock(lastClock, now() + skewMs, clientId)
      lastClock = clock
      const { version } = action
      const made = input(item) as OfferedAction['input']
      waiting.push({ id, name: action.name, version, input: made, ordinal, clock, wasConfirmed: false })
      witness.made(id, item)
      seenBefore.set(item, new Set([...listsOf(fold).values()].flat()))
    },
    async exchange(server) {
      const client = createClient({ server }, user, clientId)
      for (let isMore = true; isMore; ) {
        const answer = expectSync(await client.exchange(waiting.slice(0, 50), { cursors: fold.cursors() }))
        take(answer)
        isMore = answer.more
      }
      witness.observe()
    },
  }
}

/** Writes down what a client sees, as observations. */
function createWitness(clientId: string, fold: Fold) {
  const itemsById = new Map<string, string>()
  const receipts = new Map<string, Receipt>()
  const observations: Observation[] = []
  let corrected = new Set<string>()
  const itemsThatAre = (isApplied: boolean) =>
    new Set(
      [...receipts.values()]
        .filter(({ status }) => (status === 'applied') === isApplied)
        .flatMap(({ actionId }) => itemsById.get(actionId) ?? []),
    )
  return {
    observations,
    made: (id: string, item: string) => void itemsById.set(id, item),
    /** Every receipt that the answer told. */
    take(answer: SyncAnswer, { entries, snapshots }: ArrivalPlan): Receipt[] {
      const told = [answer, ...entries, ...snapshots].flatMap((each) => each.receipts)
      for (const receipt of told) {
        const known = receipts.get(receipt.actionId)
        if (!known || known.revision <= receipt.revision) receipts.set(receipt.actionId, receipt)
      }
      for (const entry of entries) if (entry.kind === 'correction') corrected.add(entry.audience)
      for (const { audience } of snapshots) corrected.add(audience)
      return told
    },
    observe(): void {
      const [confirmed, takenBack] = [itemsThatAre(true), itemsThatAre(false)]
      const { audiences } = fold
      observations.push({ clientId, audiences, lists: listsOf(fold), corrected, confirmed, takenBack })
      corrected = new Set()
    },
  }
}

function expectSync(answer: ExchangeAnswer): SyncAnswer {
  if (answer.kind !== 'sync') throw new NoAnswer(`The exchange was answered with ${answer.kind}`, '')
  return answer
}

function listsOf(fold: Fold): Map<string, string[]> {
  const rows = [...fold.rows.values()].filter(({ table }) => table === 'lists').map(({ image }) => image)
  return new Map(
    rows.map(({ audience, name, items }) => [listKey(audience ?? '', name ?? ''), (items ?? '').split(' ')]),
  )
}
