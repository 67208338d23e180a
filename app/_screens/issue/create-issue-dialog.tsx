'use client'
import { type FormEvent, useState } from 'react'
import { v4 } from 'uuid'
import type { IssuePriority } from '@/db/schema'
import { createIssue } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Avatar } from '../../_components/avatar'
import { Button } from '../../_components/button'
import { Dialog, DialogActions } from '../../_components/dialog'
import { TextArea, TextField } from '../../_components/field'
import { PriorityIcon, priorities } from '../../_components/priority'
import { Select } from '../../_components/select'
import { useProject } from '../project/context'
import { useRun } from '../use-run'

const nobody = 'nobody'

export function CreateIssueDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New issue" width="md">
      <CreateIssueForm onClose={onClose} />
    </Dialog>
  )
}

function CreateIssueForm({ onClose }: { onClose: () => void }) {
  const { project, columns } = useProject()
  const create = useAction(createIssue)
  const run = useRun()
  // One form is one issue, however often it is sent (FM-28).
  const [gesture] = useState(() => v4())
  const [title, setTitle] = useState('')
  const [description, setDescription] = useState('')
  const [columnId, setColumnId] = useState(columns.find(({ closedAt }) => closedAt === null)?.id ?? '')
  const [priority, setPriority] = useState<IssuePriority>('none')
  const [assigneeId, setAssigneeId] = useState(nobody)
  const [isTried, setTried] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (title.trim() === '' || columnId === '') return
    const fields = { projectId: project.id, columnId, title, description, priority }
    const result = await run(
      () => create({ ...fields, assigneeId: assigneeId === nobody ? null : assigneeId }, { gesture }),
      ({ number }) => `${project.key}-${number} created`,
    )
    if (result.kind === 'done') onClose()
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <TextField
        label="Title"
        value={title}
        maxLength={200}
        autoComplete="off"
        error={isTried && title.trim() === '' ? 'Say in a few words what is to be done.' : null}
        onChange={(event) => setTitle(event.target.value)}
      />
      <TextArea
        label="Description"
        value={description}
        maxLength={20_000}
        onChange={(event) => setDescription(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Select
          label="Status"
          value={columnId}
          options={columns.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setColumnId}
        />
        <Select
          label="Priority"
          value={priority}
          options={priorities.map((p) => ({ ...p, icon: <PriorityIcon priority={p.value} /> }))}
          onChange={setPriority}
        />
        <Assignee value={assigneeId} onChange={setAssigneeId} />
      </div>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Create issue
        </Button>
      </DialogActions>
    </form>
  )
}

function Assignee({ value, onChange }: { value: string; onChange: (userId: string) => void }) {
  const { members } = useProject()
  const people = members
    .filter(({ role }) => role !== 'viewer')
    .map(({ userId, name }) => ({ value: userId, label: name, icon: <Avatar size="xs" id={userId} name={name} /> }))
  const options = [{ value: nobody, label: 'Nobody', icon: <Avatar size="xs" id={null} name={null} /> }, ...people]
  return <Select label="Assignee" value={value} options={options} onChange={onChange} />
}
