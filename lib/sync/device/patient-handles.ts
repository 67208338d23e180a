/**
 * File handles of a worker that has just died are closed one by one, some milliseconds after its lock is free. PGlite's file
 * system opens a thousand of them at once: where one is still taken it waits for ever, or goes on without a file of the
 * database. So while a database opens, each handle that is taken is asked for again (TAB-1, FM-14).
 */

/** The part of `FileSystemFileHandle.prototype` that is needed. */
export interface HandlePrototype {
  createSyncAccessHandle(...options: unknown[]): Promise<unknown>
}

export interface PatientHandles {
  /** Rejects when a handle stays taken: whoever has it lives, and may be asleep. */
  readonly taken: Promise<never>
  /** Handles are as they were. */
  restore(): void
}

const retryMs = 50
const triesMax = 60

export function patientHandles(
  prototype: HandlePrototype,
  schedule: (ms: number, work: () => void) => () => void,
): PatientHandles {
  const original = prototype.createSyncAccessHandle
  let fail = (_error: unknown): void => undefined
  const taken = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  // Whoever opens races against it, or has opened already.
  taken.catch(() => undefined)
  prototype.createSyncAccessHandle = async function patiently(...options) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await original.apply(this, options)
      } catch (error) {
        if (!isTaken(error)) throw error
        if (tries < triesMax) await new Promise<void>((resolve) => schedule(retryMs, resolve))
        else {
          fail(error)
          throw error
        }
      }
    }
  }
  return {
    taken,
    restore: () => {
      prototype.createSyncAccessHandle = original
    },
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoModificationAllowedError'
}
