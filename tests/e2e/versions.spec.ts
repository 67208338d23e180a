/**
 * Apps of different ages on one device and one server. The app that stands there is told that it is old, keeps what
 * waits, damages nothing, and goes on where that can be. The other age is made by changing words in the scripts on
 * their way: its tables, its actions.
 */
import { migrations, schemaFingerprint } from '@/db/migrations'
import { expect, test } from './app'
import { badge, createIssue, createProject, expectSynced, go, newPerson, openIssue, type Person, sync } from './person'

// Each reload opens the database anew: that takes seconds, more on a busy machine.
test.describe.configure({ timeout: 240_000 })

const exchanges = '**/api/trpc/sync.exchange*'
const scripts = '**/_next/static/**/*.js'

/** From the next load on, the app is another one. */
async function turnInto(
  person: Person,
  changes: readonly (readonly [string | RegExp, string])[],
): Promise<() => boolean> {
  let isChanged = false
  await person.context.route(scripts, async (route) => {
    const response = await route.fetch()
    const before = await response.text()
    const body = changes.reduce((text, [words, other]) => text.replaceAll(words, other), before)
    isChanged ||= body !== before
    await route.fulfill({ response, body })
  })
  return () => isChanged
}

const itself = (person: Person) => person.context.unroute(scripts)
const issue = (person: Person, title: string) => person.page.getByRole('link', { name: title })
const main = ({ page }: Person) => page.getByRole('main')

/** However the build names what it exports, these words stand in it. */
const [{ tag: firstTag } = { tag: '' }] = migrations
const beginning = `[{tag:"${firstTag}"`
const otherTables = [`"${schemaFingerprint}"`, '"00000000000000000000000000000000"'] as const
const lastMigrationUnknown = [beginning, '[{tag:"0000_before"'] as const
const oneMigrationMore = [beginning, `[{tag:"9999_more",statements:["select 1"]},{tag:"${firstTag}"`] as const

async function opened(browser: Parameters<typeof newPerson>[0], baseURL: string, project: string) {
  const ann = await newPerson(browser, { name: 'Ann', baseURL, serviceWorkers: 'block' })
  await createProject(ann, project)
  await createIssue(ann, 'To do', 'Sort the nails')
  await sync(ann)
  return ann
}

test('[DEP-2] [FM-72] the server has other tables: the app says so with a button, sends what it has, and goes on after a reload', async ({
  browser,
  server,
}) => {
  const ann = await opened(browser, server.url, 'Workshop')
  const isChanged = await turnInto(ann, [otherTables])
  await ann.page.reload()
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Update needed', { timeout: 60_000 })
  expect(isChanged()).toBe(true)
  await expect(main(ann)).toContainText(
    'The server runs another version of this app. Reload to get it; your work is kept.',
  )
  const taken = ann.page.waitForResponse(async (response) => {
    return response.url().includes('sync.exchange') && (response.request().postData() ?? '').includes('issue.create')
  })
  await createIssue(ann, 'To do', 'Hang the saw')
  expect((await taken).ok()).toBe(true)
  await itself(ann)
  await main(ann).getByRole('button', { name: 'Reload' }).click()
  await expectSynced(ann)
  await expect(issue(ann, 'Sort the nails')).toBeVisible()
  await expect(issue(ann, 'Hang the saw')).toHaveCount(1)
})

test('[MIG-1] [FM-27] an older app meets the tables of a newer one: it touches nothing, keeps what waits, and asks for a reload', async ({
  browser,
  server,
}) => {
  const ann = await opened(browser, server.url, 'Cellar')
  await ann.context.route(exchanges, (route) => route.abort())
  await createIssue(ann, 'To do', 'Count the bottles')
  await turnInto(ann, [otherTables, lastMigrationUnknown])
  await ann.page.reload()
  await expect(main(ann)).toContainText('A newer version of this app was used on this device. Reload to get it', {
    timeout: 60_000,
  })
  await expect(main(ann)).toContainText('1 change waits here and will be sent then.')
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Update needed')
  await ann.context.unroute(exchanges)
  // The server has other tables than the older app: it still leaves everything as it is.
  await ann.page.reload()
  await expect(main(ann)).toContainText('A newer version of this app was used on this device.', { timeout: 60_000 })
  await itself(ann)
  await main(ann).getByRole('button', { name: 'Reload' }).click()
  await expectSynced(ann)
  await expect(issue(ann, 'Sort the nails')).toBeVisible()
  await expect(issue(ann, 'Count the bottles')).toHaveCount(1)
})

test('[MIG-1, OUT-1] [FM-71] a deploy is taken back: the app before goes on with what waits, and so does the newer one later', async ({
  browser,
  server,
}) => {
  const ann = await opened(browser, server.url, 'Orchard')
  const isChanged = await turnInto(ann, [oneMigrationMore])
  await ann.page.reload()
  await expect(issue(ann, 'Sort the nails')).toBeVisible({ timeout: 60_000 })
  expect(isChanged()).toBe(true)
  await expectSynced(ann)
  await ann.context.route(exchanges, (route) => route.abort())
  await createIssue(ann, 'To do', 'Prune the pears')
  await itself(ann)
  await ann.page.reload()
  await expect(main(ann)).toContainText('A newer version of this app was used on this device.', { timeout: 60_000 })
  await ann.context.unroute(exchanges)
  await main(ann).getByRole('button', { name: 'Reload' }).click()
  await expectSynced(ann)
  await expect(issue(ann, 'Sort the nails')).toBeVisible()
  await expect(issue(ann, 'Prune the pears')).toHaveCount(1)
  await createIssue(ann, 'To do', 'Pick the plums')
  await turnInto(ann, [oneMigrationMore])
  await ann.page.reload()
  await expect(issue(ann, 'Pick the plums')).toBeVisible({ timeout: 60_000 })
  await expectSynced(ann)
})

test('[ACT-4] [FM-59] an action of a version that the server does not know is held, and the rest goes on', async ({
  browser,
  server,
}) => {
  const ann = await opened(browser, server.url, 'Kitchen')
  const isChanged = await turnInto(ann, [[/name:"comment\.add",version:1/g, 'name:"comment.add",version:2']])
  await ann.page.reload()
  await expect(issue(ann, 'Sort the nails')).toBeVisible({ timeout: 60_000 })
  expect(isChanged()).toBe(true)
  const panel = await openIssue(ann, 'Sort the nails')
  await panel.getByLabel('Write a comment').fill('In the language of tomorrow')
  await panel.getByRole('button', { name: 'Comment', exact: true }).click()
  await expect(panel.getByText('In the language of tomorrow')).toBeVisible()
  await ann.page.getByRole('button', { name: 'Close', exact: true }).click()
  await createIssue(ann, 'To do', 'Boil the water')
  await expectSynced(ann)
  await itself(ann)
  await ann.page.reload()
  await expect(issue(ann, 'Boil the water')).toBeVisible({ timeout: 60_000 })
  await go(ann, '#/inbox')
  await expect(main(ann)).toContainText('Your comment is held: the server cannot answer it yet.')
})
