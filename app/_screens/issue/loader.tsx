'use client'
import { FileX } from 'lucide-react'
import type { ReactNode } from 'react'
import { type IssueDetail, issueById } from '@/lib/queries/selects'
import { useLiveQuery, useSyncStatus } from '@/lib/sync/react'
import { EmptyState, ErrorState, LoadingRows } from '../../_components/states'
import { useProjectState } from '../project/context'
import { ProjectGate } from '../project/gate'

interface IssueLoaderProps {
  issueId: string
  /** The frame, which is there in every state. Null: nothing to show of the issue yet. */
  children: (detail: IssueDetail | null, body: ReactNode) => ReactNode
  body: (detail: IssueDetail) => ReactNode
}

/** One issue with its project, which may be another one than before: issues can be transferred. */
export function IssueLoader({ issueId, children, body }: IssueLoaderProps) {
  const issue = useLiveQuery((db) => issueById(db, issueId), { key: 'issue', input: { issueId } })
  const detail = issue.rows[0] ?? null
  const project = useProjectState(detail?.issue.projectId ?? null)
  const status = useSyncStatus()
  const isArriving = issue.isLoading || status.kind === 'starting' || status.kind === 'loading'

  if (issue.error) return children(null, <ErrorState title="The issue could not be read" error={issue.error} />)
  if (detail === null) return children(null, isArriving ? <LoadingRows label="Loading issue" /> : <Gone />)
  return <ProjectGate state={project}>{children(detail, body(detail))}</ProjectGate>
}

function Gone() {
  return (
    <EmptyState icon={<FileX aria-hidden />} title="This issue is not here" className="my-auto">
      It was deleted, or you do not take part in its project.
    </EmptyState>
  )
}
