/** What can be written down at all. Devices check the same before they send; a raw push need not have (FM-64, FM-75). */
import type { Json } from '../core/canonical-json'
import { limits } from '../core/protocol'

/** NUL and half of a surrogate pair, as `JSON.stringify` escapes them. An escaped backslash before it does not count. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i

/** Whether Postgres takes every text of this JSON. */
export function isStorable(jsonText: string): boolean {
  return !unstorable.test(jsonText)
}

/** Whether an input, given with its canonical JSON, keeps the bounds of inputs. */
export function isFitInput(input: Json, inputText: string): boolean {
  const bytes = new TextEncoder().encode(inputText).length
  return bytes <= limits.inputBytesMax && isStorable(inputText) && !isDeeper(input, limits.inputDepthMax)
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member as Json, levels - 1))
}
