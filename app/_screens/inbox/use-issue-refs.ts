'use client'
import { useMemo } from 'react'
import { issueNames } from '@/lib/queries/selects'
import { type ReceiptView, useLiveQuery } from '@/lib/sync/react'

export interface IssueRef {
  /** Null when the issue is not on this device: then there is nothing to open. */
  readonly id: string | null
  readonly name: string | null
  readonly title: string
}

/** The issue each receipt speaks of, by action id: as it is called now, or else as it was called then. */
export function useIssueRefs(receipts: readonly ReceiptView[]): ReadonlyMap<string, IssueRef> {
  const ids = useMemo(() => [...new Set(receipts.flatMap((receipt) => issueIdOf(receipt) ?? []))].sort(), [receipts])
  const { rows } = useLiveQuery((db) => (ids.length === 0 ? null : issueNames(db, ids)))
  return useMemo(() => {
    const issues = new Map(rows.map((row) => [row.id, row]))
    const refs = new Map<string, IssueRef>()
    for (const receipt of receipts) {
      const issue = issues.get(issueIdOf(receipt) ?? '')
      const title = issue?.title ?? textOf(receipt.details, 'title')
      if (title === null) continue
      const name = issue === undefined ? null : `${issue.projectKey}-${issue.number}`
      refs.set(receipt.actionId, { id: issue?.id ?? null, name, title })
    }
    return refs
  }, [receipts, rows])
}

/** From the input, or from the row that came out differently: a new issue's id is not in its input. */
function issueIdOf(receipt: ReceiptView): string | null {
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/
  const corrected = receipt.difference.find(({ table }) => table === 'issues')?.key.match(uuid)?.[0]
  const named = textOf(receipt.input, 'issueId')
  return named !== null && uuid.test(named) ? named : (corrected ?? null)
}

function textOf(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  const text = (value as Readonly<Record<string, unknown>>)[key]
  return typeof text === 'string' && text !== '' ? text : null
}
