/**
 * What a failure of this device's storage means, wherever it comes from: IndexedDB, files, or Postgres on top of them.
 * Browsers say the same thing in many ways, and wrap it. Pure.
 */
import { DeviceFailure } from './client'

/**
 * `full`: no room; it passes when there is room again. `damaged`: what is kept cannot be read. `gone`: it was taken away
 * while it was in use. `memory`: the browser gives too little memory to run a database at all.
 */
export type StorageTrouble = 'full' | 'damaged' | 'gone' | 'memory'

/** Thrown where our own code sees it first. */
export class StorageFailure extends Error {
  override readonly name = 'StorageFailure'
  constructor(
    readonly trouble: StorageTrouble,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options)
  }
}

/** Null: it says nothing about storage. */
export function storageTrouble(error: unknown): StorageTrouble | null {
  let inner = error
  for (let depth = 0; depth < chainMax && typeof inner === 'object' && inner !== null; depth += 1) {
    const found = troubleOf(inner)
    if (found !== null) return found
    inner = (inner as Fields).cause
  }
  return null
}

interface Fields {
  readonly name?: unknown
  readonly code?: unknown
  readonly errno?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

const chainMax = 8
/** Chromium and Safari, Firefox for its disk, Firefox for its quota. */
const fullNames = new Set(['QuotaExceededError', 'NS_ERROR_FILE_NO_DEVICE_SPACE', 'NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR'])
/** Postgres: a file that is not there, a damaged page, a damaged index. */
const damagedStates = new Set(['58P01', 'XX001', 'XX002'])
const diskFull = '53100'
/** The same in the C library PGlite is compiled with. */
export const noSpaceErrno = 51

function troubleOf(error: object): StorageTrouble | null {
  if (error instanceof StorageFailure) return error.trouble
  const { name, code, errno, message } = error as Fields
  if (fullNames.has(String(name)) || code === diskFull || errno === noSpaceErrno) return 'full'
  if (damagedStates.has(String(code))) return 'damaged'
  if (name === 'RangeError' && /memory/i.test(String(message))) return 'memory'
  return null
}

/** What a person hears, and what they can do. `what` could not be done. */
export function storageFailure(what: string, error: unknown): DeviceFailure {
  const sqlState = (error as Fields | null)?.code
  return new DeviceFailure('storage', `${what} ${remedies[storageTrouble(error) ?? 'other']}`, {
    ...(typeof sqlState === 'string' ? { sqlState } : {}),
    cause: error,
  })
}

export const remedies: Readonly<Record<StorageTrouble | 'other', string>> = {
  full: 'There is no room left in this browser. Free some space on this device, and try it again.',
  damaged: 'What this browser keeps of it is damaged. It is loaded anew from the server.',
  gone: 'The data of this site was removed from this browser. It is loaded anew from the server.',
  memory: 'This device has too little memory for it. Close other tabs and apps, and reload.',
  other: 'Reload the page if it happens again.',
}
