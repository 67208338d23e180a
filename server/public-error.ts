/**
 * What a caller learns when a call fails: a code and a fixed sentence. Messages of exceptions, SQL, stacks and the words
 * of validation quote rows and internals, so they stay here (AB-24). A failure of the server itself carries an id, which
 * is in the server's log together with everything else.
 */
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'

const sentences: Partial<Record<TRPCError['code'], string>> = {
  BAD_REQUEST: 'The request is not valid.',
  PARSE_ERROR: 'The request is not valid.',
  UNAUTHORIZED: 'Sign in first.',
  FORBIDDEN: 'Not allowed.',
  NOT_FOUND: 'There is no such call.',
  METHOD_NOT_SUPPORTED: 'Calls are made with POST.',
  UNSUPPORTED_MEDIA_TYPE: 'Calls carry application/json.',
  CONFLICT: 'This app must be updated first.',
  PAYLOAD_TOO_LARGE: 'The request is too large.',
  TOO_MANY_REQUESTS: 'Too many requests. Try again later.',
  SERVICE_UNAVAILABLE: 'The server is not ready. Try again later.',
}

export interface PublicError {
  readonly message: string
  /** Number of the code in JSON-RPC, which the client library wants. */
  readonly code: number
  readonly data: { readonly code: TRPCError['code']; readonly httpStatus: number; readonly id: string | null }
}

const idsByError = new WeakMap<Error, string>()

/** The id under which a failure of the server is logged; null for what the caller did wrong. */
export function errorId(error: TRPCError): string | null {
  if (getHTTPStatusCodeFromError(error) < 500) return null
  const id = idsByError.get(error) ?? crypto.randomUUID()
  idsByError.set(error, id)
  return id
}

export function publicError(error: TRPCError): PublicError {
  return {
    message: sentences[error.code] ?? 'Something went wrong on the server.',
    code: TRPC_ERROR_CODES_BY_KEY[error.code],
    data: { code: error.code, httpStatus: getHTTPStatusCodeFromError(error), id: errorId(error) },
  }
}

/** For whoever runs the server: what a caller was not told. */
export function logFailure(error: TRPCError, path: string): void {
  const id = errorId(error)
  if (id !== null) console.error(`Call ${path} failed (${id}):`, error.cause ?? error)
}

/** Runs a handler; what it throws becomes an answer in the shape the client library reads, and leaks nothing. */
export async function answeringErrors(path: string, handler: () => Promise<Response>): Promise<Response> {
  try {
    return await handler()
  } catch (cause) {
    const error = cause instanceof TRPCError ? cause : new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause })
    logFailure(error, path)
    return Response.json({ error: publicError(error) }, { status: getHTTPStatusCodeFromError(error) })
  }
}

/** The JSON of a request; what is none is the caller's mistake. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text()
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TRPCError({ code: 'PARSE_ERROR', cause })
  }
}
