/**
 * Looks, at an interval, whether audiences somebody waits for have entries nobody was woken for: appended by another
 * process while no notice of the database came through (SHP-3). One statement per look, whatever the number of readers,
 * and none while nobody waits.
 */
import type { ServerStore } from '../../store/server/transaction'
import type { KnownHead, LogWatch } from './watch'

export interface PulseOptions {
  readonly watch: LogWatch
  readonly store: Pick<ServerStore, 'read'>
  schedule(ms: number, work: () => void): () => void
  readonly intervalMs: number
  /** A look found what no notice had told: the connection that should bring them may be dead. */
  onMissed(): void
  onFailure(error: unknown): void
}

export function createPulse(options: PulseOptions): { close(): void } {
  let isClosed = false
  let cancel = (): void => undefined
  const plan = () => {
    if (isClosed) return
    cancel = options.schedule(options.intervalMs, () => {
      look(options).catch(options.onFailure).finally(plan)
    })
  }
  plan()
  return {
    close: () => {
      isClosed = true
      cancel()
    },
  }
}

async function look({ watch, store, onMissed }: PulseOptions): Promise<void> {
  const followed = watch.followed()
  if (followed.length === 0) return
  const heads = await store.read((tx) => tx.log.readHeads(followed.map(({ audience }) => audience)))
  const isBehind = ({ audience, head }: KnownHead) => (heads.get(audience)?.head ?? 0) > head
  const behind = new Set(followed.filter(isBehind).map(({ audience }) => audience))
  // A notice may have come while the heads were read.
  const missed = watch.followed().filter((one) => behind.has(one.audience) && isBehind(one))
  if (missed.length === 0) return
  watch.wake(missed.map(({ audience }) => audience))
  onMissed()
}
