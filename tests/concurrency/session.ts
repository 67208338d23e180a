/**
 * One client that appends to lists and reads them, as a device does: clocks greater than all it was served (HLC-2),
 * pushes in ordinal order, offered again until they are answered. Notes what it saw, for session-checker.ts.
 */
import { randomUUID } from 'node:crypto'
import type { AnyAction } from '@/lib/sync/action'
import { laterClock, nextClock } from '@/lib/sync/core/hlc'
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
  const state = {
    ordinal: 0,
    lastClock: null as string | null,
    waiting: [] as OfferedAction[],
    corrected: new Set<string>(),
  }
  const itemsById = new Map<string, string>()
  const receipts = new Map<string, Receipt>()
  const observations: Observation[] = []
  const seenBefore = new Map<string, ReadonlySet<string>>()
  const findings: string[] = []

  function take(answer: SyncAnswer): void {
    const { plan, findings: found } = fold.take(answer)
    findings.push(...found.map((text) => `${name}: ${text}`))
    const told = [...answer.receipts, ...plan.entries.flatMap((entry) => entry.receipts)]
    for (const receipt of [...told, ...plan.snapshots.flatMap((snapshot) => snapshot.receipts)]) {
      if ((receipts.get(receipt.actionId)?.revision ?? 0) <= receipt.revision) receipts.set(receipt.actionId, receipt)
    }
    const clocks = [...plan.entries.map(({ action }) => action?.clock ?? null), ...told.map(({ clock }) => clock)]
    for (const clock of clocks) state.lastClock = laterClock(state.lastClock, clock)
    const isAnswered = new Set(answer.receipts.map(({ actionId }) => actionId))
    state.waiting = state.waiting.filter(({ id }) => !isAnswered.has(id))
    for (const entry of plan.entries) if (entry.kind === 'correction') state.corrected.add(entry.audience)
    for (const { audience } of plan.snapshots) state.corrected.add(audience)
  }

  function observe(): void {
    const own = [...receipts.values()].filter(({ actionId }) => itemsById.has(actionId))
    const itemsOf = (isApplied: boolean) =>
      new Set(
        own
          .filter(({ status }) => (status === 'applied') === isApplied)
          .map(({ actionId }) => itemsById.get(actionId) ?? ''),
      )
    observations.push({
      clientId,
      audiences: fold.audiences,
      lists: listsOf(fold),
      corrected: state.corrected,
      confirmed: itemsOf(true),
      takenBack: itemsOf(false),
    })
    state.corrected = new Set()
  }

  return {
    user,
    clientId,
    fold,
    observations,
    seenBefore,
    findings,
    get waiting() {
      return state.waiting.length
    },
    append(action, input) {
      state.ordinal += 1
      const item = `${name}:${state.ordinal}`
      state.lastClock = nextClock(state.lastClock, now() + skewMs, clientId)
      const offered: OfferedAction = {
        id: randomUUID(),
        name: action.name,
        version: action.version,
        input: input(item) as OfferedAction['input'],
        ordinal: state.ordinal,
        clock: state.lastClock,
        wasConfirmed: false,
      }
      itemsById.set(offered.id, item)
      state.waiting.push(offered)
      seenBefore.set(item, new Set([...listsOf(fold).values()].flat()))
    },
    async exchange(server) {
      const client = createClient({ server }, user, clientId)
      for (let isMore = true; isMore; ) {
        const answer = await client.exchange(state.waiting.slice(0, 50), { cursors: fold.cursors() })
        take(expectSync(answer))
        isMore = answer.kind === 'sync' && answer.more
      }
      observe()
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
