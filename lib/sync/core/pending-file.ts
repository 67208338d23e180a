/**
 * Pending work as a file: what one device did and the server has not confirmed, to be brought to the server by another
 * device of the same person (OUT-2). Pure.
 *
 * ```
 *  { format, version, userId, exportedAtMs, actions: [{ id, name, version, input, clock, wasConfirmed }, …], hash }
 * ```
 *
 * Actions stand in the order in which they were done. Ordinals and the client id stay at home: the device that takes
 * them in gives its own. A file may come from anywhere, so it is read as carefully as a request. The hash finds damage
 * on the way; it proves nothing, and need not: the server takes each action only with the rights of who is signed in.
 */
import { z } from 'zod'
import { canonicalJson, hashText, type Json } from './canonical-json'
import { readInput } from './input-text'
import { limits, offeredAction } from './protocol'

const format = 'beamline-pending-work'
const fileVersion = 1

/** Of what a device has pending it can tell the server no more either. */
export const pendingFileLimits = { actionsMax: limits.pendingIdsMax, charactersMax: 64 * 1024 * 1024 } as const

/** Depth and size of an input are looked at before anything walks into it. */
const filedAction = offeredAction.omit({ ordinal: true }).extend({
  name: z.string().regex(/^[\w.-]{1,100}$/),
  input: z.unknown(),
})

/** An action of a file. */
export interface FiledAction extends Omit<z.infer<typeof filedAction>, 'input'> {
  /** Canonical JSON. */
  readonly input: string
}

const envelope = z.object({ format: z.literal(format), version: z.number() })
const body = z.strictObject({
  ...envelope.shape,
  userId: z.string().min(1).max(200),
  exportedAtMs: z.number().int().nonnegative(),
  actions: z.array(filedAction).max(pendingFileLimits.actionsMax),
  hash: z.string(),
})

export type PendingFileProblem =
  /** Not such a file at all. */
  | 'not-ours'
  /** Cut off, or changed. */
  | 'damaged'
  /** Written by an app that knows more than this one. */
  | 'newer'
  | 'too-large'
  /** Another person's work: only they may bring it (DEV-1). */
  | 'other-user'

export type PendingFileReading =
  | { readonly kind: 'read'; readonly actions: readonly FiledAction[]; readonly exportedAtMs: number }
  | { readonly kind: 'unfit'; readonly why: PendingFileProblem }

export interface PendingWork {
  readonly userId: string
  readonly exportedAtMs: number
  /** In ordinal order. */
  readonly actions: readonly FiledAction[]
}

/** The text of the file; null when it would be larger than anybody reads. */
export function writePendingFile({ userId, exportedAtMs, actions }: PendingWork): string | null {
  if (actions.length > pendingFileLimits.actionsMax) return null
  const filed = actions.map(({ id, name, version, input, clock, wasConfirmed }) => {
    return { id, name, version, input: JSON.parse(input) as Json, clock, wasConfirmed }
  })
  const content = { format, version: fileVersion, userId, exportedAtMs, actions: filed }
  const text = JSON.stringify({ ...content, hash: hashOf(content) }, null, 1)
  return text.length > pendingFileLimits.charactersMax ? null : text
}

export function readPendingFile(text: string, userId: string): PendingFileReading {
  if (text.length > pendingFileLimits.charactersMax) return unfit('too-large')
  const value = parsed(text)
  // A byte that went missing may be anywhere: whatever still names the format was once such a file.
  if (value === undefined) return unfit(text.includes(format) ? 'damaged' : 'not-ours')
  const outside = envelope.safeParse(value)
  if (!outside.success) return unfit('not-ours')
  if (outside.data.version > fileVersion) return unfit('newer')
  const inside = body.safeParse(value)
  if (!inside.success) return unfit(isTooMany(value) ? 'too-large' : 'damaged')
  const { hash, ...content } = inside.data
  const actions = content.actions.flatMap((action): FiledAction[] => {
    const input = readInput(action.input)
    return input.kind === 'text' ? [{ ...action, input: input.text }] : []
  })
  const isWhole = actions.length === content.actions.length && hashOf(content) === hash
  const ids = new Set(actions.map((action) => action.id))
  if (!isWhole || ids.size < actions.length) return unfit('damaged')
  if (content.userId !== userId) return unfit('other-user')
  return { kind: 'read', actions, exportedAtMs: content.exportedAtMs }
}

function unfit(why: PendingFileProblem): PendingFileReading {
  return { kind: 'unfit', why }
}

function hashOf(content: object): string {
  return hashText(canonicalJson(content))
}

/** Undefined when it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isTooMany(value: unknown): boolean {
  const counted = z.object({ actions: z.array(z.unknown()) }).safeParse(value)
  return counted.success && counted.data.actions.length > pendingFileLimits.actionsMax
}
