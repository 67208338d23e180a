'use client'
/**
 * The address bar as a value of React. `navigate` uses `history.pushState`, which Next's router listens to, so its own
 * idea of the address stays right and no request is made; Back and Forward arrive as `popstate`, an address typed by
 * hand as `hashchange`. See `route.ts` for the places and why they stand behind `#`.
 */
import { type ComponentProps, type MouseEvent, useMemo, useSyncExternalStore } from 'react'
import { hrefOf, type Place, parseRoute, type Query, type Route } from './route'

const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  window.addEventListener('hashchange', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
    window.removeEventListener('hashchange', listener)
  }
}

/** Null while the static page is being taken over: the server never sees what stands behind `#`. */
export function useRoute(): Route | null {
  const hash = useSyncExternalStore<string | null>(
    subscribe,
    () => window.location.hash,
    () => null,
  )
  return useMemo(() => (hash === null ? null : parseRoute(hash)), [hash])
}

/** Goes to an address made by `hrefOf`. With `replace` it leaves no step for Back: for what is typed into a filter. */
export function navigate(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (href === (window.location.hash || '#/')) return
  if (replace) window.history.replaceState(null, '', href)
  else window.history.pushState(null, '', href)
  for (const listener of listeners) listener()
}

interface LinkProps extends Omit<ComponentProps<'a'>, 'href'> {
  to: Place
  query?: Query
}

/** A link within the application. A real one: it opens in a new tab, and works before scripts have loaded. */
export function Link({ to, query, onClick, ...rest }: LinkProps) {
  const href = hrefOf(to, query)
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || !isPlainClick(event)) return
    event.preventDefault()
    navigate(href)
  }
  return <a {...rest} href={href} onClick={follow} />
}

function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
}
