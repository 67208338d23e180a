/**
 * Follows "Your first action" of the README as a newcomer would: a copy of the project, the blocks of the README put
 * where they say, the two commands, and a browser.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { freePort } from '../support/postgres-cluster'
import { readSteps, takeStep, writtenLines } from '../support/readme'

const root = fileURLToPath(new URL('../..', import.meta.url))
const startDeadlineMs = 90_000

/** The files git knows or would know, and the installed packages: what `git clone` and `npm ci` give. */
function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'beamline-first-action-'))
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  for (const file of files.trim().split('\n')) cpSync(join(root, file), join(copy, file))
  const packages = join(root, 'node_modules')
  cpSync(packages, join(copy, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  })
  return copy
}

async function startDevelopment(copy: string, port: number): Promise<ChildProcess> {
  const environment = { ...process.env, NODE_ENV: 'development' as const, PORT: String(port) }
  const child = spawn('npm', ['run', 'dev'], { cwd: copy, env: environment, detached: true, stdio: 'ignore' })
  const deadlineMs = Date.now() + startDeadlineMs
  while (Date.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`npm run dev ended with ${child.exitCode}`)
    const answer = await fetch(`http://localhost:${port}/app`).catch(() => null)
    if (answer?.ok) return child
    await delay(200)
  }
  throw new Error(`npm run dev did not answer within ${startDeadlineMs} ms`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}

test('[ACT-7] the first action of the README works in a browser, offline and on a second device', async ({
  browser,
}) => {
  test.setTimeout(600_000)
  const steps = readSteps(readFileSync(join(root, 'README.md'), 'utf8'))
  expect(writtenLines(steps)).toBeLessThan(40)
  const copy = copyProject()
  const port = await freePort()
  let server: ChildProcess | null = null
  try {
    for (const step of steps) takeStep(copy, step)
    execFileSync('npm', ['run', 'db:generate'], { cwd: copy, stdio: 'pipe' })
    server = await startDevelopment(copy, port)
    const open = async () => {
      const context = await browser.newContext({ baseURL: `http://localhost:${port}` })
      const page = await context.newPage()
      await page.goto('/app')
      await page.getByRole('button', { name: /Ann/ }).click()
      const badge = page.getByRole('button', { name: /^Sync status:/ }).locator('visible=true')
      await expect(badge).toHaveAccessibleName('Sync status: Synced', { timeout: 120_000 })
      await page.goto('/notes')
      // The database of this page is open when it has talked to the server; until then it still needs the network.
      const isExchange = (url: string) => url.includes('sync.exchange')
      await page.waitForResponse((answer) => isExchange(answer.url()) && answer.ok(), { timeout: 120_000 })
      return { context, page }
    }
    const first = await open()
    await first.context.setOffline(true)
    await first.page.getByLabel('Note').fill('Written in a tunnel')
    await first.page.keyboard.press('Enter')
    await expect(first.page.getByText('Written in a tunnel')).toBeVisible({ timeout: 60_000 })
    await first.context.setOffline(false)
    const second = await open()
    await expect(second.page.getByText('Written in a tunnel')).toBeVisible({ timeout: 60_000 })
  } finally {
    if (server !== null) await stop(server)
    rmSync(copy, { recursive: true, force: true })
  }
})
