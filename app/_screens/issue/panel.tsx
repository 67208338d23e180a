'use client'
import { Maximize2, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { IconButton } from '../../_components/button'
import { iconButtonClass } from '../../_components/button-class'
import { Link, navigate } from '../navigation'
import { hrefOf, parseRoute } from '../route'
import { IssueMenu } from './actions-menu'
import { IssueBody } from './body'
import { IssueLoader } from './loader'

/** An issue beside what it was opened from; on a small screen it lies over it. Escape closes it. */
export function IssuePanel({ issueId }: { issueId: string }) {
  const panel = useRef<HTMLElement>(null)
  useEffect(() => panel.current?.focus({ preventScroll: true }), [])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) closePanel(issueId)
  }
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label="Issue"
      onKeyDown={onKeyDown}
      className="absolute inset-0 z-20 flex flex-col bg-surface outline-none lg:static lg:z-auto lg:w-[31rem] lg:shrink-0 lg:border-l"
    >
      <IssueLoader issueId={issueId} body={(detail) => <IssueBody detail={detail} />}>
        {(detail, body) => (
          <>
            <header className="flex h-14 shrink-0 items-center gap-1 border-b pl-4 pr-2">
              <span className="flex-1 truncate text-sm font-medium text-muted">
                {detail && `${detail.projectKey}-${detail.issue.number}`}
              </span>
              {detail && <IssueMenu detail={detail} onDeleted={() => closePanel(issueId)} />}
              <Link
                to={{ screen: 'issue', issueId }}
                aria-label="Open on its own page"
                title="Open on its own page"
                className={iconButtonClass('max-lg:hidden')}
              >
                <Maximize2 aria-hidden className="size-4" />
              </Link>
              <IconButton label="Close" onClick={() => closePanel(issueId)}>
                <X aria-hidden className="size-4" />
              </IconButton>
            </header>
            <div className="scroll-quiet @container relative min-h-0 flex-1 overflow-y-auto">{body}</div>
          </>
        )}
      </IssueLoader>
    </aside>
  )
}

/** The focus returns to where the issue was opened from. */
function closePanel(issueId: string) {
  const { query, ...place } = parseRoute(window.location.hash)
  const { issue: _issue, ...rest } = query
  navigate(hrefOf(place, rest))
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-issue="${CSS.escape(issueId)}"] a`)?.focus())
}
