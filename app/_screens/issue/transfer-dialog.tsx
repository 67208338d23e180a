'use client'
import { type FormEvent, useState } from 'react'
import { transferIssue } from '@/lib/actions'
import { allMembers, allProjects, columnsOf, type IssueDetail } from '@/lib/queries/selects'
import { useAction, useLiveQuery } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { Dialog, DialogActions } from '../../_components/dialog'
import { ProjectTile } from '../../_components/project-tile'
import { Select } from '../../_components/select'
import { EmptyState } from '../../_components/states'
import { useProject } from '../project/context'
import { useRun } from '../use-run'

interface TransferDialogProps {
  detail: IssueDetail
  isOpen: boolean
  onClose: () => void
}

export function TransferDialog(props: TransferDialogProps) {
  const { detail, isOpen, onClose } = props
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={`Transfer ${detail.projectKey}-${detail.issue.number}`}
      description="It gets a number there. Comments and votes go along; labels, parent and sub-issues stay behind."
    >
      <TransferForm {...props} />
    </Dialog>
  )
}

function TransferForm({ detail, onClose }: TransferDialogProps) {
  const { myId } = useProject()
  const projects = useLiveQuery(allProjects).rows
  const members = useLiveQuery(allMembers).rows
  const offered = projects.filter(
    ({ id }) =>
      id !== detail.issue.projectId &&
      members.some((member) => member.projectId === id && member.userId === myId && member.role !== 'viewer'),
  )
  const [chosenId, setChosenId] = useState<string | null>(null)
  const [chosenColumnId, setChosenColumnId] = useState<string | null>(null)
  const projectId = chosenId ?? offered[0]?.id ?? null
  const columns = useLiveQuery((db) => (projectId === null ? null : columnsOf(db, projectId))).rows
  const columnId = columns.find(({ id }) => id === chosenColumnId)?.id ?? columns[0]?.id ?? null
  const transfer = useTransfer(detail)

  if (offered.length === 0) {
    return (
      <EmptyState title="There is no other project" className="py-6!">
        You need another project in which you may edit.
      </EmptyState>
    )
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (projectId === null || columnId === null) return
    const key = offered.find(({ id }) => id === projectId)?.key ?? ''
    if (await transfer({ toProjectId: projectId, toColumnId: columnId, key })) onClose()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Select
        label="Project"
        value={projectId ?? ''}
        options={offered.map(({ id, name, key }) => ({
          value: id,
          label: name,
          icon: <ProjectTile id={id} projectKey={key} size="sm" />,
        }))}
        onChange={setChosenId}
      />
      <Select
        label="Column"
        value={columnId ?? ''}
        options={columns.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={setChosenColumnId}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Transfer
        </Button>
      </DialogActions>
    </form>
  )
}

function useTransfer({ issue }: IssueDetail) {
  const transfer = useAction(transferIssue)
  const run = useRun()
  return async ({ key, ...to }: { toProjectId: string; toColumnId: string; key: string }): Promise<boolean> => {
    const result = await run(
      () => transfer({ projectId: issue.projectId, issueId: issue.id, ...to }),
      ({ number }) => `Transferred: it is ${key}-${number} now`,
    )
    return result.kind === 'done'
  }
}
