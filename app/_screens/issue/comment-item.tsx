'use client'
import { Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { editComment, removeComment } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Avatar } from '../../_components/avatar'
import { Button } from '../../_components/button'
import { iconButtonClass } from '../../_components/button-class'
import { ConfirmDialog } from '../../_components/confirm-dialog'
import { TextArea } from '../../_components/field'
import { Menu, MenuItem } from '../../_components/menu'
import { Ago } from '../../_components/moment'
import { useProject } from '../project/context'
import { useRun } from '../use-run'
import type { Comment } from './comments'

export function CommentItem({ comment }: { comment: Comment }) {
  const [isEditing, setEditing] = useState(false)
  return (
    <li className="flex gap-3">
      <Avatar id={comment.authorId} name={comment.authorName} />
      <div className="min-w-0 flex-1">
        <div className="flex min-h-6 items-center gap-2 text-sm">
          <span className="truncate font-medium">{comment.authorName}</span>
          <Ago at={comment.createdAt} className="shrink-0 text-xs text-faint" />
          {comment.editedAt !== null && <span className="shrink-0 text-xs text-faint">edited</span>}
          <span className="flex-1" />
          <CommentMenu comment={comment} onEdit={() => setEditing(true)} />
        </div>
        {isEditing ? (
          <CommentForm comment={comment} onClose={() => setEditing(false)} />
        ) : (
          <p className="prose-plain text-base">{comment.body}</p>
        )}
      </div>
    </li>
  )
}

/** One's own comments can be changed; owners of the project may remove any. */
function CommentMenu({ comment, onEdit }: { comment: Comment; onEdit: () => void }) {
  const { myId, isOwner } = useProject()
  const remove = useAction(removeComment)
  const run = useRun()
  const [isRemoving, setRemoving] = useState(false)
  const isMine = comment.authorId === myId
  if (!isMine && !isOwner) return null
  const at = { projectId: comment.projectId, commentId: comment.id }
  return (
    <>
      <Menu
        align="end"
        trigger={
          <button
            type="button"
            aria-label={`Actions for the comment of ${comment.authorName}`}
            className={iconButtonClass('size-6')}
          >
            <Ellipsis aria-hidden className="size-4" />
          </button>
        }
      >
        {isMine && (
          <MenuItem icon={<Pencil aria-hidden />} onSelect={onEdit}>
            Edit
          </MenuItem>
        )}
        <MenuItem icon={<Trash2 aria-hidden />} isDangerous onSelect={() => setRemoving(true)}>
          Remove…
        </MenuItem>
      </Menu>
      <ConfirmDialog
        isOpen={isRemoving}
        onClose={() => setRemoving(false)}
        onConfirm={() => {
          setRemoving(false)
          void run(() => remove(at), 'Comment removed')
        }}
        title="Remove this comment?"
        confirmLabel="Remove"
      >
        <p>It is removed for everybody.</p>
      </ConfirmDialog>
    </>
  )
}

function CommentForm({ comment, onClose }: { comment: Comment; onClose: () => void }) {
  const edit = useAction(editComment)
  const run = useRun()
  const [body, setBody] = useState(comment.body)
  const save = async () => {
    if (body.trim() === '') return
    const at = { projectId: comment.projectId, commentId: comment.id }
    const isSame = body === comment.body
    if (isSame || (await run(() => edit({ ...at, body }), 'Comment saved')).kind === 'done') onClose()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault()
          onClose()
        }
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void save()
      }}
    >
      <TextArea
        label="Edit the comment"
        isLabelHidden
        autoFocus
        value={body}
        maxLength={20_000}
        onChange={(event) => setBody(event.target.value)}
      />
      <div className="mt-2 flex gap-2">
        <Button type="submit" look="primary" size="sm">
          Save
        </Button>
        <Button size="sm" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
