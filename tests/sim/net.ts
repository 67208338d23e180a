/**
 * The network of a simulated world: every exchange is a message that lies somewhere until a step moves it on. So requests
 * and answers are lost, late, twice, out of order, cut off or answered by somebody else, as chance says.
 *
 * ```
 *  device ──▶ to-server ──serve──▶ at-server ──▶ to-device ──▶ device
 *                │ lost, refused on the way            │ lost, replaced
 * ```
 */
import type { ExchangeAnswer } from '@/lib/sync/core/protocol'
import type { SnapshotOutcome, Transport, TransportOutcome } from '@/lib/sync/device/transport'
import type { Process } from './turns'

export interface Message {
  readonly id: number
  readonly userId: string
  /** Of the device. */
  readonly process: Process
  readonly asks: 'exchange' | 'snapshot'
  readonly request: string
  place: 'to-server' | 'at-server' | 'to-device' | 'over'
  /** Who serves it. */
  server: Process | null
  answer: string | null
  outcome: Exclude<TransportOutcome, { kind: 'answer' }> | null
  /** The device waits no longer: it was answered, gave up or died. */
  isForgotten: boolean
  /** Number of actions offered. */
  readonly offered: number
  hear(outcome: TransportOutcome | SnapshotOutcome): void
}

interface Asking extends Pick<Message, 'asks' | 'offered'> {
  readonly request: object
  readonly signal: AbortSignal
}

export class Net {
  lastId = 0
  messages: Message[] = []
  /** Requests with actions that reached a server: they may come again at any time. */
  served: Message[] = []

  /** Of a device of this user. */
  transport({ userId }: { readonly userId: string }, process: Process): Transport {
    const ask = <Outcome>({ asks, request, signal, offered }: Asking) =>
      new Promise<Outcome>((resolve) => {
        if (!process.isAlive) return
        this.lastId += 1
        const message: Message = {
          id: this.lastId,
          ...{ userId, process, asks, request: JSON.stringify(request), place: 'to-server', server: null },
          ...{ answer: null, outcome: null, isForgotten: false, offered },
          hear: (outcome) => {
            if (message.isForgotten || !process.isAlive) return
            message.isForgotten = true
            resolve(outcome as Outcome)
          },
        }
        this.messages.push(message)
        signal.addEventListener('abort', () => message.hear({ kind: 'offline' }))
      })
    return {
      exchange: (request, { signal }) => ask({ asks: 'exchange', request, signal, offered: request.actions.length }),
      snapshot: (request, { signal }) => ask({ asks: 'snapshot', request, signal, offered: 0 }),
    }
  }

  /** Under way; what is over is dropped. */
  underWay(): Message[] {
    this.messages = this.messages.filter(
      (message) => message.place !== 'over' && !(message.place === 'to-device' && message.isForgotten),
    )
    return this.messages.filter((message) => message.place !== 'at-server')
  }

  /** The answer reaches the device, or what became of it on the way. */
  arrive(message: Message): void {
    message.place = 'over'
    if (message.outcome) message.hear(message.outcome)
    else if (message.answer === null) return
    else if (message.asks === 'snapshot') message.hear({ kind: 'stream', text: inPieces(message.answer) })
    else {
      message.hear({ kind: 'answer', answer: JSON.parse(message.answer) as ExchangeAnswer })
    }
  }

  /** A server died: whoever it was answering hears that the connection is gone. */
  hangUp(server: Process): void {
    for (const message of this.messages) {
      if (message.place !== 'at-server' || message.server !== server) continue
      message.place = 'to-device'
      message.outcome = { kind: 'offline' }
    }
  }
}

/** Where it was cut means nothing. */
async function* inPieces(text: string): AsyncGenerator<string> {
  const middle = Math.floor(text.length / 2)
  yield text.slice(0, middle)
  yield text.slice(middle)
}
