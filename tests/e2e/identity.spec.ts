/**
 * Who somebody is, on a browser that others use too: sessions end, people take turns, accounts are removed. What was done
 * belongs to who did it, and stays until they decide.
 */
import { readFile } from 'node:fs/promises'
import type { Locator } from '@playwright/test'
import { expect, test } from './app'
import {
  badge,
  createIssue,
  createProject,
  expectSynced,
  go,
  goOffline,
  goOnline,
  newPerson,
  otherBrowser,
  type Person,
  signIn,
  sync,
} from './person'
import { endSessions, removeAccount } from './server-database'

// Servers start again and databases start cold in here: that takes seconds each, more on a busy machine.
test.describe.configure({ timeout: 240_000 })

const exchanges = '**/api/trpc/sync.exchange*'

const issue = (person: Person, title: string) => person.page.getByRole('link', { name: title })
const again = ({ page }: Person) => page.getByRole('dialog', { name: 'Sign in again' })
const wake = ({ page }: Person) => page.evaluate(() => dispatchEvent(new Event('focus')))

/** Nothing reaches the server but who is signed in. */
const cutOff = (person: Person) => person.context.route(exchanges, (route) => route.abort())
const mend = (person: Person) => person.context.unroute(exchanges)

async function openSignOut(person: Person): Promise<Locator> {
  await go(person, '#/settings')
  await person.page.getByRole('button', { name: 'Sign out' }).click()
  return person.page.getByRole('dialog', { name: 'Sign out' })
}

async function expectSignedOut({ page }: Person): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

/** Presses a button that saves a file, and reads the file. */
async function saved(
  { page }: Person,
  button: Locator,
): Promise<{ path: string; actions: readonly { name: string }[] }> {
  const download = page.waitForEvent('download')
  await button.click()
  const path = await (await download).path()
  return { path, ...(JSON.parse(await readFile(path, 'utf8')) as { actions: { name: string }[] }) }
}

test('[DEV-1, NET-1] [FM-51] the session ends during weeks without a network: work goes on, and is sent after signing in', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await createProject(ann, 'Lighthouse')
  await createIssue(ann, 'To do', 'Trim the wick')
  await sync(ann)
  await goOffline(ann)
  await createIssue(ann, 'To do', 'Polish the lens')
  await endSessions(server, ann.email)
  await goOnline(ann)
  await wake(ann)
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Signed out · 1 waiting', { timeout: 60_000 })
  await createIssue(ann, 'To do', 'Sound the horn')
  await ann.page.reload()
  await expect(issue(ann, 'Polish the lens')).toBeVisible({ timeout: 60_000 })
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Signed out · 2 waiting', { timeout: 60_000 })
  await ann.page.getByRole('main').getByRole('button', { name: 'Sign in again' }).click()
  await expect(again(ann).getByLabel('E-mail')).toHaveValue(ann.email)
  await signIn(ann)
  await expect(again(ann)).toBeHidden()
  await expectSynced(ann)
  const other = await otherBrowser(browser, ann, { baseURL: server.url })
  await other.page
    .getByRole('link', { name: /Lighthouse/ })
    .first()
    .click()
  await expect(issue(other, 'Sound the horn')).toBeVisible()
})

test('[DEV-1] [FM-49] somebody else signs in where work waits: they never send it and never see it, and it waits for its author', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
  const board = await createProject(ann, 'Diary')
  await sync(ann)
  await goOffline(ann)
  await createIssue(ann, 'To do', 'A secret of Ann')
  await endSessions(server, ann.email)
  await goOnline(ann)
  await wake(ann)
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Signed out · 1 waiting', { timeout: 60_000 })
  const sent: string[] = []
  ann.context.on('request', (request) => sent.push(request.postData() ?? ''))
  await ann.page.getByRole('main').getByRole('button', { name: 'Sign in again' }).click()
  await signIn(ann, ben.email)
  await expectSynced(ann)
  await go(ann, '#/')
  await createProject(ann, 'Of Ben')
  await sync(ann)
  await expect(ann.page.getByText('A secret of Ann')).toHaveCount(0)
  expect(sent.some((body) => body.includes('project.create'))).toBe(true)
  expect(sent.filter((body) => body.includes('A secret of Ann'))).toEqual([])
  await (await openSignOut(ann)).getByRole('button', { name: 'Sign out' }).click()
  await expectSignedOut(ann)
  await signIn(ann)
  await expectSynced(ann)
  await go(ann, board)
  await expect(issue(ann, 'A secret of Ann')).toBeVisible()
  expect(sent.filter((body) => body.includes('A secret of Ann'))).toHaveLength(1)
})

