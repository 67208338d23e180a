/** Many devices wait for one audience: what each costs while nothing happens, and how long it takes until all have heard. */
import { type ChildProcess, fork } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isChangeMessage, isControlMessage, ShapeStream } from '@electric-sql/client'
import { schemaFingerprint } from '@/db/migrations'
import type { FromTailServer, ToTailServer } from './tail-words'

export interface TailLoad {
  readonly devices: number
  readonly actions: number
  /** Null: the embedded database. */
  readonly databaseUrl: string | null
}

export interface TailFigures {
  /** Of the server process, per device that waits. */
  readonly bytesPerDevice: { readonly rss: number; readonly heap: number }
  /** From the commit until a device has the entry, over all devices and actions. */
  readonly delayMs: { readonly half: number; readonly most: number; readonly last: number }
}

const devicesPerPerson = 5

export async function measureTail({ devices, actions, databaseUrl }: TailLoad): Promise<TailFigures> {
  const people = Math.ceil(devices / devicesPerPerson)
  const file = fileURLToPath(new URL('./tail-server.ts', import.meta.url))
  const child = fork(file, [databaseUrl ?? '', String(people)], { execArgv: ['--expose-gc', '--import', 'tsx'] })
  const { url } = await heard(child, 'ready')
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  try {
    const before = await askMemory(child, 0)
    const readers = Array.from({ length: devices }, (_, index) => {
      return openReader({ url, userId: `reader${index % people}`, signal: controller.signal })
    })
    await Promise.all(readers.map((reader) => reader.upToDate))
    const after = await askMemory(child, devices)
    const delays: number[] = []
    for (let action = 1; action <= actions; action += 1) {
      const title = `issue ${action}`
      const arrivals = readers.map((reader) => reader.next(title))
      say(child, { kind: 'act', title })
      await heard(child, 'acted')
      const committedMs = performance.now()
      for (const arrivedMs of await Promise.all(arrivals)) delays.push(Math.max(0, arrivedMs - committedMs))
    }
    delays.sort((left, right) => left - right)
    const at = (part: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? 0
    return {
      bytesPerDevice: {
        rss: (after.rss - before.rss) / devices,
        heap: (after.heapUsed + after.external - before.heapUsed - before.external) / devices,
      },
      delayMs: { half: at(0.5), most: at(0.95), last: at(1) },
    }
  } finally {
    controller.abort()
    child.kill()
  }
}

function openReader({ url, userId, signal }: { url: string; userId: string; signal: AbortSignal }) {
  const expected = new Map<string, (atMs: number) => void>()
  let isUpToDate = (): void => undefined
  const upToDate = new Promise<void>((resolve) => {
    isUpToDate = resolve
  })
  const stream = new ShapeStream({
    ...{ url, signal, offset: 'now' },
    headers: { 'x-beamline-schema': schemaFingerprint, cookie: `user=${userId}` },
    params: { reader: crypto.randomUUID() },
  })
  stream.subscribe((messages) => {
    for (const message of messages) {
      if (isControlMessage(message) && message.headers.control === 'up-to-date') isUpToDate()
      if (!isChangeMessage(message)) continue
      const changes = JSON.stringify(message.value.changes)
      for (const [title, arrived] of expected) if (changes.includes(`"${title}"`)) arrived(performance.now())
    }
  })
  return {
    upToDate,
    next: (title: string) =>
      new Promise<number>((resolve) => {
        expected.set(title, (atMs) => {
          expected.delete(title)
          resolve(atMs)
        })
      }),
  }
}

function say(child: ChildProcess, message: ToTailServer): void {
  child.send(message)
}

type Kind = FromTailServer['kind']

function heard<K extends Kind>(child: ChildProcess, kind: K): Promise<Extract<FromTailServer, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const listen = (message: FromTailServer) => {
      if (message.kind !== kind) return
      child.off('message', listen)
      child.off('exit', ended)
      resolve(message as Extract<FromTailServer, { kind: K }>)
    }
    const ended = (code: number | null) => reject(new Error(`The server ended with ${code}.`))
    child.on('message', listen)
    child.once('exit', ended)
  })
}

/** Once so many wait. */
async function askMemory(child: ChildProcess, devices: number): Promise<Extract<FromTailServer, { kind: 'memory' }>> {
  for (;;) {
    say(child, { kind: 'measure' })
    const memory = await heard(child, 'memory')
    if (memory.waiting === devices) return memory
  }
}
