/** A hue for an id: the same everywhere and always, so that people and projects keep their colour. */
export function hueOf(id: string): number {
  let hash = 7
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 360_007
  return hash % 360
}
