/**
 * Calls of a scheduler: what the server has to do now and then and no person asks for. Vercel's cron sends
 * `Authorization: Bearer $CRON_SECRET` by itself; any other scheduler can do the same.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Answers what the work answers, as JSON. 404 without a configured secret: then there is nothing to be called. */
export async function handleCron(
  request: Request,
  secret: string | null,
  work: () => Promise<object>,
): Promise<Response> {
  if (secret === null) return told(404, { message: 'Nothing is scheduled here: CRON_SECRET is not set.' })
  if (!isSame(request.headers.get('authorization') ?? '', `Bearer ${secret}`)) {
    return told(401, { message: 'Not allowed.' })
  }
  return told(200, await work())
}

/** Takes as long whatever the caller guessed, and however much of it is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function told(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'private, no-store' } })
}
