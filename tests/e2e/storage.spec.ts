/** Phones are full, browsers tidy up, people clear site data: what was kept is kept, and what was not is said. */
import { randomBytes } from 'node:crypto'
import type { CDPSession, Locator } from '@playwright/test'
import { expect, test } from './app'
import {
  badge,
  createIssue,
  createProject,
  expectSynced,
  go,
  newPerson,
  openIssue,
  otherBrowser,
  type Person,
} from './person'

const issue = ({ page }: Person, title: string) => page.getByRole('link', { name: title })
const cdpOf = (person: Person): Promise<CDPSession> => person.context.newCDPSession(person.page)
const originOf = ({ page }: Person) => new URL(page.url()).origin

type Setting = Parameters<typeof newPerson>[0]

/** With scripts that come from the network, so that tests may change what they say. */
const plain = (browser: Setting, baseURL: string) =>
  newPerson(browser, { name: 'Ann', baseURL, serviceWorkers: 'block' })

async function withProject(person: Person): Promise<string> {
  const board = await createProject(person, 'Library')
  await createIssue(person, 'To do', 'Sort the books')
  await expectSynced(person)
  return board
}

/** The network is there, and the server does not answer exchanges. */
async function muteServer(person: Person): Promise<() => Promise<void>> {
  await person.context.route('**/api/trpc/**', (route) => route.abort())
  return () => person.context.unroute('**/api/trpc/**')
}

/** Runs first in every worker of the app. */
async function beforeWorkers(person: Person, script: string): Promise<void> {
  await person.context.route('**/_next/static/**/*.js', async (route) => {
    const response = await route.fetch()
    const body = `if (typeof WorkerGlobalScope !== 'undefined' && !globalThis.isPrepared) { globalThis.isPrepared = true; ${script} }\n`
    await route.fulfill({ response, body: body + (await response.text()) })
  })
}

/** Only `bytes` more may be kept; called with null there is as much room as before. */
async function roomOf(person: Person): Promise<(bytes: number | null) => Promise<void>> {
  const [cdp, origin] = [await cdpOf(person), originOf(person)]
  return async (bytes) => {
    const { usage } = await cdp.send('Storage.getUsageAndQuota', { origin })
    await cdp.send('Storage.overrideQuotaForOrigin', {
      origin,
      ...(bytes === null ? {} : { quotaSize: usage + bytes }),
    })
  }
}

/** Chromium counts what files grow by at once, and asks again about small writes to IndexedDB after half a minute only. */
const long = () => `Once upon a time ${randomBytes(14_000).toString('base64')}`
const fullDisk = ({ page }: Person) => page.getByText('This browser has no room left')

test('[FM-10] [FM-11] a full disk is said at once, and nothing is half done or lost', async ({ browser, server }) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await withProject(ann)
  await muteServer(ann)
  await createIssue(ann, 'To do', 'Mend the shelf')
  const panel = await openIssue(ann, 'Sort the books')
  const leave = await roomOf(ann)
  await leave(1_000)
  await comment(panel, long())
  await expect(fullDisk(ann).first()).toBeVisible({ timeout: 3_000 })
  await expect(ann.page.getByText(/nothing was recorded/).first()).toBeVisible()
  await expect(panel.getByRole('listitem').filter({ hasText: 'Once upon a time' })).toHaveCount(0)
  await expect(issue(ann, 'Mend the shelf')).toBeVisible()
})

test('[FM-10] space comes back: the app goes on without a reload, what waited is sent, and new work is kept', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await withProject(ann)
  const unmute = await muteServer(ann)
  await createIssue(ann, 'To do', 'Mend the shelf')
  const panel = await openIssue(ann, 'Sort the books')
  const pages = countPages(ann)
  const leave = await roomOf(ann)
  await leave(1_000)
  await comment(panel, long())
  await expect(fullDisk(ann).first()).toBeVisible({ timeout: 3_000 })
  await expect(ann.page.getByText(/nothing was recorded/).first()).toBeVisible()
  await unmute()
  await leave(null)
  await expect(fullDisk(ann)).toHaveCount(0, { timeout: 90_000 })
  await expectSynced(ann)
  await comment(panel, 'There is room again')
  await expect(panel.getByRole('listitem').filter({ hasText: 'There is room again' })).toBeVisible()
  await panel.getByRole('button', { name: 'Close', exact: true }).click()
  await createIssue(ann, 'To do', 'Wind the clock')
  await expectSynced(ann)
  expect(pages()).toBe(0)
  // What the server has, as another browser of hers sees it.
  const other = await otherBrowser(browser, ann, { baseURL: server.url })
  await other.page.getByRole('link', { name: 'Library' }).first().click()
  for (const title of ['Sort the books', 'Mend the shelf', 'Wind the clock'])
    await expect(issue(other, title)).toHaveCount(1)
})

