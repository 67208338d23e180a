'use client'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import type { MemberRole } from '@/db/schema'
import { setMemberRole } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Avatar } from '../../_components/avatar'
import { Button } from '../../_components/button'
import { Select } from '../../_components/select'
import { type Member, useProject } from '../project/context'
import { ScreenBody } from '../screen-header'
import { useRun } from '../use-run'
import { AddPersonDialog } from './add-person-dialog'
import { RemovePerson } from './remove-person'
import { roleOptions, roleWords } from './roles'

/** Who takes part in the project, and as what. */
export function People() {
  const { members, isOwner } = useProject()
  const [isAdding, setAdding] = useState(false)
  return (
    <ScreenBody className="px-4 py-5 md:px-6">
      <div className="mx-auto max-w-3xl">
        <div className="mb-3 flex items-center justify-between gap-3">
          <h2 className="text-base font-semibold">
            {members.length} {members.length === 1 ? 'person' : 'people'}
          </h2>
          {isOwner && (
            <Button size="sm" onClick={() => setAdding(true)}>
              <UserPlus aria-hidden className="size-4" />
              Add person
            </Button>
          )}
        </div>
        <ul className="divide-y rounded-xl border bg-surface shadow-card">
          {members.map((member) => (
            <PersonRow key={member.userId} member={member} />
          ))}
        </ul>
        {!isOwner && <p className="mt-3 text-sm text-muted">Owners add people and change roles.</p>}
      </div>
      <AddPersonDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </ScreenBody>
  )
}

function PersonRow({ member }: { member: Member }) {
  const { project, isOwner, myId } = useProject()
  const setRole = useAction(setMemberRole)
  const run = useRun()
  const change = (role: MemberRole) =>
    void run(
      () => setRole({ projectId: project.id, userId: member.userId, role }),
      `${member.name} is ${roleWords(role)} now`,
    )
  return (
    <li className="flex items-center gap-3 px-3 py-2.5 sm:px-4">
      <Avatar size="md" id={member.userId} name={member.name} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-base font-medium">
          {member.name}
          {member.userId === myId && <span className="ml-1.5 text-sm font-normal text-faint">me</span>}
        </p>
        <p className="truncate text-sm text-muted">{member.email}</p>
      </div>
      {isOwner ? (
        <Select
          label={`Role of ${member.name}`}
          value={member.role}
          options={roleOptions}
          onChange={change}
          className="w-28 shrink-0"
        />
      ) : (
        <span className="shrink-0 text-sm text-muted">
          {roleOptions.find(({ value }) => value === member.role)?.label}
        </span>
      )}
      {(isOwner || member.userId === myId) && <RemovePerson member={member} />}
    </li>
  )
}
