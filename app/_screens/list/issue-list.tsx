'use client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ListX } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import { useLiveQuery } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { EmptyState, ErrorState, LoadingRows } from '../../_components/states'
import { useCardDetails } from '../board/use-card-details'
import { navigate } from '../navigation'
import { useProject } from '../project/context'
import { hrefOf, type Query } from '../route'
import { type Filter, filteredIssues, filterOf, isFiltered, type ListIssue, queryOf, rowsMax } from './filter'
import { FilterBar } from './filter-bar'
import { IssueRow } from './issue-row'

const rowHeightPx = 44

/** All issues of a project, searched and filtered in the local database. Only the rows in sight are in the page. */
export function IssueList({ query }: { query: Query }) {
  const { project } = useProject()
  const filter = filterOf(query)
  const { rows, isLoading, error } = useLiveQuery((db) => filteredIssues(db, project.id, filter), {
    key: 'list',
  })
  const place = { screen: 'project', projectId: project.id, view: 'list' } as const
  const change = (next: Filter) =>
    navigate(hrefOf(place, { ...queryOf(next), ...(query.issue ? { issue: query.issue } : {}) }), { replace: true })

  return (
    <>
      <FilterBar filter={filter} onChange={change} />
      <p role="status" className="sr-only">
        {isLoading ? '' : countWords(rows.length)}
      </p>
      {error ? (
        <ErrorState title="The list could not be read" error={error} />
      ) : rows.length > 0 ? (
        <Rows rows={rows} filter={filter} openIssueId={query.issue ?? null} />
      ) : isLoading ? (
        <LoadingRows label="Loading issues" />
      ) : (
        <NothingFound isFiltered={isFiltered(filter)} onClear={() => change(filterOf({ sort: filter.sort }))} />
      )}
    </>
  )
}

function countWords(count: number): string {
  if (count >= rowsMax) return `The first ${rowsMax} issues`
  return count === 1 ? '1 issue' : `${count} issues`
}

interface RowsProps {
  rows: readonly ListIssue[]
  filter: Filter
  openIssueId: string | null
}

function Rows({ rows, filter, openIssueId }: RowsProps) {
  const { project } = useProject()
  const details = useCardDetails(project.id)
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
  })
  return (
    <div ref={scroller} className="scroll-quiet relative min-h-0 flex-1 overflow-y-auto">
      <ul onKeyDown={followArrows} className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const issue = rows[index]
          return (
            issue && (
              <IssueRow
                key={key}
                issue={issue}
                labels={details.labels.get(issue.id) ?? []}
                query={{ ...queryOf(filter), issue: issue.id }}
                isOpen={issue.id === openIssueId}
                place={{ position: index + 1, count: rows.length }}
                style={{ height: rowHeightPx, transform: `translateY(${start}px)` }}
              />
            )
          )
        })}
      </ul>
      <p className="px-4 py-4 text-center text-xs text-faint md:px-6">
        {countWords(rows.length)}
        {rows.length >= rowsMax && '. Search or filter to see others.'}
      </p>
    </div>
  )
}

/** Arrow keys go from row to row. */
function followArrows(event: KeyboardEvent<HTMLUListElement>) {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const current = event.target instanceof Element ? event.target.closest('li') : null
  if (step === 0 || current === null) return
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('li > a')]
  const next = links[links.findIndex((link) => current.contains(link)) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

function NothingFound({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (!isFiltered) {
    return (
      <EmptyState icon={<ListX aria-hidden />} title="No open issues">
        Create one with “New issue”, or look at the completed ones.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={<ListX aria-hidden />}
      title="No issue fits"
      action={<Button onClick={onClear}>Clear search and filters</Button>}
    >
      Everything on this device was searched, network or not.
    </EmptyState>
  )
}
