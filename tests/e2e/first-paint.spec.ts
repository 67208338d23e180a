/** Before the database of the device is open: what was seen last is on the screen, and what is live replaces it unseen. */
import type { BrowserContext, Page } from '@playwright/test'
import { expect, test } from './app'
import {
  addPerson,
  badge,
  createIssue,
  createProject,
  expectSynced,
  go,
  goOffline,
  goOnline,
  newPerson,
  type Person,
} from './person'

const issue = (page: Page, title: string) => page.getByRole('link', { name: title })

/** The database stays shut until the answer is called. */
async function holdDatabase(context: BrowserContext): Promise<() => void> {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  await context.route('**/*.wasm', async (route) => {
    await opened
    await route.continue()
  })
  return open
}

/** What is on the screen is kept, and no action is under way. */
async function expectKept({ page }: Person): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('beamline.acting.'))))
    .toEqual([])
}

/** Counts what a person would see flicker: cards that went, came again, or moved. */
async function watchCards(page: Page): Promise<void> {
  await page.evaluate(() => {
    const moves = { removed: 0, added: 0 }
    Object.assign(window, { moves })
    const isCard = (node: Node) =>
      node instanceof Element && (node.matches('a, li, article') || node.querySelector('a') !== null)
    new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records) {
        moves.added += [...addedNodes].filter(isCard).length
        moves.removed += [...removedNodes].filter(isCard).length
      }
    }).observe(document.querySelector('main') ?? document.body, { childList: true, subtree: true })
  })
}

/** Marks each card and says where it is. */
const placesOf = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main a')].map((link) => {
      link.dataset.seen ??= 'before'
      return [link.textContent, JSON.stringify(link.getBoundingClientRect())]
    }),
  )

const movesOf = (page: Page) => page.evaluate(() => (window as unknown as { moves: object }).moves)

async function annAtSea(browser: Parameters<typeof newPerson>[0], baseURL: string) {
  const said: string[] = []
  const ann = await newPerson(browser, { name: 'Ann', baseURL, serviceWorkers: 'block' })
  ann.page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
  ann.page.on('pageerror', (error) => said.push(`error: ${error.message}`))
  const board = await createProject(ann, 'Regatta')
  await createIssue(ann, 'To do', 'Mast')
  await createIssue(ann, 'To do', 'Keel')
  await expectSynced(ann)
  return { ann, board, said }
}

// Databases open several times in each.
test.describe.configure({ timeout: 240_000 })

test('[LIVE-2] a reload shows what was seen last before the database is open, and live rows replace it unseen', async ({
  browser,
  server,
}) => {
  const { ann, said } = await annAtSea(browser, server.url)
  await expectKept(ann)
  const open = await holdDatabase(ann.context)
  await ann.page.reload()
  await expect(issue(ann.page, 'Mast')).toBeVisible()
  await expect(issue(ann.page, 'Keel')).toBeVisible()
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Starting')
  await watchCards(ann.page)
  const places = await placesOf(ann.page)
  open()
  await expectSynced(ann)
  expect(await movesOf(ann.page)).toEqual({ removed: 0, added: 0 })
  expect(await placesOf(ann.page)).toEqual(places)
  // The very elements that were there before: what is live now came into them.
  await createIssue(ann, 'To do', 'Live')
  await expect(issue(ann.page, 'Mast')).toHaveAttribute('data-seen', 'before')
  await expect(issue(ann.page, 'Keel')).toHaveAttribute('data-seen', 'before')
  expect(said.filter((line) => /hydrat|did not match|#4(18|23|25)|^error/i.test(line))).toEqual([])
  await ann.context.close()
})

test('[LIVE-2] offline too, with what the person did themselves and the server does not know', async ({
  browser,
  server,
}) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await createProject(ann, 'Regatta')
  await createIssue(ann, 'To do', 'Mast')
  await expectSynced(ann)
  await expect
    .poll(() => ann.page.evaluate(() => navigator.serviceWorker.controller?.state ?? 'none'), { timeout: 90_000 })
    .toBe('activated')
  await goOffline(ann)
  await createIssue(ann, 'To do', 'Sail')
  await expectKept(ann)
  // A worker that never starts: nothing but what was kept can be on the screen.
  await ann.page.addInitScript(
    'window.Worker = function () { return Object.assign(new EventTarget(), { postMessage() {}, terminate() {} }) }',
  )
  await ann.page.reload()
  await expect(issue(ann.page, 'Sail')).toBeVisible()
  await expect(issue(ann.page, 'Mast')).toBeVisible()
  await goOnline(ann)
  await ann.context.close()
})

test('[LIVE-2] a page that goes in the middle of an action never shows the state before it', async ({
  browser,
  server,
}) => {
  const { ann } = await annAtSea(browser, server.url)
  await expectKept(ann)
  const open = await holdDatabase(ann.context)
  // As a page leaves it that ends between the press and the rows.
  await ann.page.evaluate(() => {
    const { id } = JSON.parse(localStorage.getItem('beamline.session') ?? '{}')
    localStorage.setItem(`beamline.acting.${id}.gone`, '')
  })
  await ann.page.reload()
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Starting')
  await expect(issue(ann.page, 'Mast')).toHaveCount(0)
  open()
  await expect(issue(ann.page, 'Mast')).toBeVisible()
  await ann.context.close()
})

test('[LIVE-2, DEV-1] another person in the same browser sees nothing of it', async ({ browser, server }) => {
  const { ann, board } = await annAtSea(browser, server.url)
  await expectKept(ann)
  const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
  const cookies = await ben.context.cookies()
  await ann.context.clearCookies()
  await ann.context.addCookies(cookies)
  await holdDatabase(ann.context)
  await ann.page.evaluate(() => localStorage.removeItem('beamline.session'))
  await ann.page.reload()
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Starting')
  await go(ann, board)
  await expect(ann.page.getByRole('status', { name: 'Loading project' })).toBeAttached()
  await expect(ann.page.getByText('Mast')).toHaveCount(0)
  await expect(ann.page.getByText('Regatta')).toHaveCount(0)
  await ann.context.close()
  await ben.context.close()
})

test('[LIVE-2] a browser that was never here shows the server’s rows while its database is made', async ({
  browser,
  server,
}) => {
  const { ann, board } = await annAtSea(browser, server.url)
  const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
  await addPerson(ann, board, ben)
  await expectSynced(ann)
  const fresh = await browser.newContext({ baseURL: server.url, serviceWorkers: 'block' })
  await fresh.addCookies(await ben.context.cookies())
  const open = await holdDatabase(fresh)
  const page = await fresh.newPage()
  await page.goto(`/app${board}`)
  await expect(issue(page, 'Mast')).toBeVisible()
  await watchCards(page)
  open()
  const there: Person = { ...ben, context: fresh, page }
  await expectSynced(there)
  await expect(issue(page, 'Mast')).toBeVisible()
  expect(await movesOf(page)).toMatchObject({ removed: 0 })
  for (const context of [ann.context, ben.context, fresh]) await context.close()
})
