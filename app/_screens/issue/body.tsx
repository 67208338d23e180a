'use client'
import { Archive } from 'lucide-react'
import type { IssueDetail } from '@/lib/queries/selects'
import { dateWords } from '../../_components/time'
import { personName, useProject } from '../project/context'
import { Children } from './children'
import { Comments } from './comments'
import { IssueDeeds } from './deeds'
import { Description } from './description'
import { Properties } from './properties'
import { Title } from './title'

/** Everything about an issue. In a wide place its properties stand beside the text, in a narrow one above it. */
export function IssueBody({ detail, isPage = false }: { detail: IssueDetail; isPage?: boolean }) {
  const view = useProject()
  const { issue } = detail
  const author = personName(view, issue.createdBy)
  return (
    <div className="mx-auto grid max-w-5xl grid-cols-1 gap-x-10 px-4 pb-16 pt-4 @md:px-6 @3xl:grid-cols-[minmax(0,1fr)_15rem] @3xl:pt-8">
      <div className="min-w-0 @3xl:row-span-2">
        {issue.archivedAt !== null && (
          <p className="mb-3 flex items-center gap-2 rounded-lg border bg-sunken px-3 py-2 text-sm text-muted">
            <Archive aria-hidden className="size-4 shrink-0" />
            Archived: it is off the board and cannot be moved.
          </p>
        )}
        <Title issue={issue} level={isPage ? 'h1' : 'h2'} />
        <p className="mt-1 text-xs text-faint">
          {author ?? 'Somebody'} created it on {dateWords(issue.createdAt.getTime(), Date.now())}
        </p>
        <IssueDeeds detail={detail} />
      </div>
      <div className="mt-4 min-w-0 @3xl:col-start-2 @3xl:row-span-3 @3xl:row-start-1 @3xl:mt-0">
        <Properties detail={detail} />
      </div>
      <div className="mt-6 min-w-0 space-y-8 @3xl:col-start-1">
        <Description issue={issue} />
        {issue.parentId === null && <Children issue={issue} />}
        <Comments issue={issue} />
      </div>
    </div>
  )
}
