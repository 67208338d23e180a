'use client'
import { Popover } from '@base-ui/react/popover'
import type { ReactNode } from 'react'
import { cx } from './class-names'
import { popupClass } from './overlay-classes'
import type { StatusWords } from './status-sentence'

const dots: Record<StatusWords['tone'], string> = {
  good: 'bg-good',
  waiting: 'bg-warn',
  quiet: 'bg-line-strong animate-pulse',
  bad: 'bg-danger',
}

interface StatusBadgeProps {
  words: StatusWords
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
  /** What the badge shows when it is opened, below the sentence. */
  children: ReactNode
  className?: string
}

/** The state of sync in two words; pressed, it explains itself. Never by colour alone. */
export function StatusBadge({ words, isOpen, onOpenChange, children, className }: StatusBadgeProps) {
  return (
    <Popover.Root open={isOpen} onOpenChange={onOpenChange}>
      <Popover.Trigger
        aria-label={`Sync status: ${words.short}`}
        className={cx(
          'inline-flex h-7 max-w-full items-center gap-1.5 rounded-full border border-line bg-surface px-2.5 text-xs font-medium text-muted',
          'transition-colors duration-100 hover:bg-hover hover:text-ink data-popup-open:bg-hover pointer-coarse:h-9',
          className,
        )}
      >
        <span aria-hidden className={cx('size-2 shrink-0 rounded-full', dots[words.tone])} />
        <span className="num truncate">{words.short}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="z-50" sideOffset={6} align="start" collisionPadding={8}>
          <Popover.Popup className={cx(popupClass, 'w-76 max-w-[calc(100vw-1rem)] p-4')}>
            <Popover.Title className="text-base font-semibold">{words.short}</Popover.Title>
            <Popover.Description className="mt-1 text-sm text-muted">{words.long}</Popover.Description>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
