/**
 * Where a reader of a shape stands, as one short text. To the reader it is opaque, like the positions of Electric: it
 * sends back what it was last given (SHP-3).
 *
 * A position is the number of the last entry read *per audience*, in the fixed order of the shape's audiences. Ingests of
 * disjoint audiences commit at the same time and in any order, on several servers at once; one number over all of them
 * would pass an entry by that is committed late. The numbers of one audience are given under its lock (ING-5), so a
 * reader of several is exact when it remembers each. Nothing is kept on the server: any process answers any reader, and
 * after a restart too.
 */

/** Per audience, in the order of the shape. */
export type ShapePosition = readonly number[]

/** Four hundred audiences of ten thousand entries each take about 1.6 kB of an address. */
export function encodePosition(position: ShapePosition): string {
  return `p${position.map((seq) => seq.toString(36)).join('.')}`
}

/** Null: not a position of a shape with so many audiences. */
export function decodePosition(text: string, audienceCount: number): ShapePosition | null {
  if (!/^p[0-9a-z]{1,11}(\.[0-9a-z]{1,11})*$/.test(text)) return null
  const position = text
    .slice(1)
    .split('.')
    .map((digits) => Number.parseInt(digits, 36))
  return position.length === audienceCount && position.every(Number.isSafeInteger) ? position : null
}
