'use client'
import { useMemo } from 'react'
import { attachedLabelsOf, commentCountsOf } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'

export interface CardLabel {
  readonly id: string
  readonly name: string
  readonly color: string
}

/** What cards and rows show besides the issue itself, by issue id. */
export interface CardDetails {
  readonly labels: ReadonlyMap<string, readonly CardLabel[]>
  readonly commentCounts: ReadonlyMap<string, number>
}

export function useCardDetails(projectId: string): CardDetails {
  const input = { projectId }
  const labels = useLiveQuery((db) => attachedLabelsOf(db, projectId), { key: 'attached-labels', input }).rows
  const counts = useLiveQuery((db) => commentCountsOf(db, projectId), { key: 'comment-counts', input }).rows
  return useMemo(() => {
    const labelsByIssueId = new Map<string, CardLabel[]>()
    for (const { issueId, ...label } of labels) {
      const known = labelsByIssueId.get(issueId)
      if (known) known.push(label)
      else labelsByIssueId.set(issueId, [label])
    }
    return {
      labels: labelsByIssueId,
      commentCounts: new Map(counts.map(({ issueId, total }) => [issueId, total])),
    }
  }, [labels, counts])
}
