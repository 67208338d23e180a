/** A key for a project's name: initials of several words, the first letters of one. "Moon Landing" becomes "ML". */
export function suggestKey(name: string): string {
  const words = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .map((word) => word.replace(/^[0-9]+/, ''))
    .filter(Boolean)
  const initials = words.map((word) => word.charAt(0)).join('')
  return words.length > 1 ? initials.slice(0, 4) : (words[0] ?? '').slice(0, 4)
}
