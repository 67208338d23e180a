/**
 * A person at a browser of their own, as tests tell of them: `const ann = await newPerson(browser, { name: 'Ann' })`.
 * They only do what a person can: press, type, read, and pull the plug.
 */
import { readFile } from 'node:fs/promises'
import { type Browser, type BrowserContext, expect, type Locator, type Page } from '@playwright/test'

export interface Person {
  readonly name: string
  readonly email: string
  readonly context: BrowserContext
  readonly page: Page
}

export interface PersonOptions {
  readonly name: string
  readonly baseURL: string
  readonly timezoneId?: string
  /** For tests that change what scripts say: the service worker would serve those it keeps. */
  readonly serviceWorkers?: 'block'
}

const password = 'a long enough password'

let lastAddress = 0

/** What a proxy in front of the server says of where this browser is (docs/OPERATIONS.md). */
function comingFrom() {
  lastAddress += 1
  return { extraHTTPHeaders: { 'x-forwarded-for': `10.0.${Math.floor(lastAddress / 250)}.${(lastAddress % 250) + 1}` } }
}

/** Opens a browser and creates an account. Databases start cold here: that takes seconds. */
export async function newPerson(browser: Browser, { name, ...options }: PersonOptions): Promise<Person> {
  const context = await browser.newContext({ ...options, ...comingFrom() })
  const page = await context.newPage()
  const email = `${name.toLowerCase()}.${Date.now().toString(36)}@example.org`
  await page.goto('/app')
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Create account' }).click()
  const person = { name, email, context, page }
  await expectSynced(person)
  return person
}

/** A second browser of somebody who has an account. */
export async function otherBrowser(
  browser: Browser,
  person: Person,
  options: Omit<PersonOptions, 'name'>,
): Promise<Person> {
  const context = await browser.newContext({ ...options, ...comingFrom() })
  const other: Person = { ...person, context, page: await context.newPage() }
  await other.page.goto('/app')
  await signIn(other)
  await expectSynced(other)
  return other
}

/** In the form that is on the screen, with this address or their own. */
export async function signIn({ page, email }: Person, as: string = email): Promise<void> {
  await page.getByLabel('E-mail').fill(as)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** The badge with the state of sync; the phone layout has a second, hidden one. */
export function badge({ page }: Person): Locator {
  return page.getByRole('button', { name: /^Sync status:/ }).locator('visible=true')
}

/** Nothing waits and the server has answered. */
export async function expectSynced(person: Person): Promise<void> {
  await expect(badge(person)).toHaveAccessibleName('Sync status: Synced', { timeout: 60_000 })
}

/** Asks for an exchange now, and waits until nothing is left to tell. */
export async function sync(person: Person): Promise<void> {
  await badge(person).click()
  await person.page.getByRole('button', { name: 'Sync now' }).click()
  await expect(person.page.getByRole('button', { name: 'Sync now' })).toBeEnabled()
  await person.page.keyboard.press('Escape')
  await expectSynced(person)
}

export async function goOffline(person: Person): Promise<void> {
  await person.context.setOffline(true)
}

export async function goOnline(person: Person): Promise<void> {
  await person.context.setOffline(false)
}

/** Founds a project and returns the address of its board. */
export async function createProject({ page }: Person, name: string): Promise<string> {
  await page.getByRole('button', { name: 'New project' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'New project' })
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Create project' }).click()
  await expect(dialog).toBeHidden()
  await expect(page).toHaveURL(/#\/project\/[0-9a-f-]{36}\/board/)
  return new URL(page.url()).hash
}

export async function addPerson(person: Person, board: string, other: Person): Promise<void> {
  await go(person, board.replace('/board', '/people'))
  await person.page.getByRole('button', { name: 'Add person' }).first().click()
  const dialog = person.page.getByRole('dialog', { name: 'Add a person' })
  await dialog.getByLabel('E-mail').fill(other.email)
  await dialog.getByRole('button', { name: 'Add person' }).click()
  await expect(dialog).toBeHidden()
  await go(person, board)
}

/** Changes the part behind the `#`, which needs no network. */
export async function go({ page }: Person, hash: string): Promise<void> {
  await page.evaluate((next) => {
    location.hash = next
  }, hash)
}

export async function createIssue({ page }: Person, column: string, title: string): Promise<void> {
  const field = page.getByLabel(`Title of the new issue in ${column}`)
  if (!(await field.isVisible())) await page.getByRole('button', { name: `Add issue to ${column}` }).click()
  await field.fill(title)
  await field.press('Enter')
  await expect(page.getByRole('link', { name: title })).toBeVisible()
  await field.press('Escape')
}

/** Opens an issue beside the board. */
export async function openIssue({ page }: Person, title: string): Promise<Locator> {
  await page.getByRole('link', { name: title }).first().click()
  const panel = page.getByRole('dialog', { name: 'Issue' }).or(page.getByRole('complementary', { name: 'Issue' }))
  await expect(
    panel.getByRole('button', { name: 'Write a comment' }).or(panel.getByLabel('Write a comment')),
  ).toBeVisible()
  return panel
}

export async function closeIssue({ page }: Person): Promise<void> {
  await page.getByRole('button', { name: 'Close', exact: true }).click()
}

/** What "Export my data" in the settings saves. */
export async function exportedData(person: Person): Promise<ExportedData> {
  const before = new URL(person.page.url()).hash
  await go(person, '#/settings')
  const download = person.page.waitForEvent('download')
  await person.page.getByRole('button', { name: 'Export my data' }).click()
  const text = await readFile(await (await download).path(), 'utf8')
  await go(person, before)
  return JSON.parse(text) as ExportedData
}

export interface ExportedData {
  readonly audiences: readonly string[]
  readonly cursors: readonly { readonly audience: string; readonly seq: number; readonly token: string }[]
  /** Rows by table, every column as Postgres text, in a fixed order. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, string | null>>[]>>
}

/** The rows of one project, as text, to be compared byte for byte. */
export function projectRows(data: ExportedData, projectId: string): string {
  const tables = Object.entries(data.tables).map(([table, rows]) => [
    table,
    rows.filter((row) => row.audience === `project:${projectId}`),
  ])
  return JSON.stringify(Object.fromEntries(tables), null, 1)
}

export function projectIdOf(board: string): string {
  return board.split('/')[2] ?? ''
}
