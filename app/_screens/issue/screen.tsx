'use client'
import { ChevronRight } from 'lucide-react'
import type { IssueDetail } from '@/lib/queries/selects'
import { Link, navigate } from '../navigation'
import { hrefOf } from '../route'
import { useScreenTitle } from '../screen-title'
import { IssueMenu } from './actions-menu'
import { IssueBody } from './body'
import { IssueLoader } from './loader'

/** An issue on a page of its own: what links from elsewhere open. */
export function IssueScreen({ issueId }: { issueId: string }) {
  return (
    <IssueLoader issueId={issueId} body={(detail) => <IssueBody detail={detail} isPage />}>
      {(detail, body) => (
        <>
          <header className="flex h-14 shrink-0 items-center gap-1 border-b pl-4 pr-3 md:pl-6">
            {detail ? <Trail detail={detail} /> : <span className="flex-1" />}
            {detail && (
              <IssueMenu
                detail={detail}
                onDeleted={() =>
                  navigate(hrefOf({ screen: 'project', projectId: detail.issue.projectId, view: 'board' }))
                }
              />
            )}
          </header>
          <div className="scroll-quiet @container relative min-h-0 flex-1 overflow-y-auto bg-surface">{body}</div>
        </>
      )}
    </IssueLoader>
  )
}

function Trail({ detail }: { detail: IssueDetail }) {
  const name = `${detail.projectKey}-${detail.issue.number}`
  useScreenTitle(`${name} ${detail.issue.title}`)
  return (
    <nav aria-label="Where you are" className="min-w-0 flex-1">
      <ol className="flex items-center gap-1 text-sm font-medium text-muted">
        <li className="min-w-0">
          <Link
            to={{ screen: 'project', projectId: detail.issue.projectId, view: 'board' }}
            className="block truncate rounded hover:text-ink"
          >
            {detail.projectName}
          </Link>
        </li>
        <ChevronRight aria-hidden className="size-3.5 shrink-0 text-faint" />
        <li aria-current="page" className="shrink-0 text-ink">
          {name}
        </li>
      </ol>
    </nav>
  )
}
