import { traceFailures } from './trace-failures'
import { whenIdle } from './when-idle'

/**
 * On the sign-in page: the database every device begins with comes while somebody types, with the lowest priority and not
 * for people who save data. The service worker, which is installed meanwhile, brings everything else.
 */
export function prefetchDatabase(): void {
  const address = process.env.NEXT_PUBLIC_PREPARED || null
  if (address === null || isSavingData()) return
  whenIdle(() => {
    fetch(address, { priority: 'low' })
      .then((response) => response.arrayBuffer())
      .catch((error: unknown) => traceFailures({ kind: 'failed', error }))
  })
}

function isSavingData(): boolean {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } }
  return connection?.saveData === true
}