test('[DEV-1, OUT-2] [FM-50] signing out with work that waits: sync first, keep, save as a file, or discard with a typed word', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const board = await createProject(ann, 'Harbour')
  await sync(ann)
  await cutOff(ann)
  await createIssue(ann, 'To do', 'Moor the boat')
  const leaving = await openSignOut(ann)
  await expect(leaving).toContainText('1 change waits for the server')
  await leaving.getByRole('button', { name: 'Sync first, then sign out' }).click()
  await expect(leaving.getByRole('status')).toContainText('Not everything could be sent', { timeout: 60_000 })
  const file = await saved(ann, leaving.getByRole('button', { name: 'Save as a file…' }))
  expect(file.actions.map((action) => action.name)).toEqual(['issue.create'])
  await expect(leaving.getByRole('status')).toContainText('Saved.')
  await leaving.getByRole('button', { name: 'Keep on this device and sign out' }).click()
  await expectSignedOut(ann)

  await signIn(ann)
  await go(ann, board)
  await expect(issue(ann, 'Moor the boat')).toBeVisible({ timeout: 60_000 })
  await mend(ann)
  await wake(ann)
  await expectSynced(ann)

  await cutOff(ann)
  await createIssue(ann, 'To do', 'Sink the boat')
  await (await openSignOut(ann)).getByRole('button', { name: 'Discard and sign out…' }).click()
  const asked = ann.page.getByRole('alertdialog', { name: 'Discard what waits?' })
  await expect(asked.getByRole('button', { name: 'Discard and sign out' })).toBeDisabled()
  await asked.getByLabel('Type “discard” to go on').fill('discard')
  await asked.getByRole('button', { name: 'Discard and sign out' }).click()
  await expectSignedOut(ann)
  await mend(ann)
  await signIn(ann)
  await expectSynced(ann)
  await go(ann, board)
  await expect(issue(ann, 'Moor the boat')).toBeVisible()
  await expect(issue(ann, 'Sink the boat')).toHaveCount(0)
})

test('[OUT-2] pending work is carried to another browser as a file, counts once, and is no use to anybody else', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const board = await createProject(ann, 'Ferry')
  await sync(ann)
  await goOffline(ann)
  await createIssue(ann, 'To do', 'Paint the hull')
  await createIssue(ann, 'To do', 'Oil the winch')
  await go(ann, '#/settings')
  const { path } = await saved(ann, ann.page.getByRole('button', { name: 'Save pending work as a file' }))

  const other = await otherBrowser(browser, ann, { baseURL: server.url })
  await bring(other, path)
  await expect(result(other)).toContainText('2 changes from the file wait here now and will be sent.')
  await expectSynced(other)
  await bring(other, path)
  await expect(result(other)).toContainText('Nothing new')
  await go(other, board)
  await expect(issue(other, 'Oil the winch')).toBeVisible()
  await goOnline(ann)
  await wake(ann)
  await expectSynced(ann)
  await go(ann, board)
  for (const person of [ann, other]) {
    await expect(issue(person, 'Paint the hull')).toHaveCount(1)
    await expect(person.page.getByRole('link', { name: /Paint the hull|Oil the winch/ })).toHaveCount(2)
  }

  const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
  await bring(ben, path)
  await expect(result(ben)).toContainText('The file holds the work of somebody else.')
})

const result = ({ page }: Person) => page.getByRole('region', { name: 'Pending work as a file' }).getByRole('status')

/** With the keyboard alone. */
async function bring(person: Person, path: string): Promise<void> {
  await go(person, '#/settings')
  const chooser = person.page.waitForEvent('filechooser')
  await person.page.getByRole('button', { name: 'Bring pending work from a file…' }).press('Enter')
  await (await chooser).setFiles(path)
}

test('[DEV-1, OUT-2] [FM-52] an account is removed: everything stays until its person decides, and can be saved as a file', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await createProject(ann, 'Attic')
  await sync(ann)
  await goOffline(ann)
  await createIssue(ann, 'To do', 'Keep the letters')
  await removeAccount(server, ann.email)
  await goOnline(ann)
  await wake(ann)
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Signed out · 1 waiting', { timeout: 60_000 })
  await expect(issue(ann, 'Keep the letters')).toBeVisible()
  await ann.page.getByRole('main').getByRole('button', { name: 'Sign in again' }).click()
  await signIn(ann)
  await expect(again(ann)).toContainText('E-mail and password do not belong together.')
  await expect(again(ann)).toContainText('The 1 change that waits and everything you see stay on this device')
  await again(ann).getByRole('link', { name: 'settings' }).click()
  await expect(again(ann)).toBeHidden()
  const file = await saved(ann, ann.page.getByRole('button', { name: 'Save pending work as a file' }))
  expect(file.actions).toHaveLength(1)
  const leaving = await openSignOut(ann)
  await expect(leaving).toContainText('your session has ended')
  await leaving.getByRole('button', { name: 'Keep on this device and sign out' }).click()
  await expectSignedOut(ann)
})

test('[DEV-1, TAB-1] a browser that others use too: signing out signs out every tab, and leaves nothing behind when asked to', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const board = await createProject(ann, 'Lodge')
  await createIssue(ann, 'To do', 'Light the stove')
  await sync(ann)
  const other: Person = { ...ann, page: await ann.context.newPage() }
  await other.page.goto(`/app${board}`)
  await expect(issue(other, 'Light the stove')).toBeVisible()

  const leaving = await openSignOut(ann)
  await leaving.getByRole('switch', { name: 'Remove my data from this browser' }).click()
  await leaving.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expectSignedOut(ann)
  await expectSignedOut(other)
  await expect(issue(other, 'Light the stove')).toBeHidden()
  await expect(ann.page.getByText('This browser keeps nothing of yours any more')).toBeVisible({ timeout: 20_000 })
  const left = await ann.page.evaluate(async () => {
    const names: string[] = []
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name)
    const databases = await indexedDB.databases()
    return [...names, ...databases.map(({ name }) => name ?? ''), ...Object.keys(localStorage)]
  })
  expect(left.filter((name) => /^beamline-\w+-pg|outbox|seen|session|kept|acting|forget/.test(name))).toEqual([])

  await signIn(ann)
  await go(ann, board)
  await expect(issue(ann, 'Light the stove')).toBeVisible({ timeout: 60_000 })
  await expectSynced(ann)
  await expect(ann.page.getByText('This browser removed')).toBeHidden()
  await expect(badge(other)).toHaveAccessibleName('Sync status: Synced', { timeout: 60_000 })
})
