'use client'
import { ArrowRightLeft, Ellipsis, Link2, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { deleteIssue } from '@/lib/actions'
import type { IssueDetail } from '@/lib/queries/selects'
import { useAction } from '@/lib/sync/react'
import { iconButtonClass } from '../../_components/button-class'
import { ConfirmDialog } from '../../_components/confirm-dialog'
import { Menu, MenuItem, MenuSeparator } from '../../_components/menu'
import { useToast } from '../../_components/toast'
import { useProject } from '../project/context'
import { hrefOf } from '../route'
import { useRun } from '../use-run'
import { TransferDialog } from './transfer-dialog'

/** What is done with an issue seldom, or with care. */
export function IssueMenu({ detail, onDeleted }: { detail: IssueDetail; onDeleted: () => void }) {
  const { issue, projectKey } = detail
  const { canEdit } = useProject()
  const [dialog, setDialog] = useState<'transfer' | 'delete' | null>(null)
  const remove = useAction(deleteIssue)
  const run = useRun()
  const copyLink = useCopyLink(issue.id)
  const name = `${projectKey}-${issue.number}`

  const confirmDelete = async () => {
    setDialog(null)
    const result = await run(() => remove({ projectId: issue.projectId, issueId: issue.id }), `${name} deleted`)
    if (result.kind === 'done') onDeleted()
  }
  return (
    <>
      <Menu
        align="end"
        trigger={
          <button type="button" aria-label={`Actions for ${name}`} className={iconButtonClass()}>
            <Ellipsis aria-hidden className="size-4" />
          </button>
        }
      >
        <MenuItem icon={<Link2 aria-hidden />} onSelect={copyLink}>
          Copy link
        </MenuItem>
        {canEdit && (
          <>
            <MenuItem
              icon={<ArrowRightLeft aria-hidden />}
              isDisabled={issue.archivedAt !== null}
              onSelect={() => setDialog('transfer')}
            >
              Transfer to another project…
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={<Trash2 aria-hidden />} isDangerous onSelect={() => setDialog('delete')}>
              Delete…
            </MenuItem>
          </>
        )}
      </Menu>
      <TransferDialog detail={detail} isOpen={dialog === 'transfer'} onClose={() => setDialog(null)} />
      <ConfirmDialog
        isOpen={dialog === 'delete'}
        onClose={() => setDialog(null)}
        onConfirm={confirmDelete}
        title={`Delete ${name}?`}
        confirmLabel="Delete issue"
      >
        <p>“{issue.title}” goes for everybody, with its comments, labels and votes. Its sub-issues stay.</p>
      </ConfirmDialog>
    </>
  )
}

function useCopyLink(issueId: string) {
  const toast = useToast()
  const address = () => new URL(hrefOf({ screen: 'issue', issueId }), window.location.href).href
  return () => {
    navigator.clipboard.writeText(address()).then(
      () => toast({ title: 'Link copied', tone: 'good' }),
      () => toast({ title: 'The browser did not allow copying', description: address(), tone: 'bad' }),
    )
  }
}
