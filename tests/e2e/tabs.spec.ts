/** Many tabs, one device: they see each other's work, and none of them waits for another that is gone. */
import type { CDPSession } from '@playwright/test'
import { expect, test } from './app'
import {
  badge,
  createIssue,
  createProject,
  expectSynced,
  goOffline,
  goOnline,
  newPerson,
  type Person,
  type PersonOptions,
} from './person'

/** Another tab of the same browser. */
async function newTab(person: Person, board: string): Promise<Person> {
  const tab: Person = { ...person, page: await person.context.newPage() }
  await tab.page.goto(`/app${board}`)
  return tab
}

const issue = (tab: Person, title: string) => tab.page.getByRole('link', { name: title })

async function lifecycleOf(tab: Person): Promise<CDPSession> {
  return tab.context.newCDPSession(tab.page)
}

const setLifecycle = (session: CDPSession, state: 'active' | 'frozen') =>
  session.send('Page.setWebLifecycleState', { state })

async function twoTabs(
  browser: Parameters<typeof newPerson>[0],
  baseURL: string,
  options: Pick<PersonOptions, 'serviceWorkers'> = {},
) {
  const first = await newPerson(browser, { name: 'Ann', baseURL, ...options })
  const board = await createProject(first, 'Library')
  await createIssue(first, 'To do', 'Sort the books')
  await expectSynced(first)
  const second = await newTab(first, board)
  await expect(issue(second, 'Sort the books')).toBeVisible()
  return { first, second, board }
}

test('[TAB-1] two tabs see each other’s work, online and offline', async ({ browser, server }) => {
  const { first, second } = await twoTabs(browser, server.url)
  await expectSynced(second)
  await createIssue(second, 'To do', 'Mend the shelf')
  await expect(issue(first, 'Mend the shelf')).toBeVisible()
  await goOffline(first)
  await createIssue(second, 'To do', 'Dust the stairs')
  await expect(issue(first, 'Dust the stairs')).toBeVisible()
  await createIssue(first, 'To do', 'Wind the clock')
  await expect(issue(second, 'Wind the clock')).toBeVisible()
  await expect(badge(second)).toHaveAccessibleName('Sync status: Offline · 2 waiting')
  await goOnline(first)
  await expectSynced(second)
  await expectSynced(first)
})

test('[TAB-1] [FM-22] the leading tab closes in the middle of work, and the other one goes on, online and offline', async ({
  browser,
  server,
}) => {
  const { first, second, board } = await twoTabs(browser, server.url)
  const third = await newTab(first, board)
  await expect(issue(third, 'Sort the books')).toBeVisible()
  await goOffline(first)
  const work = createIssue(second, 'To do', 'Count the pages')
  await first.page.close()
  await work
  await expect(issue(third, 'Count the pages')).toBeVisible({ timeout: 60_000 })
  await createIssue(third, 'To do', 'Lend a novel')
  await expect(issue(second, 'Lend a novel')).toBeVisible()
  await goOnline(third)
  await expectSynced(second)
  await expectSynced(third)
})

test('[TAB-1] [FM-24] the leading tab crashes, and the other one leads', async ({ browser, server }) => {
  const { first, second } = await twoTabs(browser, server.url)
  const crashed = first.page.waitForEvent('crash')
  // It never answers: there is nobody left to.
  void first.page.goto('chrome://crash').catch(() => undefined)
  await crashed
  await createIssue(second, 'To do', 'Lock the door')
  await expectSynced(second)
})

test('[TAB-1] [FM-26] [FM-14] [FM-23] the leading tab is frozen, and thawed when another one leads', async ({
  browser,
  server,
}) => {
  const { first, second } = await twoTabs(browser, server.url)
  const session = await lifecycleOf(first)
  await second.page.bringToFront()
  await setLifecycle(session, 'frozen')
  await createIssue(second, 'To do', 'Air the rooms')
  await setLifecycle(session, 'active')
  await expect(issue(first, 'Air the rooms')).toBeVisible({ timeout: 60_000 })
  await first.page.bringToFront()
  await createIssue(first, 'To do', 'Water the ferns')
  await expect(issue(second, 'Water the ferns')).toBeVisible()
  await expectSynced(first)
})

test('[TAB-1] [FM-27] beside a newer version of the app the older tab reads on and asks for a reload', async ({
  browser,
  server,
}) => {
  const { first, board } = await twoTabs(browser, server.url, { serviceWorkers: 'block' })
  // The build is a number in the page's script: a later one is a newer app.
  const build = await buildOf(first)
  await first.context.route('**/_next/static/**/*.js', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: (await response.text()).replaceAll(build, String(Number(build) + 1)) })
  })
  const newer = await newTab(first, board)
  await expect(issue(newer, 'Sort the books')).toBeVisible({ timeout: 60_000 })
  await expect(first.page.getByRole('button', { name: 'Reload' })).toBeVisible()
  await createIssue(newer, 'To do', 'Stamp the cards')
  await expect(issue(first, 'Stamp the cards')).toBeVisible()
  await expect(badge(first)).toHaveAccessibleName('Sync status: Update needed')
})

/** As the scripts of the page have it. */
async function buildOf({ page, context }: Person): Promise<string> {
  const scripts = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name))
  for (const url of scripts.filter((name) => name.endsWith('.js'))) {
    const found = /build:"(\d{13})"/.exec(await (await context.request.get(url)).text())
    if (found?.[1]) return found[1]
  }
  throw new Error('No script of the page names its build')
}

test('[TAB-1] [FM-28] a form that is sent twice makes one issue', async ({ browser, server }) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await createProject(ann, 'Post office')
  await ann.page.getByRole('button', { name: 'New issue' }).click()
  const dialog = ann.page.getByRole('dialog', { name: 'New issue' })
  await dialog.getByLabel('Title').fill('Weigh the parcel')
  // Both before the first one is answered.
  await dialog.locator('form').evaluate((form: HTMLFormElement) => {
    form.requestSubmit()
    form.requestSubmit()
  })
  await expect(dialog).toBeHidden()
  await expectSynced(ann)
  await expect(issue(ann, 'Weigh the parcel')).toHaveCount(1)
})
