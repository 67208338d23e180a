/** Large audiences over HTTP: one POST, answered by a stream of text that is compressed on the way (SNAP-1). */
import type { SnapshotRequest } from '../core/protocol'
import { snapshotType } from '../core/snapshot-stream'
import type { SnapshotOutcome } from '../device/transport'
import { refusalOf, refusalOfError } from './refusal'

interface Fetching {
  readonly url: string
  readonly userId: string
  readonly ask: typeof fetch
  readonly signal: AbortSignal
}

export async function fetchSnapshot(
  { url, userId, ask, signal }: Fetching,
  request: SnapshotRequest,
): Promise<SnapshotOutcome> {
  try {
    const response = await ask(url, {
      ...{ method: 'POST', signal, credentials: 'same-origin', cache: 'no-store', redirect: 'error' },
      headers: { 'content-type': 'application/json', 'x-beamline-user': encodeURIComponent(userId) },
      body: JSON.stringify(request),
    })
    if (response.status === 404 && response.headers.get('x-beamline') !== null) return { kind: 'not-held' }
    const refusal = refusalOf(response, snapshotType)
    if (refusal !== null) return refusal
    if (response.body === null) return { kind: 'invalid', message: 'The snapshot is empty.' }
    return { kind: 'stream', text: textOf(response.body) }
  } catch (error) {
    return refusalOfError(error)
  }
}

async function* textOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value
  } finally {
    // Whoever stops reading ends the transfer; after the end this does nothing.
    await reader.cancel()
  }
}
