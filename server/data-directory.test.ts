import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataDirectoryLocked, developmentSecret, openDataDirectory } from './data-directory'

let directory: string
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'beamline-data-')), '.data')
})
afterEach(() => {
  rmSync(join(directory, '..'), { recursive: true, force: true })
})

function leaveLock(owner: object | null) {
  mkdirSync(join(directory, 'lock'), { recursive: true })
  if (owner !== null) writeFileSync(join(directory, 'lock-owner.json'), JSON.stringify(owner))
}
const ownerOf = (pid: number) => ({ pid, host: hostname(), command: 'npm run dev', since: '2030-01-01T00:00:00Z' })

test('the directory is made and locked, and can be opened again after release', async () => {
  const first = await openDataDirectory(directory, 'npm run dev')
  expect(existsSync(first.databaseDirectory)).toBe(true)
  await first.release()
  const second = await openDataDirectory(directory, 'npm start')
  await second.release()
})

test('a second process is told who has it open and what to do instead', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
  await once(child, 'spawn')
  try {
    leaveLock(ownerOf(child.pid ?? 0))
    const attempt = openDataDirectory(directory, 'npm start')
    await expect(attempt).rejects.toThrow(DataDirectoryLocked)
    await expect(attempt).rejects.toThrow(/"npm run dev" \(process \d+.*DATABASE_URL/s)
  } finally {
    child.kill()
  }
})

test('the lock of a process that is gone is taken over at once', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  leaveLock(ownerOf(child.pid ?? 0))
  const opened = await openDataDirectory(directory, 'npm start')
  await opened.release()
})

test('this process cannot open it twice, but takes over from an earlier process with the same number', async () => {
  const first = await openDataDirectory(directory, 'npm run dev')
  await expect(openDataDirectory(directory, 'npm run dev')).rejects.toThrow(DataDirectoryLocked)
  await first.release()
  leaveLock({ ...ownerOf(process.pid), since: '2001-01-01T00:00:00Z' })
  const opened = await openDataDirectory(directory, 'npm start')
  await opened.release()
})

test('a lock of another machine, or of nobody known, is respected', async () => {
  leaveLock({ ...ownerOf(1), host: 'another-machine' })
  await expect(openDataDirectory(directory, 'npm start')).rejects.toThrow(DataDirectoryLocked)
  writeFileSync(join(directory, 'lock-owner.json'), '{')
  await expect(openDataDirectory(directory, 'npm start')).rejects.toThrow('another process')
})

test('the development secret is made once and stays', () => {
  const secret = developmentSecret(directory)
  expect(secret.length).toBeGreaterThanOrEqual(32)
  expect(developmentSecret(directory)).toBe(secret)
})
