/**
 * What a tab has asked and not heard yet: asked again of each new leader, by the same id, and answered once (FM-22). No
 * call waits for ever (FM-23).
 */
import { DeviceFailure } from '../client'
import type { Call } from '../worker-protocol'
import type { Request } from './words'

export interface CallsOptions {
  schedule(ms: number, work: () => void): () => void
  now(): number
  send(request: Request): void
}

export interface Calls {
  /** Most calls are answered soon, or never. */
  begin(call: Call, answerMs?: number): Promise<unknown>
  /** To a new leader, in the old order. */
  askAgain(): void
  resolve(id: number, value: unknown): void
  reject(id: number, error: unknown): void
  /** Ends the calls of an action that nobody runs any more. */
  rejectAction(actionId: string, error: Error): void
  isWaiting(): boolean
}

/** Opening a database for the first time takes seconds, and what is called meanwhile waits for it. */
const beginMs = 60_000
/** What was begun in time is waited for a little longer: "it was not begun" is an answer, "nobody knows" is not. */
const answerMsDefault = beginMs + 15_000
/** A deadline that fires so late fires in a page that slept: its answers may be here, and come first. */
const lateMs = 2_000
const graceMs = 15_000

interface Waiting {
  readonly call: Call
  readonly untilMs: number
  resolve(value: unknown): void
  reject(error: unknown): void
}

export function createCalls({ schedule, now, send }: CallsOptions): Calls {
  const waitingById = new Map<number, Waiting>()
  let lastId = 0

  const take = (id: number) => {
    const found = waitingById.get(id)
    waitingById.delete(id)
    return found
  }

  const giveUp = (id: number) =>
    take(id)?.reject(new DeviceFailure('timeout', 'The database of this device did not answer in time.'))

  const giveUpLater = (id: number, answerMs: number): (() => void) => {
    const dueMs = now() + answerMs
    let cancel = schedule(answerMs, () => {
      if (now() - dueMs <= lateMs) giveUp(id)
      else cancel = schedule(graceMs, () => giveUp(id))
    })
    return () => cancel()
  }

  return {
    begin: (call, answerMs = answerMsDefault) =>
      new Promise((resolve, reject) => {
        lastId += 1
        const id = lastId
        const cancel = giveUpLater(id, answerMs)
        const ended =
          <Value>(end: (value: Value) => void) =>
          (value: Value) => {
            cancel()
            end(value)
          }
        const waiting = { call, untilMs: now() + beginMs, resolve: ended(resolve), reject: ended(reject) }
        waitingById.set(id, waiting)
        send({ kind: 'call', id, call, untilMs: waiting.untilMs })
      }),
    askAgain: () => {
      for (const [id, { call, untilMs }] of [...waitingById]) {
        if (call.method !== 'discardPending') send({ kind: 'call', id, call, untilMs })
        // Asked twice it would throw away what was done in between.
        else take(id)?.reject(new DeviceFailure('unavailable', 'Another tab took the database over. Look again first.'))
      }
    },
    resolve: (id, value) => take(id)?.resolve(value),
    reject: (id, error) => take(id)?.reject(error),
    rejectAction: (actionId, error) => {
      for (const [id, { call }] of [...waitingById]) {
        if (call.method === 'execute' && call.actionId === actionId) take(id)?.reject(error)
      }
    },
    isWaiting: () => waitingById.size > 0,
  }
}
