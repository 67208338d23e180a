'use client'
import { Plus, Tag } from 'lucide-react'
import { useState } from 'react'
import { labelIdsOf } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'
import { buttonClass } from '../../_components/button-class'
import { LabelChip, LabelDot } from '../../_components/label-chip'
import { Menu, MenuCheck, MenuItem, MenuSeparator } from '../../_components/menu'
import { useProject } from '../project/context'
import { CreateLabelDialog } from './create-label-dialog'
import { type Issue, useIssueActions } from './use-issue-actions'

export function LabelPicker({ issue }: { issue: Issue }) {
  const { labels, canEdit } = useProject()
  const { attach, detach } = useIssueActions(issue)
  const { rows } = useLiveQuery((db) => labelIdsOf(db, issue.id))
  const [isCreating, setCreating] = useState(false)
  const attachedIds = new Set(rows.map(({ labelId }) => labelId))
  const attached = labels.filter(({ id }) => attachedIds.has(id))
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-1 pl-2">
      {attached.map((label) => (
        <LabelChip key={label.id} name={label.name} color={label.color} />
      ))}
      {!canEdit && attached.length === 0 && <span className="text-faint">None</span>}
      {canEdit && (
        <Menu
          trigger={
            <button
              type="button"
              aria-label="Choose labels"
              className={buttonClass(
                'ghost',
                'sm',
                attached.length === 0 ? '-ml-2 px-2! font-normal' : 'size-6! px-0!',
              )}
            >
              {attached.length === 0 ? 'Choose…' : <Plus aria-hidden className="size-3.5" />}
            </button>
          }
        >
          {labels.map((label) => (
            <MenuCheck
              key={label.id}
              isChecked={attachedIds.has(label.id)}
              onToggle={(isOn) => void (isOn ? attach(label.id) : detach(label.id))}
            >
              <LabelDot color={label.color} />
              {label.name}
            </MenuCheck>
          ))}
          {labels.length > 0 && <MenuSeparator />}
          <MenuItem icon={<Tag aria-hidden />} onSelect={() => setCreating(true)}>
            New label…
          </MenuItem>
        </Menu>
      )}
      <CreateLabelDialog
        isOpen={isCreating}
        onClose={() => setCreating(false)}
        onCreated={(labelId) => void attach(labelId)}
      />
    </div>
  )
}
