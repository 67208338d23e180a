/** A promise of the engine that a simulated world found broken. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

export function broken(rule: string, what: string): never {
  throw new Broken(`[${rule}] ${what}`)
}
