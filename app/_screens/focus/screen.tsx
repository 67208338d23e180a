'use client'
import { Lock, Star } from 'lucide-react'
import { myFocus } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'
import { buttonClass } from '../../_components/button-class'
import { EmptyState, ErrorState, LoadingRows } from '../../_components/states'
import { Link } from '../navigation'
import { ScreenBody, ScreenHeader } from '../screen-header'
import { useScreenTitle } from '../screen-title'
import { AssignOnFocus } from './assign-on-focus'
import { FocusItem } from './item'

/** My own short list, which nobody else can see. */
export function FocusScreen() {
  useScreenTitle('My focus')
  return (
    <>
      <ScreenHeader
        title="My focus"
        actions={
          <span className="inline-flex items-center gap-1.5 text-xs text-faint">
            <Lock aria-hidden className="size-3.5" />
            Only you see this
          </span>
        }
      />
      <ScreenBody className="px-4 py-5 md:px-6">
        <div className="mx-auto max-w-3xl">
          <FocusList />
        </div>
      </ScreenBody>
    </>
  )
}

function FocusList() {
  const { rows, isLoading, error } = useLiveQuery(myFocus, { key: 'focus', input: {} })
  if (error) return <ErrorState title="Your focus list could not be read" error={error} />
  if (isLoading && rows.length === 0) return <LoadingRows label="Loading your focus list" count={3} />
  if (rows.length === 0) {
    return (
      <EmptyState
        icon={<Star aria-hidden />}
        title="Nothing in focus"
        action={
          <Link to={{ screen: 'projects' }} className={buttonClass()}>
            Go to projects
          </Link>
        }
      >
        Press “Focus” on an issue to put it here, with a note only you can read.
      </EmptyState>
    )
  }
  return (
    <>
      <ul className="flex flex-col gap-2">
        {rows.map((item) => (
          <FocusItem key={item.issueId} item={item} />
        ))}
      </ul>
      <div className="mt-8 rounded-xl border bg-surface p-4 shadow-card">
        <AssignOnFocus />
      </div>
    </>
  )
}
