import type { Readable } from './client'

export interface Writable<Value> extends Readable<Value> {
  set(value: Value): void
}

/** A value with listeners. Setting an equal value (by its JSON) keeps the object and tells nobody. */
export function createReadable<Value>(first: Value): Writable<Value> {
  let value = first
  let text = JSON.stringify(first)
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (next) => {
      const nextText = JSON.stringify(next)
      if (nextText === text) return
      value = next
      text = nextText
      for (const listener of [...listeners]) listener()
    },
  }
}
