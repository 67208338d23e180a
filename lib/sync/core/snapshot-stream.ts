/**
 * The form in which a large audience travels (SNAP-1): lines of text, so that it is written and read piece by piece.
 *
 * ```
 *  {"audience":"project:42","seq":17,…,"rowCount":3}     what it is, and receipts from the same read
 *  {"table":"issues","columns":["id","title"],"count":2}
 *  1a…	Buy bread                                         that many rows, in the text form of COPY
 *  2b…	\\N
 *  {"table":"labels",…,"count":1}
 *  …
 *  {"end":3}                                             what does not end so was cut off
 * ```
 *
 * Rows are COPY's own lines: Postgres writes them on one side and reads them on the other, and no JavaScript ever looks
 * inside (CAP-1). A line break inside a value is escaped there, so a line is a row.
 */
import { z } from 'zod'
import { type SnapshotHead, snapshotHead } from './protocol'

/** Content type of the stream. */
export const snapshotType = 'application/x-beamline-snapshot'

const tableLine = z.strictObject({
  table: z.string(),
  columns: z.array(z.string()).min(1),
  count: z.number().int().positive(),
})
export type SnapshotTable = z.infer<typeof tableLine>
const endLine = z.strictObject({ end: z.number().int().nonnegative() })

export type SnapshotPart =
  | { readonly kind: 'head'; readonly head: SnapshotHead }
  /** `text` holds `count` whole rows. */
  | { readonly kind: 'rows'; readonly table: SnapshotTable; readonly text: string; readonly count: number }
  | { readonly kind: 'end' }

/** The stream is not one of ours, or was cut off: nothing of it may be kept (NET-1). */
export class SnapshotBroken extends Error {
  override readonly name = 'SnapshotBroken'
}

export const headText = (head: SnapshotHead) => `${JSON.stringify(head)}\n`
export const tableText = (table: SnapshotTable) => `${JSON.stringify(table)}\n`
export const endText = (rowCount: number) => `${JSON.stringify({ end: rowCount })}\n`

/** Reads a stream in the pieces in which it comes, wherever they were cut. */
export class SnapshotReader {
  private rest = ''
  private head: SnapshotHead | null = null
  private table: SnapshotTable | null = null
  private missing = 0
  private read = 0
  private hasEnded = false

  /** Parts that are whole by now. Throws `SnapshotBroken`. */
  push(text: string): SnapshotPart[] {
    this.rest += text
    const parts: SnapshotPart[] = []
    for (let part = this.next(); part !== null; part = this.next()) parts.push(part)
    return parts
  }

  /** To be called when no text follows. Throws `SnapshotBroken` when there should be more. */
  finish(): void {
    if (!this.hasEnded || this.rest !== '') throw new SnapshotBroken('The snapshot was cut off.')
  }

  private next(): SnapshotPart | null {
    if (this.table !== null && this.missing > 0) return this.rows(this.table)
    const line = this.line()
    if (line === null) return null
    if (this.hasEnded) throw new SnapshotBroken('Something follows the end of the snapshot.')
    if (this.head === null) {
      this.head = parsed(snapshotHead, line)
      return { kind: 'head', head: this.head }
    }
    if (!line.startsWith('{"end"')) {
      this.table = parsed(tableLine, line)
      this.missing = this.table.count
      return this.next()
    }
    const { end } = parsed(endLine, line)
    if (end !== this.read || end !== this.head.rowCount) throw new SnapshotBroken('The snapshot lacks rows.')
    this.hasEnded = true
    return { kind: 'end' }
  }

  private rows(table: SnapshotTable): SnapshotPart | null {
    let end = 0
    let count = 0
    while (count < this.missing) {
      const at = this.rest.indexOf('\n', end)
      if (at < 0) break
      end = at + 1
      count += 1
    }
    if (count === 0) return null
    const text = this.rest.slice(0, end)
    this.rest = this.rest.slice(end)
    this.missing -= count
    this.read += count
    return { kind: 'rows', table, text, count }
  }

  private line(): string | null {
    const at = this.rest.indexOf('\n')
    if (at < 0) return null
    const line = this.rest.slice(0, at)
    this.rest = this.rest.slice(at + 1)
    return line
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, line: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(line))
  } catch (cause) {
    throw new SnapshotBroken('The snapshot has another form than this app knows.', { cause })
  }
}
