/** Joins class names and leaves out what is off: `cx('a', isOpen && 'b')`. */
export function cx(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