test('[FM-10] a database that finds no room to open is opened when there is some, without a reload', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await withProject(ann)
  const unmute = await muteServer(ann)
  await createIssue(ann, 'To do', 'Mend the shelf')
  await expect(badge(ann)).toHaveAccessibleName(/1 waiting/)
  const leave = await roomOf(ann)
  await leave(-1_000_000)
  await ann.page.reload()
  await expect(fullDisk(ann).first()).toBeVisible({ timeout: 60_000 })
  const pages = countPages(ann)
  await unmute()
  await leave(null)
  await expectSynced(ann)
  await expect(fullDisk(ann)).toHaveCount(0)
  await expect(issue(ann, 'Mend the shelf')).toHaveCount(1)
  await createIssue(ann, 'To do', 'Wind the clock')
  await expectSynced(ann)
  expect(pages()).toBe(0)
})

/** Documents that are loaded from now on: none, when it goes on by itself. */
function countPages({ page }: Person): () => number {
  let count = 0
  page.on('domcontentloaded', () => {
    count += 1
  })
  return () => count
}

async function comment(panel: Locator, text: string): Promise<void> {
  await panel.getByLabel('Write a comment').fill(text)
  await panel.getByRole('button', { name: 'Comment', exact: true }).click()
}

/** Nothing of the app runs in a page that is a picture of its icon: its files may be touched there. */
const idle = (person: Person) => person.page.goto('/theme.js')

const directories = ({ page }: Person) =>
  page.evaluate(async () => {
    const names: string[] = []
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name)
    return names.filter((name) => name.startsWith('beamline') && !name.includes('trial'))
  })

for (const [damage, what] of [
  ['a file of the database is gone', 'file'],
  ['its table of contents is cut off', 'contents'],
] as const) {
  test(`[OUT-1] [FM-13] ${damage}: rows come anew, what waits is there, and the old files go when all is synced`, async ({
    browser,
    server,
  }) => {
    const ann = await plain(browser, server.url)
    const board = await withProject(ann)
    const unmute = await muteServer(ann)
    await createIssue(ann, 'To do', 'Mend the shelf')
    await idle(ann)
    const [name = ''] = await directories(ann)
    await ann.page.evaluate(damageDirectory, { name, what })
    await ann.page.goto(`/app${board}`)
    await expect(badge(ann)).toHaveAccessibleName(/waiting/, { timeout: 60_000 })
    await unmute()
    await expectSynced(ann)
    await expect(issue(ann, 'Sort the books')).toBeVisible()
    await expect(issue(ann, 'Mend the shelf')).toBeVisible()
    await expect.poll(() => directories(ann), { timeout: 20_000 }).toEqual([name.replace(/-1$/, '-2')])
  })
}

async function damageDirectory({ name, what }: { name: string; what: string }): Promise<void> {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(name)
  const contents = await directory.getFileHandle('state.txt')
  const text = await (await contents.getFile()).text()
  if (what === 'contents') {
    const writable = await contents.createWritable()
    await writable.write(text.slice(0, 50))
    await writable.close()
    return
  }
  const backing = /"backingFilename":"([^"]+)"/.exec(text)?.[1] ?? ''
  await (await directory.getDirectoryHandle('data')).removeEntry(backing)
}

test('[TAB-2] [FM-17] without access handles the database is kept in IndexedDB', async ({ browser, server }) => {
  const ann = await plain(browser, server.url)
  await beforeWorkers(ann, 'delete FileSystemFileHandle.prototype.createSyncAccessHandle')
  await idle(ann)
  await ann.page.goto('/app')
  await expectSynced(ann)
  const board = await withProject(ann)
  await ann.page.reload()
  await expect(issue(ann, 'Sort the books')).toBeVisible({ timeout: 60_000 })
  await go(ann, '#/settings')
  await expect(ann.page.getByText('Kept in this browser (IndexedDB)')).toBeVisible()
  await go(ann, board)
})

test('[TAB-2] [FM-16] a private window that answers nothing: the app works in memory and says so', async ({
  browser,
  server,
}) => {
  const ann = await plain(browser, server.url)
  // Safari refuses files; an IndexedDB that never answers is what left others with an endless spinner.
  await beforeWorkers(
    ann,
    `navigator.storage.getDirectory = () => Promise.reject(new DOMException('no', 'SecurityError'));
     IDBFactory.prototype.open = () => new EventTarget();`,
  )
  await idle(ann)
  await ann.page.goto('/app')
  await expect(ann.page.getByText('This browser keeps nothing').first()).toBeVisible({ timeout: 90_000 })
  await withProject(ann)
  await go(ann, '#/settings')
  await expect(ann.page.getByText('Not kept on this device')).toBeVisible()
})

