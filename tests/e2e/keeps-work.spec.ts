/**
 * What a person has pressed is kept: over a reload, over an answer that never came, over a server that was killed.
 */
import { expect, test } from './app'
import {
  badge,
  createIssue,
  createProject,
  expectSynced,
  exportedData,
  go,
  goOffline,
  goOnline,
  newPerson,
  type Person,
  projectIdOf,
} from './person'

const exchanges = '**/api/trpc/sync.exchange*'

/** One browser for all of them: to open one takes longer than most of these tests. Each has a project of its own. */
let ann: Person

test.beforeAll(async ({ browser, preparedServer }) => {
  await preparedServer.start()
  ann = await newPerson(browser, { name: 'Ann', baseURL: preparedServer.url })
})

test.afterAll(() => ann.context.close())

async function numbersIn(board: string): Promise<number[]> {
  const { tables } = await exportedData(ann)
  const issues = (tables.issues ?? []).filter((issue) => issue.project_id === projectIdOf(board))
  return issues.map((issue) => Number(issue.number)).sort((left, right) => left - right)
}

test('[OUT-1] a reload keeps what waits, and it is sent afterwards', async () => {
  const board = await createProject(ann, 'Mill')
  await expectSynced(ann)
  await ann.context.route(exchanges, (route) => route.abort())
  await createIssue(ann, 'To do', 'Grind the flour')
  await expect(badge(ann)).toHaveAccessibleName(/1 waiting/)
  await ann.page.reload()
  await expect(ann.page.getByRole('link', { name: 'Grind the flour' })).toBeVisible({ timeout: 60_000 })
  await expect(badge(ann)).toHaveAccessibleName(/1 waiting/)
  await ann.context.unroute(exchanges)
  await ann.page.evaluate(() => dispatchEvent(new Event('focus')))
  await expectSynced(ann)
  await go(ann, board)
  expect(await numbersIn(board)).toEqual([1])
})

test('[ING-2] [FM-04] a push whose answer is lost is applied once', async () => {
  const board = await createProject(ann, 'Bakery')
  await expectSynced(ann)
  let lost = 0
  await ann.context.route(exchanges, async (route) => {
    const isPush = (route.request().postData() ?? '').includes('issue.create')
    if (!isPush || lost > 0) return route.continue()
    lost += 1
    await route.fetch()
    await route.abort()
  })
  await createIssue(ann, 'To do', 'Bake the bread')
  await expectSynced(ann)
  expect(lost).toBe(1)
  expect(await numbersIn(board)).toEqual([1])
  await ann.context.unroute(exchanges)
  await createIssue(ann, 'To do', 'Sell the bread')
  await expectSynced(ann)
  expect(await numbersIn(board)).toEqual([1, 2])
})

test('[FM-03] work goes on while the server is down, and arrives when it is back', async ({ server }) => {
  const board = await createProject(ann, 'Forge')
  await createIssue(ann, 'To do', 'Light the fire')
  await expectSynced(ann)
  await server.kill()
  await createIssue(ann, 'To do', 'Shoe the horse')
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Offline · 1 waiting')
  await server.start()
  await ann.page.evaluate(() => dispatchEvent(new Event('focus')))
  await expectSynced(ann)
  expect(await numbersIn(board)).toEqual([1, 2])
})

test('[NET-1] [FM-32] a page of a captive portal is taken for no network, never for data', async () => {
  const board = await createProject(ann, 'Station')
  await expectSynced(ann)
  await ann.context.route(exchanges, (route) =>
    route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Welcome to the train</h1>' }),
  )
  await createIssue(ann, 'To do', 'Buy a ticket')
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Offline · 1 waiting')
  await expect(ann.page.getByRole('link', { name: 'Buy a ticket' })).toBeVisible()
  await ann.context.unroute(exchanges)
  await ann.page.evaluate(() => dispatchEvent(new Event('focus')))
  await expectSynced(ann)
  expect(await numbersIn(board)).toEqual([1])
})

test('[AB-35] without a session there is nothing to exchange, and no list of people in a production build', async ({
  request,
  server,
}) => {
  const people = await request.get(`${server.url}/api/dev/people`)
  expect(people.status()).toBe(404)
  const exchange = await request.post(`${server.url}/api/trpc/sync.exchange`, {
    data: {},
    headers: { 'content-type': 'application/json' },
  })
  expect([401, 403]).toContain(exchange.status())
})

test('[CON-1] going offline and coming back needs no press', async () => {
  await createProject(ann, 'Ferry')
  await expectSynced(ann)
  await goOffline(ann)
  await createIssue(ann, 'To do', 'Cross the river')
  await expect(badge(ann)).toHaveAccessibleName('Sync status: Offline · 1 waiting')
  await goOnline(ann)
  await expectSynced(ann)
})
