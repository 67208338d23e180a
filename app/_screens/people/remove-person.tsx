'use client'
import { LogOut, UserMinus } from 'lucide-react'
import { useState } from 'react'
import { removeMember } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { IconButton } from '../../_components/button'
import { ConfirmDialog } from '../../_components/confirm-dialog'
import { navigate } from '../navigation'
import { type Member, useProject } from '../project/context'
import { hrefOf } from '../route'
import { useRun } from '../use-run'

/** Removes a person from the project, or oneself. */
export function RemovePerson({ member }: { member: Member }) {
  const { project, myId } = useProject()
  const [isAsking, setAsking] = useState(false)
  const remove = useAction(removeMember)
  const run = useRun()
  const isMe = member.userId === myId
  const confirm = async () => {
    setAsking(false)
    const said = isMe ? `You left ${project.name}` : `${member.name} removed`
    const result = await run(() => remove({ projectId: project.id, userId: member.userId }), said)
    if (result.kind === 'done' && isMe) navigate(hrefOf({ screen: 'projects' }))
  }
  return (
    <>
      <IconButton label={isMe ? 'Leave the project' : `Remove ${member.name}`} onClick={() => setAsking(true)}>
        {isMe ? <LogOut aria-hidden className="size-4" /> : <UserMinus aria-hidden className="size-4" />}
      </IconButton>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={confirm}
        title={isMe ? `Leave ${project.name}?` : `Remove ${member.name}?`}
        confirmLabel={isMe ? 'Leave project' : 'Remove person'}
      >
        <p>
          {isMe
            ? 'The project leaves this device. Issues assigned to you become free; what you wrote stays.'
            : 'The project leaves their devices at the next contact. Their issues become free; what they wrote stays.'}
        </p>
      </ConfirmDialog>
    </>
  )
}
