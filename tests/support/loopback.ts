/** A handler of requests as an HTTP server on loopback, with what a real one does: who hangs up ends the request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Loopback {
  /** `http://127.0.0.1:port` */
  readonly origin: string
  /** Requests that are being answered now. */
  underWay(): number
  /** Breaks every connection, as a server does that is killed. */
  close(): Promise<void>
}

export async function serveOnLoopback(answer: (request: Request) => Promise<Response>): Promise<Loopback> {
  let underWay = 0
  const server = createServer((incoming, outgoing) => {
    underWay += 1
    respond(incoming, outgoing, answer)
      .catch((error: unknown) => outgoing.destroy(error as Error))
      .finally(() => {
        underWay -= 1
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    underWay: () => underWay,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: (request: Request) => Promise<Response>,
): Promise<void> {
  const controller = new AbortController()
  outgoing.on('close', () => controller.abort())
  const url = `http://${incoming.headers.host}${incoming.url}`
  const headers = new Headers(incoming.headers as Record<string, string>)
  const response = await answer(new Request(url, { headers, signal: controller.signal }))
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(Buffer.from(await response.arrayBuffer()))
}
