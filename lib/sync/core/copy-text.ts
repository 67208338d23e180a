/** The text form of COPY: one line per row, tabs between values. A line break inside a value is escaped. */
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

export function copyLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => (value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (one) => escapes[one] ?? one))).join('\t')}\n`
}
