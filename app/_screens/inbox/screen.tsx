'use client'
import { Inbox } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { type ReceiptView, useReceipts } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { isNews } from '../../_components/receipt-sentence'
import { Segmented } from '../../_components/segmented'
import { EmptyState } from '../../_components/states'
import { ScreenBody, ScreenHeader } from '../screen-header'
import { useScreenTitle } from '../screen-title'
import { ReceiptItem } from './receipt-item'
import { useIssueRefs } from './use-issue-refs'
import { useNames } from './use-names'

type Shown = 'news' | 'all'

const shownMax = 200

/** What became of what I did: above all, what came out differently than I saw. */
export function InboxScreen() {
  useScreenTitle('Inbox')
  const { receipts } = useReceipts()
  const [shown, setShown] = useState<Shown>('news')
  const unseen = useUnseenAtOpening(receipts)
  return (
    <>
      <ScreenHeader
        title="Inbox"
        actions={
          <Segmented
            label="Show"
            value={shown}
            options={[
              { value: 'news', label: 'News' },
              { value: 'all', label: 'Everything' },
            ]}
            onChange={setShown}
          />
        }
      />
      <ScreenBody className="px-4 py-5 md:px-6">
        <div className="mx-auto max-w-3xl">
          <Sections receipts={receipts} shown={shown} unseen={unseen} onShowAll={() => setShown('all')} />
        </div>
      </ScreenBody>
    </>
  )
}

/** Opening the inbox is seeing it; what was new stays marked until one leaves. */
function useUnseenAtOpening(receipts: readonly ReceiptView[]): ReadonlySet<string> {
  const { markSeen } = useReceipts()
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    const fresh = receipts.filter((receipt) => !receipt.seen && receipt.status !== 'pending').map((r) => r.actionId)
    if (fresh.length === 0) return
    setUnseen((known) => new Set([...known, ...fresh]))
    // When it cannot be written, they are new once more next time.
    markSeen(fresh).catch(() => undefined)
  }, [receipts, markSeen])
  return unseen
}

interface SectionsProps {
  receipts: readonly ReceiptView[]
  shown: Shown
  unseen: ReadonlySet<string>
  onShowAll: () => void
}

function Sections({ receipts, shown, unseen, onShowAll }: SectionsProps) {
  const waiting = receipts.filter((receipt) => receipt.status === 'pending')
  const answered = receipts
    .filter((receipt) => receipt.status !== 'pending' && (shown === 'all' || isNews(receipt)))
    .slice(0, shownMax)
  return (
    <div className="flex flex-col gap-8">
      {waiting.length > 0 && (
        <Section title={`Waiting for the server (${waiting.length})`} receipts={waiting} unseen={unseen} />
      )}
      {answered.length > 0 && (
        <Section
          title={shown === 'all' ? 'Answered' : 'What came out differently'}
          receipts={answered}
          unseen={unseen}
        />
      )}
      {answered.length === 0 && (
        <EmptyState
          icon={<Inbox aria-hidden />}
          title={shown === 'all' ? 'Nothing yet' : 'All went as you saw it'}
          action={
            shown === 'news' && receipts.length > waiting.length && <Button onClick={onShowAll}>Show everything</Button>
          }
        >
          When something you did turns out differently, because others were faster or a rule said no, it is told here.
        </EmptyState>
      )}
    </div>
  )
}

function Section({
  title,
  receipts,
  unseen,
}: {
  title: string
  receipts: readonly ReceiptView[]
  unseen: ReadonlySet<string>
}) {
  const names = useNames()
  const refs = useIssueRefs(receipts)
  const id = useMemo(() => `inbox-${title.replace(/\W+/g, '-').toLowerCase()}`, [title])
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-2 text-sm font-semibold text-muted">
        {title}
      </h2>
      <ul className="divide-y rounded-xl border bg-surface shadow-card">
        {receipts.map((receipt) => (
          <ReceiptItem
            key={receipt.actionId}
            receipt={receipt}
            names={names}
            issue={refs.get(receipt.actionId) ?? null}
            isNew={unseen.has(receipt.actionId) && isNews(receipt)}
          />
        ))}
      </ul>
    </section>
  )
}
