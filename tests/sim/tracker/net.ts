/**
 * The network between a device and the server of a simulated world: it delivers requests twice, and old ones again much
 * later. Lost requests and answers are faults of the device's own transport (`Person.nextPushes`, `transport.plan`).
 */
import type { ExchangeAnswer, ExchangeRequest } from '@/lib/sync/core/protocol'
import type { World } from '../../support/world'
import type { Tally } from './tally'

export class Net {
  private delivered: { readonly userId: string; readonly request: ExchangeRequest }[] = []
  private duplicates = 0

  constructor(
    private readonly world: World,
    private readonly tally: Tally,
  ) {}

  readonly serveTo =
    (userId: string) =>
    async (request: ExchangeRequest): Promise<ExchangeAnswer> => {
      if (request.actions.length > 0) this.delivered.push({ userId, request })
      if (this.duplicates > 0) {
        this.duplicates -= 1
        this.tally.count('duplicate')
        await this.world.server.exchange(userId, request)
      }
      return this.world.server.exchange(userId, request)
    }

  /** The next requests arrive twice; the device hears the second answer. */
  duplicateNext(times: number): void {
    this.duplicates += times
  }

  /** A request of long ago arrives once more; nobody waits for its answer. */
  async deliverAgain(choose: (count: number) => number): Promise<void> {
    const old = this.delivered[choose(this.delivered.length)]
    if (!old) return
    this.tally.count('duplicate')
    await this.world.server.exchange(old.userId, old.request)
  }
}
