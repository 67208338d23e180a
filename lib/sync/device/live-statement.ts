/** A SELECT with parameters as one statement without: what a live query can make a view of. Pure. */
import { quoteText } from '../store/sql-text'

/** Strings, quoted names, comments, dollar quotes – in which `$1` is no parameter – and parameters. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|\$(\d+)/g

/**
 * Puts each parameter in as a literal of the type the database gave it. PGlite's own way formats the statement with
 * `format()`, which trips over `%` in it and leaves literals untyped.
 */
export function withLiterals(statement: string, texts: readonly (string | null)[], types: readonly string[]): string {
  return statement.replace(tokens, (token: string, _tag: string | undefined, number: string | undefined) => {
    if (number === undefined) return token
    const place = Number(number) - 1
    const text = texts[place]
    const literal = text === null || text === undefined ? 'null' : quoteText(text)
    return `(${literal})::${types[place] ?? 'text'}`
  })
}

/** Numbered column names, because a view cannot have two columns of one name and a join easily does. */
export function withNumberedColumns(statement: string, count: number): string {
  const names = Array.from({ length: count }, (_, place) => `c${place}`)
  return `select * from (${statement}) as q(${names.join(', ')})`
}
