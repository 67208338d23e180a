/**
 * Stands between a server's connections and Postgres, and cuts one at COMMIT: the moment at which nobody can know what
 * became of a transaction (FM-74). Reads just enough of the protocol for that (PostgreSQL documentation, "Frontend/
 * Backend Protocol"): frames are a letter, a length and a body; only the first one of a connection has no letter.
 *
 * ```
 *  server ── COMMIT ──▶ proxy ── COMMIT ──▶ Postgres
 *            ✂ before-commit      ✂ late-commit: cut, and delivered when the server has begun again
 *  server ◀── done ──── proxy ◀── done ──── Postgres
 *            ✂ after-commit
 * ```
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Moment = 'before-commit' | 'after-commit' | 'late-commit'

export interface CuttingProxy {
  /** The same database, through the proxy. */
  readonly url: string
  /** The next COMMIT of a transaction that sent this text is cut at this moment; resolves when that has happened. */
  cutAt(moment: Moment, text: string): Promise<void>
  /** Delivers the COMMIT that came too late. */
  deliver(): void
  close(): Promise<void>
}

interface Plan {
  readonly moment: Moment
  readonly text: string
  readonly done: () => void
}

interface Frame {
  /** Empty for the first frame of a connection. */
  readonly type: string
  readonly body: Buffer
  readonly bytes: Buffer
}

/** What the connections of one proxy have in common. */
interface Scissors {
  plan: Plan | null
  deliver: () => void
}

export async function createCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl)
  const scissors: Scissors = { plan: null, deliver: () => undefined }
  const sockets = new Set<Socket>()
  // Frames are small and each waits for an answer: without noDelay every one of them costs 40 ms.
  const proxy = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      // Broken pipes are what this proxy is for.
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    join(client, upstream, scissors)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return {
    url: url.href,
    cutAt: (moment, text) =>
      new Promise((resolve) => {
        scissors.plan = { moment, text, done: resolve }
      }),
    deliver: () => scissors.deliver(),
    async close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

/** Which statement is executed now, and whether its transaction sent the marked text. */
interface Conversation {
  readonly statements: Map<string, string>
  bound: string
  isMarked: boolean
  /** What is not sent yet, once the COMMIT is held back. */
  held: Buffer[] | null
}

function join(client: Socket, upstream: Socket, scissors: Scissors): void {
  const talk: Conversation = { statements: new Map(), bound: '', isMarked: false, held: null }
  const sent = frames(true)
  const answered = frames(false)
  client.on('data', (chunk) => {
    for (const frame of sent(chunk)) {
      if (talk.held) talk.held.push(frame.bytes)
      else if (!isCommit(talk, frame, scissors.plan)) upstream.write(frame.bytes)
      else if (scissors.plan?.moment === 'after-commit') upstream.write(frame.bytes)
      else cutBefore(frame)
    }
  })
  upstream.on('data', (chunk) => {
    for (const frame of answered(chunk)) {
      if (client.destroyed) return
      const isDone = frame.type === 'C' && frame.body.toString().startsWith('COMMIT')
      if (!isDone || !talk.isMarked || scissors.plan?.moment !== 'after-commit') client.write(frame.bytes)
      else cutNow()
    }
  })
  client.on('close', () => {
    if (!talk.held) upstream.destroy()
  })
  upstream.on('close', () => client.destroy())

  function cutNow(): void {
    scissors.plan?.done()
    scissors.plan = null
    client.destroy()
    if (!talk.held) upstream.destroy()
  }

  function cutBefore(frame: Frame): void {
    const isLate = scissors.plan?.moment === 'late-commit'
    if (isLate) {
      talk.held = [frame.bytes]
      scissors.deliver = () => upstream.end(Buffer.concat(talk.held ?? []))
    }
    cutNow()
  }
}

/** Follows the statements of the client: whether this frame executes a COMMIT of a transaction that sent the text. */
function isCommit(talk: Conversation, { type, body }: Frame, plan: Plan | null): boolean {
  const [first = '', second = ''] = body.toString('latin1').split('\0')
  if (type === 'P') talk.statements.set(first, second)
  if (type === 'B') talk.bound = talk.statements.get(second) ?? ''
  const statement = type === 'Q' ? first : type === 'E' ? talk.bound : ''
  if (/^begin/i.test(statement)) talk.isMarked = false
  if (plan && statement.includes(plan.text)) talk.isMarked = true
  return talk.isMarked && /^commit/i.test(statement)
}

/** Cuts a stream of bytes into whole frames; what is incomplete waits for the next chunk. */
function frames(beginsWithoutType: boolean): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = beginsWithoutType
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const found: Frame[] = []
    for (;;) {
      const typeLength = isFirst ? 0 : 1
      if (rest.length < typeLength + 4) return found
      const end = typeLength + rest.readInt32BE(typeLength)
      if (rest.length < end) return found
      const type = rest.toString('latin1', 0, typeLength)
      found.push({ type, body: rest.subarray(typeLength + 4, end), bytes: rest.subarray(0, end) })
      rest = rest.subarray(end)
      isFirst = false
    }
  }
}
