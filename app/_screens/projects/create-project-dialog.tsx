'use client'
import { type FormEvent, useState } from 'react'
import { useSessionUser } from '@/app/_engine/provider'
import { createProject } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { Dialog, DialogActions } from '../../_components/dialog'
import { TextField } from '../../_components/field'
import { navigate } from '../navigation'
import { hrefOf } from '../route'
import { useRun } from '../use-run'
import { suggestKey } from './suggest-key'

const keyPattern = /^[A-Z][A-Z0-9]{1,5}$/

export function CreateProjectDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="New project"
      description="A board of its own, with its own people. You become its owner."
    >
      <CreateProjectForm onClose={onClose} />
    </Dialog>
  )
}

function CreateProjectForm({ onClose }: { onClose: () => void }) {
  const { user } = useSessionUser()
  const create = useAction(createProject)
  const run = useRun()
  const [name, setName] = useState('')
  const [typedKey, setTypedKey] = useState<string | null>(null)
  const [isTried, setTried] = useState(false)
  const key = typedKey ?? suggestKey(name)
  const nameError = isTried && name.trim() === '' ? 'Give the project a name.' : null
  const keyError = isTried && !keyPattern.test(key) ? 'Two to six letters and digits, a letter first.' : null

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (user === null || name.trim() === '' || !keyPattern.test(key)) return
    const owner = { name: user.name, email: user.email }
    const result = await run(() => create({ name, key, owner }), `Project ${name} created`)
    if (result.kind === 'not-done') return
    onClose()
    navigate(hrefOf({ screen: 'project', projectId: result.value.projectId, view: 'board' }))
  }

  return (
    <form onSubmit={submit} noValidate>
      <div className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          maxLength={100}
          autoComplete="off"
          error={nameError}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Key"
          hint={`Issues are called ${key || 'KEY'}-1, ${key || 'KEY'}-2 and so on.`}
          value={key}
          maxLength={6}
          autoComplete="off"
          spellCheck={false}
          error={keyError}
          onChange={(event) => setTypedKey(event.target.value.toUpperCase().replace(/[^A-Z0-9]/g, ''))}
        />
      </div>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Create project
        </Button>
      </DialogActions>
    </form>
  )
}