const everythingKept = 'indexeddb,file_systems,local_storage,cache_storage'

test('[FM-20] site data that is cleared under an open tab is noticed, and said with what went', async ({
  browser,
  server,
}) => {
  const ann = await plain(browser, server.url)
  await withProject(ann)
  const unmute = await muteServer(ann)
  await createIssue(ann, 'To do', 'Mend the shelf')
  const cdp = await cdpOf(ann)
  await cdp.send('Storage.clearDataForOrigin', { origin: originOf(ann), storageTypes: everythingKept })
  await expect(ann.page.getByText('1 change that had not been sent is gone')).toBeVisible({ timeout: 60_000 })
  await unmute()
  await expectSynced(ann)
  await expect(issue(ann, 'Sort the books')).toBeVisible()
  await createIssue(ann, 'To do', 'Wind the clock')
  await expectSynced(ann)
})

test('[FM-12] a browser that threw everything away: rows come anew, and the person is told once', async ({
  browser,
  server,
}) => {
  const ann = await plain(browser, server.url)
  const board = await withProject(ann)
  const unmute = await muteServer(ann)
  await createIssue(ann, 'To do', 'Mend the shelf')
  await expect(badge(ann)).toHaveAccessibleName(/1 waiting/)
  await idle(ann)
  const cdp = await cdpOf(ann)
  await cdp.send('Storage.clearDataForOrigin', { origin: originOf(ann), storageTypes: 'indexeddb,file_systems' })
  await unmute()
  await ann.page.goto(`/app${board}`)
  await expect(ann.page.getByText('1 change that had not been sent is gone')).toBeVisible({ timeout: 60_000 })
  await expectSynced(ann)
  await expect(issue(ann, 'Sort the books')).toBeVisible()
  await ann.page.getByRole('button', { name: 'Understood' }).click()
  await ann.page.reload()
  await expectSynced(ann)
  await expect(ann.page.getByText('had not been sent')).toHaveCount(0)
})

test('[TAB-2] the settings say what is kept, and the browser is asked to keep it', async ({ browser, server }) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await withProject(ann)
  const unmute = await muteServer(ann)
  await createIssue(ann, 'To do', 'Mend the shelf')
  await badge(ann).click()
  await expect(ann.page.getByText('You would lose the change that waits.')).toBeVisible({ timeout: 60_000 })
  await ann.page.getByRole('link', { name: 'Keep it or save it as a file' }).click()
  const device = ann.page.getByRole('region', { name: 'This device', exact: true })
  await expect(device.getByText('Kept in this browser (private file system)')).toBeVisible()
  await expect(device.getByText(/^About \d+ MB$/)).toBeVisible()
  await expect(device.getByText('1 change, made just now')).toBeVisible()
  await expect(device.getByText('You would lose the change that waits.')).toBeVisible()
  const ask = device.getByRole('button', { name: 'Ask to keep it' })
  await ask.click()
  await expect(device.getByText('The browser said no.')).toBeVisible()
  // As one that knows the site: Chromium here says no to everybody.
  await ann.page.evaluate(() => {
    Object.assign(navigator.storage, { persist: async () => true, persisted: async () => true })
  })
  await ask.click()
  await expect(device.getByText('The browser has promised to keep this data')).toBeVisible()
  await expect(device.getByText('The browser agreed.')).toBeVisible()
  await unmute()
})

test('[TAB-1] [FM-63] an action without an end is stopped with its worker, fails, and the work goes on', async ({
  browser,
  server,
}) => {
  const ann = await plain(browser, server.url)
  await withProject(ann)
  const endless = /(name:"comment\.add"[\s\S]*?async run\([^)]*\)\{)/
  let changed = 0
  await ann.context.route('**/_next/static/**/*.js', async (route) => {
    const response = await route.fetch()
    const text = await response.text()
    if (endless.test(text)) changed += 1
    await route.fulfill({ response, body: text.replace(endless, '$1for(;;);') })
  })
  await ann.page.reload()
  await expect(issue(ann, 'Sort the books')).toBeVisible({ timeout: 60_000 })
  expect(changed).toBeGreaterThan(0)
  const panel = await openIssue(ann, 'Sort the books')
  await comment(panel, 'For ever and ever')
  await expect(ann.page.getByText('did not answer in time').first()).toBeVisible({ timeout: 60_000 })
  await panel.getByRole('button', { name: 'Close', exact: true }).click()
  await createIssue(ann, 'To do', 'Lock the door')
  await expectSynced(ann)
})
