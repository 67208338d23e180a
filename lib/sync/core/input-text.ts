/** What an input must be before an action runs on it, or before anybody keeps it (FM-64, FM-75). Pure. */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson } from './canonical-json'
import { limits } from './protocol'

export type InputText =
  | { readonly kind: 'text'; readonly text: string }
  /** Reads on after "The input of … ". */
  | { readonly kind: 'unfit'; readonly why: string }

/** The input as canonical JSON: device and server run the action on the value parsed from this text. */
export function readInput(input: unknown): InputText {
  const why = problemOf(input, 1)
  if (why) return { kind: 'unfit', why }
  const text = canonicalJson(input)
  const bytes = utf8ToBytes(text).length
  if (bytes <= limits.inputBytesMax) return { kind: 'text', text }
  return { kind: 'unfit', why: `has ${bytes} bytes, more than ${limits.inputBytesMax}` }
}

function problemOf(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return textProblem(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return 'holds a number that JSON does not know'
  if (typeof value !== 'object' || value === null) return null
  if (depth > limits.inputDepthMax) return `is nested deeper than ${limits.inputDepthMax} levels`
  for (const [key, member] of Object.entries(value)) {
    const problem = textProblem(key) ?? problemOf(member, depth + 1)
    if (problem) return problem
  }
  return null
}

/** Postgres takes neither NUL nor half of a surrogate pair. */
function textProblem(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL character'
  return /\p{Surrogate}/u.test(text) ? 'holds half of a character (a lone surrogate)' : null
}
