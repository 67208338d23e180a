/**
 * Watches over the file handles of a database that opens. PGlite's file system opens a thousand of them at once, and where
 * one does not open it waits for ever, or goes on without a file of the database.
 *
 * Handles of a worker that has just died are closed one by one, some milliseconds after its lock is free: one that is
 * taken is asked for again (TAB-1, FM-14). A file that is not there at all is damage (FM-13).
 */
import { StorageFailure } from './storage-failure'

/** The part of `FileSystemFileHandle.prototype` that is needed. */
export interface HandlePrototype {
  createSyncAccessHandle(...options: unknown[]): Promise<unknown>
}

/** The part of `FileSystemDirectoryHandle.prototype` that is needed. */
export interface DirectoryPrototype {
  getFileHandle(name: string, options?: { readonly create?: boolean }): Promise<unknown>
}

export interface PatientHandles {
  /** Rejects when a handle does not open: a file is missing, or whoever has it lives, and may be asleep. */
  readonly broken: Promise<never>
  /** Handles are as they were. */
  restore(): void
}

const retryMs = 50
const triesMax = 60

export function patientHandles(
  { file, directory }: { readonly file: HandlePrototype; readonly directory: DirectoryPrototype },
  schedule: (ms: number, work: () => void) => () => void,
): PatientHandles {
  const { createSyncAccessHandle } = file
  const { getFileHandle } = directory
  let fail = (_error: unknown): void => undefined
  const broken = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  // Whoever opens races against it, or has opened already.
  broken.catch(() => undefined)
  file.createSyncAccessHandle = async function patiently(...options) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await createSyncAccessHandle.apply(this, options)
      } catch (error) {
        if (isNamed(error, 'NoModificationAllowedError') && tries < triesMax) {
          await new Promise<void>((resolve) => schedule(retryMs, resolve))
          continue
        }
        fail(error)
        throw error
      }
    }
  }
  directory.getFileHandle = async function watched(name, options) {
    try {
      return await getFileHandle.call(this, name, options)
    } catch (error) {
      const isMissing = isNamed(error, 'NotFoundError') && options?.create !== true
      fail(isMissing ? new StorageFailure('damaged', `The file ${name} of the database is missing.`) : error)
      throw error
    }
  }
  return {
    broken,
    restore: () => {
      file.createSyncAccessHandle = createSyncAccessHandle
      directory.getFileHandle = getFileHandle
    },
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}
