import type { IssuePriority } from '@/db/schema'
import { cx } from './class-names'

export const priorities: readonly { readonly value: IssuePriority; readonly label: string }[] = [
  { value: 'urgent', label: 'Urgent' },
  { value: 'high', label: 'High' },
  { value: 'medium', label: 'Medium' },
  { value: 'low', label: 'Low' },
  { value: 'none', label: 'No priority' },
]

export function priorityLabel(priority: IssuePriority): string {
  return priorities.find(({ value }) => value === priority)?.label ?? priority
}

const bars: Record<IssuePriority, number> = { none: 0, low: 1, medium: 2, high: 3, urgent: 4 }

/** Three bars that fill up; urgent is a filled sign of its own, so that colour is not all that tells it apart. */
export function PriorityIcon({ priority, isLabelled = false }: { priority: IssuePriority; isLabelled?: boolean }) {
  const filled = bars[priority]
  return (
    <span
      {...(isLabelled ? { role: 'img', 'aria-label': `Priority: ${priorityLabel(priority)}` } : {})}
      className={cx('shrink-0', filled === 4 ? 'text-danger' : 'text-muted')}
    >
      <svg aria-hidden viewBox="0 0 16 16" className="size-4">
        {filled === 4 ? (
          <path fill="currentColor" fillRule="evenodd" d={urgentSign} />
        ) : (
          [1, 2, 3].map((bar) => (
            <rect
              key={bar}
              x={1.5 + (bar - 1) * 4.75}
              y={11 - bar * 2.75}
              width="3.25"
              height={3 + bar * 2.75}
              rx="1"
              fill="currentColor"
              opacity={bar <= filled ? 1 : 0.25}
            />
          ))
        )}
      </svg>
    </span>
  )
}

const urgentSign =
  'M4 1.5h8A2.5 2.5 0 0 1 14.5 4v8a2.5 2.5 0 0 1-2.5 2.5H4A2.5 2.5 0 0 1 1.5 12V4A2.5 2.5 0 0 1 4 1.5Z' +
  'm3.1 2.7.3 4.7h1.2l.3-4.7H7.1ZM8 10.2a.95.95 0 1 0 0 1.9.95.95 0 0 0 0-1.9Z'
