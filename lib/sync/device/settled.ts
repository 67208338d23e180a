import type { Hold } from '../core/push-plan'
import type { DeviceContext } from './context'
import { markConfirmed, writeClocks } from './recover'

export interface Settled {
  /** With the canonical clock; null for refused ones. */
  readonly settled: ReadonlyMap<string, string | null>
  readonly holds: ReadonlyMap<string, Hold | null>
  readonly clocks: ReadonlyMap<string, string>
}

/**
 * Tells the outbox what became of actions once that is in the database, then those who wait for them. A crash in between
 * is made good on start (OUT-1).
 */
export async function noteSettled(
  context: DeviceContext,
  { settled, holds, clocks }: Settled,
  onSettled: (ids: readonly string[]) => Promise<void>,
): Promise<void> {
  const refused = [...settled].flatMap(([id, clock]) => (clock === null ? [id] : []))
  await markConfirmed(context, new Map([...settled].flatMap(([id, clock]) => (clock === null ? [] : [[id, clock]]))))
  if (refused.length > 0) await context.outbox.rewrite({ ids: refused, change: () => null })
  if (holds.size > 0) {
    await context.outbox.rewrite({
      ids: [...holds.keys()],
      change: (record) => ({ ...record, hold: holds.get(record.id) ?? null }),
    })
  }
  if (clocks.size > 0) await writeClocks(context, clocks)
  if (settled.size > 0) await onSettled([...settled.keys()])
}
