import { traceFailures } from '../trace-failures'
import { whenIdle } from '../when-idle'

/** Lets the browser keep the app, so that it opens without a network. Once, when the page has nothing better to do. */
export function keepApp(): void {
  if (process.env.NODE_ENV !== 'production' || !('serviceWorker' in navigator)) return
  whenIdle(() => {
    // Without it the app works as long as there is a network.
    navigator.serviceWorker.register('/sw.js').catch((error: unknown) => traceFailures({ kind: 'failed', error }))
  })
}
