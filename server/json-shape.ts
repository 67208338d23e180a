/**
 * Looks at JSON text before anything parses it: how deep it nests, how many members it has, and whether it carries keys
 * that have no honest use. `JSON.parse` itself is safe with depth, but everything that walks its result recursively
 * (validation, canonical form, comparison) is not, and millions of tiny members cost far more memory than their bytes.
 */

/** The request nests 4 levels around an input; members count commas and colons, so keys and elements alike. */
export const jsonBounds = { depthMax: 48, membersMax: 200_000 } as const

const quote = 0x22
const backslash = 0x5c
const [openObject, openArray, closeObject, closeArray] = [0x7b, 0x5b, 0x7d, 0x5d]
const [comma, colon] = [0x2c, 0x3a]

/** What is wrong with the text, or null. One pass without allocation; text that is no JSON is left to the parser. */
export function jsonShapeProblem(
  text: string,
  bounds: { depthMax: number; membersMax: number } = jsonBounds,
): string | null {
  let depth = 0
  let members = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === openObject || code === openArray) {
      if (++depth > bounds.depthMax) return `nested deeper than ${bounds.depthMax} levels`
    } else if (code === closeObject || code === closeArray) depth--
    else if (code === comma || code === colon) {
      if (++members > bounds.membersMax) return `more than ${bounds.membersMax} members`
    }
  }
  return null
}

/** Index of the closing quote; an escaped quote is preceded by an odd number of backslashes. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === backslash) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}

/** Letters of the keys below may be written as escapes, so an escaped letter counts as suspicion too. */
const suspicious = /__proto__|"constructor"|\\u00/

/**
 * The text without what could reach a prototype when somebody later copies its object key by key: `__proto__`, and
 * `constructor` with a `prototype` in it. Ordinary text pays one regular expression and comes back as it is. Throws
 * `SyntaxError` for suspicious text that is no JSON.
 */
export function withoutPrototypeKeys(text: string): string {
  if (!suspicious.test(text)) return text
  return JSON.stringify(
    JSON.parse(text, (key: string, value: unknown) => {
      if (key === '__proto__') return undefined
      const isObject = typeof value === 'object' && value !== null
      return key === 'constructor' && isObject && Object.hasOwn(value, 'prototype') ? undefined : value
    }),
  )
}
