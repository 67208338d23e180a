import type { ReactNode } from 'react'
import { cx } from './class-names'

interface EmptyStateProps {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
  className?: string
}

/** Nothing here yet: says what would be here, and how to get it. */
export function EmptyState({ icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div className={cx('mx-auto flex max-w-sm flex-col items-center px-6 py-14 text-center', className)}>
      {icon && (
        <span className="mb-4 flex size-11 items-center justify-center rounded-xl border border-line bg-surface text-muted shadow-card [&_svg]:size-5">
          {icon}
        </span>
      )}
      <h2 className="text-base font-semibold text-ink">{title}</h2>
      {children && <div className="mt-1 text-sm text-muted">{children}</div>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  )
}

/** Something went wrong: what, and that nothing is lost. */
export function ErrorState({ title, error, action }: { title: string; error: Error; action?: ReactNode }) {
  return (
    <section aria-label="Error" className="mx-auto max-w-md px-6 py-14">
      <div className="rounded-xl border border-danger/30 bg-danger-soft p-4 text-sm text-danger-ink">
        <p className="font-semibold">{title}</p>
        <p className="mt-1 wrap-anywhere">{error.message}</p>
        {action && <div className="mt-3">{action}</div>}
      </div>
    </section>
  )
}

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx('animate-pulse rounded-lg bg-pressed', className)} />
}

/** Grey lines in place of rows that are on their way. */
export function LoadingRows({ count = 6, label = 'Loading' }: { count?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2 p-4">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: these rows have no identity.
        <Skeleton key={index} className={index % 3 === 2 ? 'h-9 w-2/3' : 'h-9'} />
      ))}
    </div>
  )
}
