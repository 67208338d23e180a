'use client'
import type { IssuePriority, issues } from '@/db/schema'
import {
  assignIssue,
  attachLabel,
  claimIssue,
  completeIssue,
  detachLabel,
  editIssue,
  moveIssue,
  reopenIssue,
  voteForIssue,
} from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { useRun } from '../use-run'

export type Issue = typeof issues.$inferSelect

/** What can be done with one issue, each as one call that tells the person how it went. Answers whether it was done. */
export function useIssueActions(issue: Issue) {
  const run = useRun()
  const edit = useAction(editIssue)
  const assign = useAction(assignIssue)
  const claim = useAction(claimIssue)
  const move = useAction(moveIssue)
  const complete = useAction(completeIssue)
  const reopen = useAction(reopenIssue)
  const vote = useAction(voteForIssue)
  const attach = useAction(attachLabel)
  const detach = useAction(detachLabel)
  const at = { projectId: issue.projectId, issueId: issue.id }
  const isDone = async (result: Promise<{ kind: 'done' | 'not-done' }>) => (await result).kind === 'done'
  return {
    setTitle: (title: string) => isDone(run(() => edit({ ...at, title }), 'Title saved')),
    setDescription: (description: string) => isDone(run(() => edit({ ...at, description }), 'Description saved')),
    setPriority: (priority: IssuePriority) => isDone(run(() => edit({ ...at, priority }), 'Priority saved')),
    setEstimate: (estimate: number | null) => isDone(run(() => edit({ ...at, estimate }), 'Estimate saved')),
    setParent: (parentId: string | null) => isDone(run(() => edit({ ...at, parentId }), 'Parent saved')),
    assign: (assigneeId: string | null) => isDone(run(() => assign({ ...at, assigneeId }), 'Assignee saved')),
    claim: () => isDone(run(() => claim(at), 'It is yours now')),
    moveTo: (columnId: string) => isDone(run(() => move({ ...at, columnId }), 'Moved')),
    complete: () => isDone(run(() => complete(at), 'Completed')),
    reopen: () => isDone(run(() => reopen(at), 'Reopened')),
    vote: (add: number) =>
      isDone(
        run(
          () => vote({ ...at, add }),
          ({ total }) => `${total} votes`,
        ),
      ),
    attach: (labelId: string) => isDone(run(() => attach({ ...at, labelId }), 'Label attached')),
    detach: (labelId: string) => isDone(run(() => detach({ ...at, labelId }), 'Label taken off')),
  }
}
