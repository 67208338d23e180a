'use client'
import { Pencil } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../../_components/button'
import { TextArea } from '../../_components/field'
import { useProject } from '../project/context'
import { type Issue, useIssueActions } from './use-issue-actions'

export function Description({ issue }: { issue: Issue }) {
  const { canEdit } = useProject()
  const [isEditing, setEditing] = useState(false)
  if (isEditing) return <DescriptionForm issue={issue} onClose={() => setEditing(false)} />
  if (issue.description === '') {
    if (!canEdit) return null
    return (
      <Button look="ghost" size="sm" className="-ml-2.5" onClick={() => setEditing(true)}>
        <Pencil aria-hidden className="size-3.5" />
        Add a description
      </Button>
    )
  }
  return (
    <section aria-label="Description" className="group flex items-start gap-2">
      <p className="prose-plain min-w-0 flex-1 text-base leading-relaxed">{issue.description}</p>
      {canEdit && (
        <IconButton
          label="Edit description"
          onClick={() => setEditing(true)}
          className="-mt-1 pointer-fine:opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
        >
          <Pencil aria-hidden className="size-3.5" />
        </IconButton>
      )}
    </section>
  )
}

function DescriptionForm({ issue, onClose }: { issue: Issue; onClose: () => void }) {
  const { setDescription } = useIssueActions(issue)
  const [text, setText] = useState(issue.description)
  const save = async () => {
    if (text === issue.description || (await setDescription(text))) onClose()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault()
          onClose()
        }
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void save()
      }}
    >
      <TextArea
        label="Description"
        autoFocus
        value={text}
        maxLength={20_000}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="mt-2 flex gap-2">
        <Button type="submit" look="primary" size="sm">
          Save
        </Button>
        <Button size="sm" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
