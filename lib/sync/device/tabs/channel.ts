import type { z } from 'zod'
import type { Port } from '../worker-protocol'

/** A BroadcastChannel, or what a test puts in its place: everybody who opened the same name hears it, but the sender. */
export interface Channel extends Port {
  close(): void
}

export type OpenChannel = (name: string) => Channel

/** Hears what fits. Another build of the app may say what this one does not know: that is left alone. */
export function hear<Schema extends z.ZodType>(
  port: Port,
  schema: Schema,
  listener: (message: z.output<Schema>) => void,
): void {
  port.addEventListener('message', ({ data }) => {
    const { success, data: message } = schema.safeParse(data)
    if (success) listener(message)
  })
}
