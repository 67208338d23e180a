/** A production server, a browser with a profile of its own, and a person with a board in it: what storms and measurements need. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { ensureChromium } from '../../scripts/chromium'
import { type ProductionServer, prepareServer } from '../e2e/server'
import type { StormInput } from './probe'

export interface Ground {
  readonly server: ProductionServer
  readonly profile: string
  readonly executablePath: string
  readonly args: readonly string[]
  /** For each browser that is opened on it. */
  prepare(context: BrowserContext): Promise<void>
  /** Warnings and errors of all pages and workers. */
  readonly heard: readonly string[]
  /** Opens the browser on what it left behind. */
  launch(): Promise<BrowserContext>
  remove(): Promise<void>
}

export async function prepareGround(): Promise<Ground> {
  const server = await prepareServer('embedded')
  await server.start()
  const heard: string[] = []
  const profile = await mkdtemp(join(tmpdir(), 'beamline-profile-'))
  const executablePath = ensureChromium()
  const args = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  if (userInfo().uid === 0) args.push('--no-sandbox')
  const prepare = async (context: BrowserContext) => {
    // The functions that run in pages come from a loader that names them.
    await context.addInitScript('globalThis.__name = (named) => named')
    context.on('console', (message) => {
      const isBad = message.type() === 'warning' || message.type() === 'error'
      if (isBad) heard.push(`${new Date().toISOString()} ${message.text()}`)
    })
  }
  return {
    ...{ server, profile, executablePath, args, heard, prepare },
    launch: async () => {
      const options = { executablePath, args, baseURL: server.url, locale: 'en-GB' }
      const context = await chromium.launchPersistentContext(profile, options)
      await prepare(context)
      return context
    },
    remove: async () => {
      await server.remove()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

const patience = { timeout: 120_000 }

export const issueLink = (page: Page, title: string) => page.getByRole('link', { name: title })

/** Makes an account and a board with one issue, and answers where issues go. */
export async function settleIn(page: Page, url: string): Promise<{ userId: string; board: string; email: string }> {
  await page.goto(`${url}/app`)
  await page.getByRole('button', { name: 'Create an account' }).click(patience)
  await page.getByLabel('Your name').fill('Ann')
  const email = `ann.${Date.now()}@example.org`
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill('a long enough password')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('button', { name: 'New project' }).first().click(patience)
  const dialog = page.getByRole('dialog', { name: 'New project' })
  await dialog.getByLabel('Name').fill('Weather')
  await dialog.getByRole('button', { name: 'Create project' }).click()
  await page.getByRole('button', { name: 'Add issue to To do' }).click(patience)
  const field = page.getByLabel('Title of the new issue in To do')
  await field.fill('Calm')
  await field.press('Enter')
  await issueLink(page, 'Calm').waitFor(patience)
  const userId = await page.evaluate(() => JSON.parse(localStorage.getItem('beamline.session') ?? '{}').id as string)
  return { userId, board: new URL(page.url()).hash, email }
}

/** The first column of the board that the address names. */
export function stormInput(
  board: string,
  tables: Readonly<Record<string, readonly Readonly<Record<string, string | null>>[]>>,
): StormInput {
  const projectId = board.split('/')[2] ?? ''
  const column = (tables.columns ?? []).find((row) => row.project_id === projectId && row.name === 'To do')
  const calm = (tables.issues ?? []).find((row) => row.title === 'Calm')
  if (!column?.id || !calm?.id) throw new Error('The board has no column with a calm issue')
  // Behind it: it stays where it can be seen.
  return { projectId, columnId: column.id, after: calm.id }
}
