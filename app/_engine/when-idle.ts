const idleMs = 2_000

/** When the page has nothing better to do, or soon anyway. */
export function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, { timeout: idleMs })
  else setTimeout(work, idleMs)
}
