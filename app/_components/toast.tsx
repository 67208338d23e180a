'use client'
import { Toast } from '@base-ui/react/toast'
import { CircleCheck, CircleX, Info, X } from 'lucide-react'
import { type ReactNode, useCallback } from 'react'
import { iconButtonClass } from './button-class'
import { popupClass } from './overlay-classes'

export type ToastTone = 'good' | 'bad' | 'quiet'

const icons: Record<ToastTone, ReactNode> = {
  good: <CircleCheck aria-hidden className="size-4 text-good-ink" />,
  bad: <CircleX aria-hidden className="size-4 text-danger-ink" />,
  quiet: <Info aria-hidden className="size-4 text-muted" />,
}

/** Short messages at the edge of the screen. They are read aloud, and F6 moves the focus to them. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={6000} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed inset-x-4 bottom-20 z-60 flex flex-col items-end gap-2 md:inset-x-auto md:bottom-5 md:right-5 md:w-88">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function ToastList() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection={['right', 'down']}
      className={`${popupClass} w-full data-limited:hidden data-ending-style:translate-y-2 data-starting-style:translate-y-2`}
    >
      <Toast.Content className="flex items-start gap-2.5 py-2.5 pl-3.5 pr-2">
        <span className="mt-1.5 shrink-0">{icons[(toast.type as ToastTone | undefined) ?? 'quiet']}</span>
        <div className="min-w-0 flex-1 py-1">
          <Toast.Title className="text-sm font-medium" />
          <Toast.Description className="mt-0.5 text-sm text-muted wrap-anywhere" />
        </div>
        <Toast.Close aria-label="Dismiss" className={iconButtonClass()}>
          <X aria-hidden className="size-4" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ))
}

export interface ToastMessage {
  readonly title: string
  readonly description?: string
  readonly tone?: ToastTone
}

/** `const toast = useToast(); toast({ title: 'Saved', tone: 'good' })`. */
export function useToast(): (message: ToastMessage) => void {
  const { add } = Toast.useToastManager()
  return useCallback(
    ({ title, description, tone = 'quiet' }: ToastMessage) => {
      add({ title, description, type: tone, priority: tone === 'bad' ? 'high' : 'low' })
    },
    [add],
  )
}
