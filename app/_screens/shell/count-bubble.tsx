import { cx } from '../../_components/class-names'

/** A number of things to look at. */
export function CountBubble({ count, className }: { count: number; className?: string }) {
  return (
    <span
      className={cx(
        'num inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-accent px-1 text-2xs font-semibold text-on-accent',
        className,
      )}
    >
      {count > 99 ? '99+' : count}
      <span className="sr-only"> new</span>
    </span>
  )
}
