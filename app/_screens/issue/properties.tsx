'use client'
import { Lock, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { type IssueDetail, issueHead } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'
import { Avatar } from '../../_components/avatar'
import { Button, IconButton } from '../../_components/button'
import { PriorityIcon, priorities } from '../../_components/priority'
import { Select, type SelectOption } from '../../_components/select'
import { Link } from '../navigation'
import { personName, useProject } from '../project/context'
import { LabelPicker } from './label-picker'
import { IssuePickerDialog } from './picker-dialog'
import { type Issue, useIssueActions } from './use-issue-actions'

const nobody = 'nobody'
const noEstimate = 'none'
const estimates = [1, 2, 3, 5, 8, 13, 21]

/** Status, person, priority, estimate, labels and parent. Each saves at once. */
export function Properties({ detail }: { detail: IssueDetail }) {
  const { issue } = detail
  const { canEdit, columns } = useProject()
  const { setPriority, setEstimate, moveTo } = useIssueActions(issue)
  const columnOptions = columns.map((column) => ({
    value: column.id,
    label: column.name,
    ...(column.closedAt === null ? {} : { icon: <Lock aria-hidden /> }),
  }))
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] items-center gap-y-1 text-sm">
      <Row label="Status">
        <Select
          label="Status"
          look="quiet"
          value={issue.columnId}
          options={columnOptions}
          onChange={moveTo}
          isDisabled={!canEdit || issue.archivedAt !== null}
          className="w-full"
        />
      </Row>
      <Row label="Assignee">
        <Assignee issue={issue} />
      </Row>
      <Row label="Priority">
        <Select
          label="Priority"
          look="quiet"
          value={issue.priority}
          options={priorities.map((p) => ({ ...p, icon: <PriorityIcon priority={p.value} /> }))}
          onChange={setPriority}
          isDisabled={!canEdit}
          className="w-full"
        />
      </Row>
      <Row label="Estimate">
        <Select
          label="Estimate"
          look="quiet"
          value={issue.estimate?.toString() ?? noEstimate}
          options={estimateOptions(issue.estimate)}
          onChange={(value) => setEstimate(value === noEstimate ? null : Number(value))}
          isDisabled={!canEdit}
          className="w-full"
        />
      </Row>
      <Row label="Labels">
        <LabelPicker issue={issue} />
      </Row>
      <Row label="Parent">
        <Parent issue={issue} />
      </Row>
    </dl>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

function Assignee({ issue }: { issue: Issue }) {
  const view = useProject()
  const { assign } = useIssueActions(issue)
  const people: SelectOption<string>[] = view.members
    .filter((member) => member.role !== 'viewer' || member.userId === issue.assigneeId)
    .map(({ userId, name }) => ({
      value: userId,
      label: userId === view.myId ? `${name} (me)` : name,
      icon: <Avatar size="xs" id={userId} name={name} />,
    }))
  const isFormer = issue.assigneeId !== null && !people.some(({ value }) => value === issue.assigneeId)
  const former = isFormer ? [{ value: issue.assigneeId ?? '', label: personName(view, issue.assigneeId) ?? '' }] : []
  return (
    <Select
      label="Assignee"
      look="quiet"
      value={issue.assigneeId ?? nobody}
      options={[
        { value: nobody, label: 'Nobody', icon: <Avatar size="xs" id={null} name={null} /> },
        ...people,
        ...former,
      ]}
      onChange={(value) => assign(value === nobody ? null : value)}
      isDisabled={!view.canEdit}
      className="w-full"
    />
  )
}

function estimateOptions(current: number | null): readonly SelectOption<string>[] {
  const known =
    current === null || estimates.includes(current) ? estimates : [...estimates, current].sort((a, b) => a - b)
  return [
    { value: noEstimate, label: 'No estimate' },
    ...known.map((points) => ({ value: String(points), label: points === 1 ? '1 point' : `${points} points` })),
  ]
}

function Parent({ issue }: { issue: Issue }) {
  const { project, canEdit } = useProject()
  const { setParent } = useIssueActions(issue)
  const [isPicking, setPicking] = useState(false)
  const { rows } = useLiveQuery((db) => (issue.parentId === null ? null : issueHead(db, issue.parentId)))
  const parent = rows[0]
  if (parent) {
    return (
      <span className="flex min-h-8 items-center gap-1 pl-2">
        <Link to={{ screen: 'issue', issueId: parent.id }} className="min-w-0 truncate rounded hover:underline">
          <span className="text-muted">
            {project.key}-{parent.number}
          </span>{' '}
          {parent.title}
        </Link>
        {canEdit && (
          <IconButton label="Take out of its parent" className="size-6" onClick={() => void setParent(null)}>
            <X aria-hidden className="size-3.5" />
          </IconButton>
        )}
      </span>
    )
  }
  if (!canEdit) return <span className="pl-2 text-faint">None</span>
  return (
    <>
      <Button
        look="ghost"
        size="sm"
        className="w-full justify-start px-2! font-normal"
        onClick={() => setPicking(true)}
      >
        Choose…
      </Button>
      <IssuePickerDialog
        isOpen={isPicking}
        onClose={() => setPicking(false)}
        title="Choose a parent"
        isOffered={(other) => other.id !== issue.id && other.parentId === null && other.completedAt === null}
        onPick={(parentId) => {
          setPicking(false)
          void setParent(parentId)
        }}
      />
    </>
  )
}
