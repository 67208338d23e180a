'use client'
import { CircleCheck, CirclePause, CircleX, Clock, Info, RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ReceiptView } from '@/lib/sync/react'
import { cx } from '../../_components/class-names'
import { Ago, useNowMs } from '../../_components/moment'
import { type Names, type ReceiptSentence, receiptSentence } from '../../_components/receipt-sentence'
import { Link } from '../navigation'
import type { IssueRef } from './use-issue-refs'

const icons: Readonly<Record<ReceiptSentence['tone'], ReactNode>> = {
  bad: <CircleX aria-hidden className="text-danger-ink" />,
  changed: <RefreshCw aria-hidden className="text-accent-ink" />,
  waiting: <Clock aria-hidden className="text-warn-ink" />,
  quiet: <Info aria-hidden className="text-faint" />,
  good: <CircleCheck aria-hidden className="text-good-ink" />,
}

interface ReceiptItemProps {
  receipt: ReceiptView
  names: Names
  issue: IssueRef | null
  isNew: boolean
}

export function ReceiptItem({ receipt, names, issue, isNew }: ReceiptItemProps) {
  const nowMs = useNowMs()
  const { text, note, tone } = receiptSentence(receipt, names, nowMs)
  const icon = receipt.status === 'held' ? <CirclePause aria-hidden className="text-warn-ink" /> : icons[tone]
  return (
    <li
      className={cx('flex gap-3 px-3 py-3 first:rounded-t-xl last:rounded-b-xl sm:px-4', isNew && 'bg-accent-soft/45')}
    >
      <span className="mt-0.5 shrink-0 [&_svg]:size-4.5">{icon}</span>
      <div className="min-w-0 flex-1">
        <p className="text-base wrap-anywhere">
          {isNew && <span className="sr-only">New: </span>}
          {text}
        </p>
        {issue && <IssueLine issue={issue} />}
        {note && <p className="mt-0.5 text-sm text-muted">{note}</p>}
      </div>
      <Ago at={new Date(receipt.atMs)} className="num shrink-0 pt-0.5 text-xs text-faint" />
    </li>
  )
}

function IssueLine({ issue }: { issue: IssueRef }) {
  const words = (
    <>
      {issue.name !== null && <span className="font-medium">{issue.name} </span>}
      {issue.title}
    </>
  )
  if (issue.id === null) return <p className="mt-0.5 text-sm text-muted wrap-anywhere">{words}</p>
  return (
    <p className="mt-0.5 text-sm">
      <Link
        to={{ screen: 'issue', issueId: issue.id }}
        className="rounded text-muted underline decoration-line-strong underline-offset-3 wrap-anywhere hover:text-ink"
      >
        {words}
      </Link>
    </p>
  )
}
