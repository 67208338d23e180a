'use client'
import { Plus } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { createIssue } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { type Column, useProject } from '../project/context'
import { useRun } from '../use-run'

/** A line at the end of a column that makes an issue of what is typed, and stays open for the next one. */
export function AddIssue({ column }: { column: Column }) {
  const { project } = useProject()
  const create = useAction(createIssue)
  const run = useRun()
  const [title, setTitle] = useState<string | null>(null)

  if (title === null) {
    return (
      <Button look="ghost" size="sm" className="mx-2 mb-2 justify-start" onClick={() => setTitle('')}>
        <Plus aria-hidden className="size-4" />
        Add issue
        <span className="sr-only"> to {column.name}</span>
      </Button>
    )
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (title.trim() === '') return
    setTitle('')
    const result = await run(
      () => create({ projectId: project.id, columnId: column.id, title }),
      ({ number }) => `${project.key}-${number} created`,
    )
    // What was typed is not lost when the rule said no.
    if (result.kind === 'not-done') setTitle(title)
  }
  const close = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    setTitle(null)
  }
  return (
    <form onSubmit={submit} className="mx-2 mb-2">
      <input
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field.
        autoFocus
        aria-label={`Title of the new issue in ${column.name}`}
        placeholder="What is to be done?"
        value={title}
        maxLength={200}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={close}
        onBlur={() => title.trim() === '' && setTitle(null)}
        className="h-10 w-full rounded-lg border border-line-strong/70 bg-surface px-3 text-sm focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 max-sm:text-[16px]"
      />
    </form>
  )
}
