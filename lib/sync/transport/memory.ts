import {
  type ExchangeAnswer,
  type ExchangeRequest,
  exchangeAnswer,
  exchangeRequest,
  type SnapshotRequest,
  snapshotRequest,
} from '../core/protocol'
import type { Transport, TransportOutcome } from '../device/transport'

/** What the network does to one exchange. `lose-answer`: the server did it, the device does not hear of it. */
export type Fault = 'none' | 'lose-request' | 'lose-answer' | Exclude<TransportOutcome, { kind: 'answer' }>

export interface MemoryTransport extends Transport {
  /** Faults of the next exchanges, first to last; then `otherwise`. */
  plan(...faults: readonly Fault[]): void
  /** What happens to all others: `'lose-request'` is offline. */
  otherwise(fault: Fault): void
  /** Everything that was sent, also what was lost. */
  readonly sent: readonly ExchangeRequest[]
}

/**
 * A device and a server in one process, for tests and the simulation. Everything goes through JSON and through the
 * schemas of both sides, so that what works here works on the wire.
 */
export function createMemoryTransport(
  serve: (request: ExchangeRequest) => Promise<ExchangeAnswer | Exclude<TransportOutcome, { kind: 'answer' }>>,
  stream: WriteSnapshot = async () => false,
): MemoryTransport {
  const sent: ExchangeRequest[] = []
  let planned: Fault[] = []
  let usual: Fault = 'none'

  return {
    sent,
    plan: (...faults) => {
      planned = [...planned, ...faults]
    },
    otherwise: (fault) => {
      usual = fault
    },
    snapshot: async (request, { signal }) => {
      const onWire = snapshotRequest.parse(JSON.parse(JSON.stringify(request)))
      if (signal.aborted || usual === 'lose-request') return { kind: 'offline' }
      const pieces: string[] = []
      const isHeld = await stream(onWire, async (text) => void pieces.push(text))
      return isHeld ? { kind: 'stream', text: textOf(pieces) } : { kind: 'not-held' }
    },
    exchange: async (request, { signal }) => {
      const onWire = exchangeRequest.parse(JSON.parse(JSON.stringify(request)))
      sent.push(onWire)
      const fault = planned.shift() ?? usual
      if (signal.aborted || fault === 'lose-request') return { kind: 'offline' }
      if (typeof fault === 'object') return fault
      const served = await serve(onWire)
      if (signal.aborted || fault === 'lose-answer') return { kind: 'offline' }
      if (isOutcome(served)) return served
      return { kind: 'answer', answer: exchangeAnswer.parse(JSON.parse(JSON.stringify(served))) }
    },
  }
}

type WriteSnapshot = (request: SnapshotRequest, sink: (text: string) => Promise<void>) => Promise<boolean>

async function* textOf(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces
}

type Refusal = Exclude<TransportOutcome, { kind: 'answer' }>

function isOutcome(served: ExchangeAnswer | Refusal): served is Refusal {
  return !['sync', 'update', 'reset', 'ahead', 'fork'].includes(served.kind)
}
