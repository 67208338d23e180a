export type OracleOutcome = 'applied' | { readonly rejected: string }
export function runOracle(
  _a: unknown,
  _b: unknown,
): { rows: Map<string, Record<string, string | null>>; outcomes: Map<string, OracleOutcome> } {
  throw new Error('stub')
}
