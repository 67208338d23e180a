/** Reads the text form of COPY, as Postgres does. */

type Value = string | null

const meanings: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' }

/** Values by row. */
export function copyValues(text: string): Value[][] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      line
        .split('\t')
        .map((value) => (value === '\\N' ? null : value.replace(/\\(.)/g, (_, one: string) => meanings[one] ?? one))),
    )
}
