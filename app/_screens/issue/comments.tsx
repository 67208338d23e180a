'use client'
import { type FormEvent, useState } from 'react'
import type { comments } from '@/db/schema'
import { addComment } from '@/lib/actions'
import { commentsOf } from '@/lib/queries/selects'
import { useAction, useLiveQuery } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { TextArea } from '../../_components/field'
import { Skeleton } from '../../_components/states'
import { useRun } from '../use-run'
import { CommentItem } from './comment-item'
import type { Issue } from './use-issue-actions'

export type Comment = typeof comments.$inferSelect

export function Comments({ issue }: { issue: Issue }) {
  const { rows, isLoading } = useLiveQuery((db) => commentsOf(db, issue.id), { key: 'comments' })
  return (
    <section aria-labelledby={`comments-${issue.id}`}>
      <h2 id={`comments-${issue.id}`} className="mb-3 text-sm font-semibold">
        Comments
        {rows.length > 0 && <span className="num ml-2 text-xs font-normal text-faint">{rows.length}</span>}
      </h2>
      {isLoading && rows.length === 0 && <Skeleton className="h-12" />}
      <ol className="flex flex-col gap-4">
        {rows.map((comment) => (
          <CommentItem key={comment.id} comment={comment} />
        ))}
      </ol>
      <NewComment issue={issue} />
    </section>
  )
}

function NewComment({ issue }: { issue: Issue }) {
  const add = useAction(addComment)
  const run = useRun()
  const [body, setBody] = useState('')
  const send = async () => {
    if (body.trim() === '') return
    setBody('')
    const at = { projectId: issue.projectId, issueId: issue.id }
    const result = await run(() => add({ ...at, body }), 'Comment added')
    // What was written is not lost when the rule said no.
    if (result.kind === 'not-done') setBody(body)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void send()
  }
  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void send()
      }}
      className="mt-4"
    >
      <TextArea
        label="Write a comment"
        isLabelHidden
        placeholder="Write a comment"
        rows={2}
        value={body}
        maxLength={20_000}
        onChange={(event) => setBody(event.target.value)}
      />
      <div className="mt-2 flex items-center gap-3">
        <Button type="submit" size="sm" look="primary" disabled={body.trim() === ''}>
          Comment
        </Button>
        <span className="text-xs text-faint pointer-coarse:hidden">Ctrl or ⌘ and Enter sends it</span>
      </div>
    </form>
  )
}
