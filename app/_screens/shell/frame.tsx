'use client'
import { type ReactNode, useEffect, useRef } from 'react'
import { useSyncStatus } from '@/lib/sync/react'
import { Logo } from '../../_components/logo'
import { Link } from '../navigation'
import type { Route } from '../route'
import { Banner } from './banner'
import { PhoneTabs } from './phone-tabs'
import { Sidebar } from './sidebar'
import { SyncBadge } from './sync-badge'

/**
 * The frame around every screen: sidebar on a desk, bar above and tabs below on a phone. Only `<main>` scrolls, so that
 * the way to everywhere else stays in sight.
 */
export function Shell({ route, children }: { route: Route; children: ReactNode }) {
  const main = useRef<HTMLElement>(null)
  const status = useSyncStatus()
  useFocusAfterNavigation(route, main)
  return (
    <div className="relative grid h-dvh grid-cols-1 grid-rows-[auto_minmax(0,1fr)_auto] md:grid-cols-[15.5rem_minmax(0,1fr)] md:grid-rows-1 overflow-clip">
      <button
        type="button"
        onClick={() => main.current?.focus()}
        className="fixed left-3 top-3 z-70 -translate-y-20 rounded-lg bg-accent px-3 py-2 text-sm font-medium text-on-accent focus:translate-y-0"
      >
        Skip to content
      </button>
      <header className="flex h-12 items-center justify-between gap-3 border-b px-4 pt-[env(safe-area-inset-top)] md:hidden">
        <Link to={{ screen: 'projects' }} aria-label="Beamline, all projects">
          <Logo />
        </Link>
        <SyncBadge />
      </header>
      <Sidebar route={route} />
      <main ref={main} tabIndex={-1} className="relative flex min-h-0 min-w-0 flex-col bg-canvas outline-none">
        <Banner status={status} />
        {children}
      </main>
      <PhoneTabs route={route} />
    </div>
  )
}

/** When the thing that had the focus went away with its screen, the focus goes to the new one, not to the page's top. */
function useFocusAfterNavigation(route: Route, main: React.RefObject<HTMLElement | null>) {
  const place = `${route.screen} ${'projectId' in route ? `${route.projectId} ${route.view}` : ''}`
  const former = useRef(place)
  useEffect(() => {
    if (former.current === place) return
    former.current = place
    if (document.activeElement === null || document.activeElement === document.body) main.current?.focus()
  }, [place, main])
}
