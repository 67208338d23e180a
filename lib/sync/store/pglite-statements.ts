/**
 * How statements reach PGlite: one message to the database per statement, and a statement that comes again is not parsed
 * again. PGlite's own `query` sends six messages and parses every time; measured, that was half of the cost of an
 * action (docs/PERFORMANCE.md).
 */
import { type PGlite, protocol } from '@electric-sql/pglite'
import type { SqlValue } from './driver'
import { parsersByOid } from './parameter-text'

const { serialize } = protocol

type Message = Awaited<ReturnType<PGlite['execProtocolStream']>>[number]
type RowDescription = Message & { readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[] }
type DataRow = Message & { readonly fields: readonly (string | null)[] }

/** Kept prepared at a time; beyond it the oldest goes. */
const preparedMax = 200
/** A longer statement hardly comes twice. */
const lengthMax = 8_000
/**
 * Then a statement is prepared anew. Nothing analyses tables in PGlite, so nothing else would ever replace a plan that
 * was made when they were empty.
 */
const usesMax = 50

interface Prepared {
  readonly name: string
  uses: number
  /** What it answers; null until it did. */
  columns: readonly Column[] | null
}

interface Column {
  readonly name: string
  readonly parse: (text: string) => SqlValue
}

export interface Answer {
  readonly columns: readonly Column[]
  readonly rows: SqlValue[][]
}

export interface PgliteStatements {
  /** One statement, its parameters as Postgres text. */
  send(statement: string, parameters: readonly (string | null)[]): Promise<Answer>
  /** Several statements, without parameters and without answer. */
  exec(statements: string): Promise<void>
  copyIn(target: string, text: string): Promise<void>
}

/** What is sent at once arrives in that order. Throws PGlite's own errors; the caller holds the transaction. */
export function createPgliteStatements(pglite: PGlite): PgliteStatements {
  const shelf = createShelf()

  function transmit(...messages: Uint8Array[]): Promise<Message[]> {
    const closing = shelf.takeLeftOver().map((name) => serialize.close({ type: 'S', name }))
    const bytes = joined([...closing, ...messages])
    return pglite.runExclusive(() => pglite.execProtocolStream(bytes, { syncToFs: false }))
  }

  return {
    async send(statement, parameters) {
      const prepared = shelf.take(statement)
      const name = prepared?.name ?? ''
      const messages = [serialize.bind({ statement: name, values: [...parameters] })]
      if (!prepared || prepared.uses === 0) messages.unshift(serialize.parse({ name, text: statement }))
      if (!prepared?.columns) messages.push(serialize.describe({ type: 'P' }))
      messages.push(serialize.execute(), serialize.sync())
      if (prepared) prepared.uses += 1
      try {
        const answer = readAnswer(await transmit(...messages), prepared?.columns ?? null)
        if (prepared) prepared.columns = answer.columns
        return answer
      } catch (error) {
        // It may not have been parsed, or its tables have changed.
        if (prepared) shelf.forget(statement, prepared)
        throw error
      }
    },
    async exec(statements) {
      if (/\b(create|alter|drop)\b/i.test(statements)) shelf.forgetAll()
      await transmit(serialize.query(statements))
    },
    // PGlite has no messages for COPY: it reads a file of its own.
    async copyIn(target, text) {
      await pglite._handleBlob(new Blob([text]))
      try {
        await transmit(serialize.query(`copy ${target} from '/dev/blob'`))
      } finally {
        await pglite._cleanupBlob()
      }
    },
  }
}

/** The prepared statements of one connection, the oldest first. */
function createShelf() {
  const preparedByStatement = new Map<string, Prepared>()
  const seenOnce = new Set<string>()
  /** Names to be closed with the next message: a message of its own would let another statement pass. */
  let leftOver: string[] = []
  let lastNumber = 0
  /** Names belong to the connection: a store made anew over the same PGlite must not meet those of the one before. */
  const prefix = `beamline_${Math.random().toString(36).slice(2, 12)}`

  function forget(statement: string, only?: Prepared): void {
    const prepared = preparedByStatement.get(statement)
    if (!prepared || (only && prepared !== only)) return
    preparedByStatement.delete(statement)
    leftOver.push(prepared.name)
  }

  return {
    forget,
    forgetAll: () => {
      for (const statement of preparedByStatement.keys()) forget(statement)
    },
    takeLeftOver: () => {
      const names = leftOver
      leftOver = []
      return names
    },
    /** Null for a statement that came for the first time: most of those never come again. */
    take: (statement: string): Prepared | null => {
      const known = preparedByStatement.get(statement)
      if (known && known.uses < usesMax) return known
      forget(statement)
      if (statement.length > lengthMax) return null
      if (!known && !seenOnce.has(statement)) {
        if (seenOnce.size >= preparedMax * 10) seenOnce.clear()
        seenOnce.add(statement)
        return null
      }
      const [oldest] = preparedByStatement.keys()
      if (preparedByStatement.size >= preparedMax && oldest !== undefined) forget(oldest)
      lastNumber += 1
      const prepared: Prepared = { name: `${prefix}_${lastNumber}`, uses: 0, columns: null }
      preparedByStatement.set(statement, prepared)
      return prepared
    },
  }
}

function readAnswer(messages: readonly Message[], known: readonly Column[] | null): Answer {
  let columns = known ?? []
  const rows: SqlValue[][] = []
  for (const message of messages) {
    if (message.name === 'rowDescription') columns = (message as RowDescription).fields.map(columnOf)
    if (message.name !== 'dataRow') continue
    const { fields } = message as DataRow
    rows.push(fields.map((text, place) => (text === null ? null : (columns[place]?.parse(text) ?? text))))
  }
  return { columns, rows }
}

const asText = (text: string) => text

function columnOf({ name, dataTypeID }: { readonly name: string; readonly dataTypeID: number }): Column {
  return { name, parse: parsersByOid[dataTypeID] ?? asText }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.length
  }
  return whole
}
