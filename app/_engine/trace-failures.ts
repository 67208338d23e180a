/**
 * What the console of the browser hears of the engine: failures only. When you would edit this file: to send the trace
 * to OpenTelemetry or to an inspector, or to see more of it.
 */
import type { DeviceTrace } from '@/lib/sync/device/trace'

export function traceFailures(event: DeviceTrace): void {
  const failure = failureOf(event)
  // biome-ignore lint/suspicious/noConsole: this file is where the engine's trace meets the console.
  if (failure !== null) console.warn(failure.what, failure.error)
}

function failureOf(event: DeviceTrace): { what: string; error: unknown } | null {
  switch (event.kind) {
    case 'failed':
      return { what: 'The sync engine met a failure:', error: event.error }
    case 'space':
      return event.isFull ? { what: 'There is no room left on this device.', error: null } : null
    case 'damaged':
      return { what: 'The database of this device is damaged and left aside:', error: event.error }
    case 'not-stored':
      return { what: `Action ${event.actionId} could not be stored:`, error: event.error }
    case 'replay-threw':
      // A rule that says no when an action runs again is ordinary; anything else is worth a look.
      return event.error && { what: `Action ${event.actionId} failed when it ran again:`, error: event.error }
    case 'tail-ended':
      return event.error && { what: 'The live tail ended; changes come by exchange meanwhile:', error: event.error }
    case 'not-run':
      return event.error && { what: `${event.name} failed:`, error: event.error }
    default:
      return null
  }
}
