'use client'
import { CircleCheck, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { removeFocus, writeFocusNote } from '@/lib/actions'
import type { myFocus } from '@/lib/queries/selects'
import { useAction } from '@/lib/sync/react'
import { IconButton } from '../../_components/button'
import { PriorityIcon } from '../../_components/priority'
import { Link } from '../navigation'
import { useRun } from '../use-run'

type Item = Awaited<ReturnType<typeof myFocus>>[number]

export function FocusItem({ item }: { item: Item }) {
  const remove = useAction(removeFocus)
  const run = useRun()
  const name = item.number === null ? 'an issue that is gone' : `${item.projectKey}-${item.number}`
  return (
    <li className="rounded-xl border bg-surface shadow-card">
      <div className="flex items-center gap-3 py-2 pl-4 pr-2">
        {item.title === null || item.priority === null ? (
          <p className="min-w-0 flex-1 text-sm text-muted">
            This issue is gone: deleted, or in a project you are no longer in.
          </p>
        ) : (
          <>
            <PriorityIcon priority={item.priority} isLabelled />
            <Link
              to={{ screen: 'issue', issueId: item.issueId }}
              className="flex min-w-0 flex-1 items-center gap-3 rounded-md py-1 text-sm"
            >
              <span className="shrink-0 text-xs text-faint">{name}</span>
              {item.completedAt !== null && (
                <CircleCheck role="img" aria-label="Completed" className="size-4 shrink-0 text-good-ink" />
              )}
              <span className="min-w-0 flex-1 truncate font-medium">{item.title}</span>
              <span className="hidden shrink-0 text-xs text-muted sm:block">{item.columnName}</span>
            </Link>
          </>
        )}
        <IconButton
          label={`Take ${name} off the list`}
          onClick={() => void run(() => remove({ issueId: item.issueId }), 'Taken off your focus list')}
        >
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      <Note item={item} name={name} />
    </li>
  )
}

/** A private note below the issue. It saves itself when one leaves it. */
function Note({ item, name }: { item: Item; name: string }) {
  const write = useAction(writeFocusNote)
  const run = useRun()
  const [draft, setDraft] = useState<string | null>(null)
  const save = async () => {
    if (draft === null || draft === item.note) return setDraft(null)
    await run(() => write({ issueId: item.issueId, note: draft }), 'Note saved')
    setDraft(null)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape') setDraft(null)
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.blur()
  }
  return (
    <textarea
      aria-label={`Private note on ${name}`}
      placeholder="Add a private note"
      rows={1}
      maxLength={2000}
      value={draft ?? item.note}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={save}
      onKeyDown={onKeyDown}
      className="field-sizing-content block w-full resize-none rounded-b-xl border-t bg-transparent px-4 py-2.5 text-sm text-muted hover:bg-hover focus:text-ink focus-visible:outline-1 focus-visible:-outline-offset-1 max-sm:text-[16px]"
    />
  )
}
