/** The text form of COPY, as Postgres writes and reads it: one line per row, tabs between values. */

type Value = string | null

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
const meanings: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' }

export function copyLine(values: readonly Value[]): string {
  return `${values.map((value) => (value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (one) => escapes[one] ?? one))).join('\t')}\n`
}

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
