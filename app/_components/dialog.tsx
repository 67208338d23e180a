'use client'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { iconButtonClass } from './button-class'
import { cx } from './class-names'
import { backdropClass, dialogClass } from './overlay-classes'

interface DialogProps {
  isOpen: boolean
  onClose: () => void
  title: string
  description?: ReactNode
  width?: 'sm' | 'md'
  children: ReactNode
}

/** A modal dialog. Focus goes in, stays in, and comes back to where it was. */
export function Dialog({ isOpen, onClose, title, description, width = 'sm', children }: DialogProps) {
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={backdropClass} />
        <Base.Popup className={cx(dialogClass, width === 'sm' ? 'max-w-md' : 'max-w-xl')}>
          <header className="flex items-start gap-3 px-5 pb-1 pt-4">
            <div className="min-w-0 flex-1 pt-1">
              <Base.Title className="text-lg font-semibold tracking-tight">{title}</Base.Title>
              {description && <Base.Description className="mt-1 text-sm text-muted">{description}</Base.Description>}
            </div>
            <Base.Close aria-label="Close" className={iconButtonClass('-mr-2')}>
              <X aria-hidden className="size-4" />
            </Base.Close>
          </header>
          <div className="scroll-quiet min-h-0 flex-1 overflow-y-auto px-5 pb-5 pt-3">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>
}
