/** What an input must be before an action runs on it: checked where it is made, not when it is sent (FM-64, FM-75). */
import { canonicalJson } from '../core/canonical-json'
import { limits } from '../core/protocol'
import { DeviceFailure } from './client'

/** The input as canonical JSON: device and server run the action on the value parsed from this text. */
export function inputText(name: string, input: unknown): string {
  const refuse = (why: string): never => {
    throw new DeviceFailure('invalid-input', `The input of "${name}" ${why}.`)
  }
  const problem = problemOf(input, 1)
  if (problem) return refuse(problem)
  const text = canonicalJson(input)
  const bytes = new TextEncoder().encode(text).length
  if (bytes > limits.inputBytesMax) return refuse(`has ${bytes} bytes, more than ${limits.inputBytesMax}`)
  return text
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
