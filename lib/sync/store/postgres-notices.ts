/**
 * Notices between the server processes of one Postgres: "these audiences have new entries". A notice is a hint, sent after
 * the commit: what is lost on the way, and whoever died before sending, is found by the next look at the heads.
 *
 * LISTEN belongs to a connection, so it needs a direct one: a transaction pooler would hand it to somebody else.
 */
import postgres from 'postgres'

const channel = 'beamline_log'
/** A notice holds less than 8,000 bytes. */
const payloadLengthMax = 7_000

export interface Notices {
  /** Resolves when it is sent; rejects when the database cannot be reached. */
  send(audiences: readonly string[]): Promise<void>
  /** Notices of other processes. One listener. */
  listen(listener: NoticeListener): void
  /** The connection may be dead without knowing: take a new one. */
  renew(): void
  close(): Promise<void>
}

export interface NoticesOptions {
  /** Of a direct connection. */
  readonly url: string
  /** Names this process, so that it does not hear itself. */
  readonly self: string
}

export interface NoticeListener {
  /** Null: perhaps of any audience. */
  onNotice(audiences: readonly string[] | null): void
  onFailure(error: unknown): void
}

export function createPostgresNotices({ url, self }: NoticesOptions): Notices {
  const sender = postgres(url, { max: 1, prepare: false, fetch_types: false, onnotice: () => undefined })
  let connection: postgres.Sql | null = null
  let listener: NoticeListener | null = null
  let isClosed = false

  const hear = (payload: string) => {
    const [from, ...audiences] = JSON.parse(payload) as [string, ...string[]]
    if (from !== self) listener?.onNotice(audiences.length > 0 ? audiences : null)
  }
  const connect = () => {
    connection = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined })
    // What was sent before somebody listened, or while the connection was down, is found by looking.
    connection
      .listen(channel, hear, () => listener?.onNotice(null))
      .catch((error: unknown) => listener?.onFailure(error))
  }
  const disconnect = async () => {
    await connection?.end({ timeout: 0 }).catch((error: unknown) => listener?.onFailure(error))
  }

  return {
    send: async (audiences) => {
      for (const payload of payloadsOf(self, audiences)) await sender`select pg_notify(${channel}, ${payload})`
    },
    listen: (heard) => {
      listener = heard
      if (connection === null) connect()
    },
    renew: () => {
      if (isClosed || connection === null) return
      void disconnect()
      connect()
    },
    close: async () => {
      isClosed = true
      listener = null
      await Promise.all([disconnect(), sender.end({ timeout: 5 })])
    },
  }
}

function payloadsOf(self: string, audiences: readonly string[]): string[] {
  const payloads: string[] = []
  let part: string[] = []
  for (const audience of audiences) {
    const wider = JSON.stringify([self, ...part, audience])
    if (part.length > 0 && wider.length > payloadLengthMax) {
      payloads.push(JSON.stringify([self, ...part]))
      part = []
    }
    part.push(audience)
  }
  if (part.length > 0) payloads.push(JSON.stringify([self, ...part]))
  return payloads
}
