'use client'
import { type KeyboardEvent, useState } from 'react'
import { useProject } from '../project/context'
import { type Issue, useIssueActions } from './use-issue-actions'

const titleClass = 'font-semibold tracking-tight wrap-anywhere text-xl @3xl:text-2xl'

/** The title is its own editor. What somebody else writes meanwhile shows unless one is writing oneself. */
export function Title({ issue, level: Heading }: { issue: Issue; level: 'h1' | 'h2' }) {
  const { canEdit } = useProject()
  const { setTitle } = useIssueActions(issue)
  const [draft, setDraft] = useState<string | null>(null)
  if (!canEdit) return <Heading className={titleClass}>{issue.title}</Heading>

  const save = async () => {
    const title = draft?.trim() ?? ''
    if (title === '' || title === issue.title) return setDraft(null)
    await setTitle(title)
    setDraft(null)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      event.currentTarget.blur()
    } else if (event.key === 'Escape' && draft !== null) {
      event.preventDefault()
      setDraft(null)
    }
  }
  return (
    <>
      <Heading className="sr-only">{issue.title}</Heading>
      <textarea
        aria-label="Title"
        rows={1}
        maxLength={200}
        value={draft ?? issue.title}
        onChange={(event) => setDraft(event.target.value.replace(/\n/g, ' '))}
        onBlur={save}
        onKeyDown={onKeyDown}
        className={`${titleClass} field-sizing-content -mx-2 w-[calc(100%+1rem)] resize-none rounded-lg bg-transparent px-2 py-1 hover:bg-hover focus:bg-canvas focus-visible:outline-1 focus-visible:outline-offset-0`}
      />
    </>
  )
}
