import { describe, expect, test } from 'vitest'
import { SqlError } from '../store/driver'
import { StorageFailure, storageFailure, storageTrouble } from './storage-failure'

const sql = (code: string) => new SqlError({ message: 'said Postgres', code, statement: 'insert' })

describe('failures of storage', () => {
  test.each([
    ['full', new DOMException('full', 'QuotaExceededError')],
    ['full', sql('53100')],
    ['full', Object.assign(new Error('FS error'), { errno: 51 })],
    ['full', new Error('drizzle wraps', { cause: new Error('twice', { cause: sql('53100') }) })],
    ['full', Object.assign(new Error('on Firefox'), { name: 'NS_ERROR_FILE_NO_DEVICE_SPACE' })],
    ['damaged', sql('58P01')],
    ['damaged', sql('XX001')],
    ['damaged', new StorageFailure('damaged', 'a file is missing')],
    ['memory', new RangeError('WebAssembly.Memory(): could not allocate memory')],
    [null, new RangeError('Invalid array length')],
    [null, sql('23505')],
    [null, new Error('no network')],
    [null, 'a text'],
    [null, null],
  ])('[TAB-2] [FM-10] [FM-13] [FM-18] mean %s, however they are wrapped: %s', (trouble, error) => {
    expect(storageTrouble(error)).toBe(trouble)
  })

  test('[EXE-1] [FM-10] say what happened and what to do, with the reason of the database', () => {
    expect(storageFailure('Nothing was recorded.', sql('53100'))).toMatchObject({
      ...{ code: 'storage', sqlState: '53100' },
      message:
        'Nothing was recorded. There is no room left in this browser. Free some space on this device, and try it again.',
    })
    expect(storageFailure('Nothing was recorded.', new Error('?')).message).toContain('Reload the page')
  })

  test('end with a chain of causes that bites its tail', () => {
    const error = new Error('round')
    error.cause = error
    expect(storageTrouble(error)).toBeNull()
  })
})
