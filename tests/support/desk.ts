/**
 * One table where several people sit: actions run at once, one after another, on one database. For tests of single
 * rules and policies; whoever needs devices, clocks or a network takes `./world`.
 */
import type { z } from 'zod'
import { actions } from '@/lib/actions'
import type { ActionDefinition } from '@/lib/sync/action'
import { encodeClock } from '@/lib/sync/core/hlc'
import type { Store } from '@/lib/sync/store/driver'
import { replayOne } from './oracle'

export class Desk {
  private ordinal = 0
  /** Monday morning, nine o'clock; each action is a minute later than the last. */
  private ms = Date.UTC(2026, 2, 2, 9)

  constructor(readonly store: Store) {}

  /** Answers what the action returned; throws `name: reason` when a rule says no. Every action is checked twice. */
  async run<Schema extends z.ZodType, Value>(
    action: ActionDefinition<Schema, Value>,
    input: z.input<Schema>,
    author: string,
  ): Promise<Value> {
    this.ordinal += 1
    this.ms += 60_000
    const id = `00000000-0000-4000-8000-${String(this.ordinal).padStart(12, '0')}`
    const { name, version } = action
    const clock = encodeClock({ ms: this.ms, counter: 0, clientId: id })
    const outcome = await replayOne(this.store, actions, {
      ...{ id, name, version, author, clock },
      input: JSON.stringify(input),
      isCheckedTwice: true,
    })
    if (outcome.kind === 'applied') return outcome.value as Value
    throw new RuleSaidNo(`${name}: ${outcome.reason}`, outcome.details, outcome.error)
  }
}

export class RuleSaidNo extends Error {
  override readonly name = 'RuleSaidNo'
  constructor(
    message: string,
    readonly details: Readonly<Record<string, unknown>> | null,
    cause: Error | null,
  ) {
    super(message, { cause })
  }
}
