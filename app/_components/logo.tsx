import { cx } from './class-names'

/** Two lines that diverged and agree again. Follows the text colour; the point is the agreement. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="2 4 28 24" fill="none" strokeWidth="3.4" strokeLinecap="round" aria-hidden className={className}>
      <path d="M4 8.5c10 0 10.5 7.5 20 7.5" stroke="currentColor" />
      <path d="M4 23.5c10 0 10.5-7.5 20-7.5" className="stroke-accent" />
      <circle cx="26" cy="16" r="3.4" className="fill-warn" />
    </svg>
  )
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-2 text-ink', className)}>
      <LogoMark className="h-5 w-auto shrink-0" />
      <span className="font-semibold tracking-tight">Beamline</span>
    </span>
  )
}
