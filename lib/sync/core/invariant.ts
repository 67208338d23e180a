/** A broken promise of the engine itself. Nothing catches it but the loop that stops sync and keeps the work. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken'
  constructor(
    readonly rule: string,
    message: string,
    readonly detail: unknown,
  ) {
    super(`[${rule}] ${message}`)
  }
}

/** `what` is the broken promise in words, with what was found where that helps. */
export function invariant(
  condition: unknown,
  rule: string,
  what: string | readonly [message: string, found: unknown],
): asserts condition {
  if (condition) return
  const [message, found] = typeof what === 'string' ? [what, null] : what
  throw new InvariantBroken(rule, message, found)
}

/** Closes a switch over a closed union: a new case that is forgotten does not compile. */
export function unreachable(value: never): never {
  throw new InvariantBroken('TOTAL', 'A case is missing', value)
}
