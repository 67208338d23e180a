'use client'
import { cx } from '../../_components/class-names'
import { Link } from '../navigation'
import type { Route } from '../route'
import { CountBubble } from './count-bubble'
import { focusItem, inboxItem, isCurrent, projectsItem, settingsItem } from './nav-items'
import { useUnseenCount } from './use-unseen-count'

export function PhoneTabs({ route }: { route: Route }) {
  const unseen = useUnseenCount()
  return (
    <nav aria-label="Main" className="border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden">
      <ul className="grid grid-cols-4">
        {[projectsItem, focusItem, inboxItem, settingsItem].map((item) => (
          <li key={item.label}>
            <Link
              to={item.place}
              aria-current={isCurrent(item, route) ? 'page' : undefined}
              className={cx(
                'flex h-14 flex-col items-center justify-center gap-0.5 text-2xs font-medium -outline-offset-2',
                isCurrent(item, route) ? 'text-accent-ink' : 'text-muted',
              )}
            >
              <span className="relative">
                <item.icon aria-hidden className="size-5" />
                {item === inboxItem && unseen > 0 && (
                  <CountBubble count={unseen} className="absolute -right-3 -top-1.5" />
                )}
              </span>
              {item.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
