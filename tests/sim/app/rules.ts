export function brokenRules(_rows: Iterable<unknown>): string[] {
  return []
}
