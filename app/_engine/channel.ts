import type { Channel } from '@/lib/sync/device/tabs/channel'

/** How tabs of one browser hear each other. Browsers without it are without locks as well: there each tab is alone. */
export function openChannel(name: string): Channel {
  if ('BroadcastChannel' in globalThis) return new BroadcastChannel(name)
  return { postMessage: () => undefined, addEventListener: () => undefined, close: () => undefined }
}
