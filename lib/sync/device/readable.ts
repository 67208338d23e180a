import type { Readable } from './client'

export interface Writable<Value> extends Readable<Value> {
  set(value: Value): void
}

/** A value with listeners. Setting an equal value (by its JSON) keeps the object and tells nobody. */
export function createReadable<Value>(first: Value): Writable<Value> {
  let value = first
  /** Of the value, as long as somebody listens: nobody else can tell equal values apart. */
  let text: string | null = null
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (next) => {
      if (listeners.size === 0) {
        value = next
        text = null
        return
      }
      const nextText = JSON.stringify(next)
      text ??= JSON.stringify(value)
      if (nextText === text) return
      value = next
      text = nextText
      for (const listener of [...listeners]) listener()
    },
  }
}
