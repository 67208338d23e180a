'use client'
import { type FormEvent, useState } from 'react'
import type { MemberRole } from '@/db/schema'
import { addMember } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { Dialog, DialogActions } from '../../_components/dialog'
import { TextField } from '../../_components/field'
import { Segmented } from '../../_components/segmented'
import { useProject } from '../project/context'
import { type Lookup, lookUpPerson } from '../server-calls'
import { useRun } from '../use-run'
import { roleHints, roleOptions } from './roles'

export function AddPersonDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Add a person"
      description="They need an account here. Finding them by e-mail needs a network; adding them does not."
    >
      <AddPersonForm onClose={onClose} />
    </Dialog>
  )
}

const problems: Readonly<Record<Exclude<Lookup['kind'], 'found'>, string>> = {
  nobody: 'Nobody has an account with this address yet. Ask them to create one first.',
  unreachable: 'The server cannot be reached. Try again when you are online.',
  'signed-out': 'Your session has ended. Sign in again first.',
  'too-many': 'That were many questions in a short time. Wait a minute.',
}

function AddPersonForm({ onClose }: { onClose: () => void }) {
  const { project } = useProject()
  const add = useAction(addMember)
  const run = useRun()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<MemberRole>('editor')
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const address = email.trim().toLowerCase()
    if (!/^\S+@\S+\.\S+$/.test(address)) return setProblem('Enter an e-mail address.')
    setProblem(null)
    setBusy(true)
    const found = await lookUpPerson(address)
    if (found.kind === 'found') {
      const person = { userId: found.id, name: found.name, email: address, role }
      const result = await run(() => add({ projectId: project.id, ...person }), `${found.name} added`)
      if (result.kind === 'done') return onClose()
    } else {
      setProblem(problems[found.kind])
    }
    setBusy(false)
  }

  return (
    <form onSubmit={submit} noValidate>
      <TextField
        label="E-mail"
        type="email"
        autoComplete="off"
        value={email}
        error={problem}
        onChange={(event) => setEmail(event.target.value)}
      />
      <div className="mt-4">
        <p className="mb-1.5 text-sm font-medium">Role</p>
        <Segmented label="Role" value={role} options={roleOptions} onChange={setRole} />
        <p className="mt-1.5 text-xs text-faint" aria-live="polite">
          {roleHints[role]}
        </p>
      </div>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={isBusy}>
          Add person
        </Button>
      </DialogActions>
    </form>
  )
}
