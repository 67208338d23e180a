/** Where a live tail comes from. `transport/` implements it; the engine never sees an error of HTTP. */
import type { LogEntry } from '../core/protocol'

export interface TailListener {
  /**
   * A safe point: these entries, whole ingests, came since the last one. Null: something of them could not be read. The
   * next ones come when the promise resolves.
   */
  onUpToDate(entries: readonly LogEntry[] | null): Promise<void>
  /** A request was not answered; it is tried again without end. */
  onNoNetwork(): void
  /** The stream is over. Null: the server asks for another one, as it does when audiences change. */
  onEnded(error: Error | null): void
  /** 401: the stream is over until there is a session. */
  onUnauthorised(): void
}

export interface TailStream {
  /** Asks again at once instead of waiting for what is under way. */
  refresh(): void
  /** Nothing is told after this. */
  close(): void
}

export interface TailSource {
  /** A new stream, at now: what was before it is for an exchange. */
  open(listener: TailListener): TailStream
}
