/** A browser ends at a bad moment, and the next one finds all or nothing of what it was about. */
import { expect, test } from './app'
import {
  createIssue,
  createProject,
  expectSynced,
  exportedData,
  newPerson,
  projectIdOf,
  projectRows,
  sync,
} from './person'

const exchanges = '**/api/trpc/sync.exchange'

test('[SNAP-1] [FM-07] a browser that dies while its first rows arrive begins anew, and has all of them', async ({
  browser,
  server,
}) => {
  test.setTimeout(240_000)
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const board = await createProject(ann, 'Attic')
  for (const title of ['Open the chest', 'Dust the chairs', 'Mend the roof']) await createIssue(ann, 'To do', title)
  await sync(ann)

  const context = await browser.newContext({ baseURL: server.url, serviceWorkers: 'block' })
  await context.addCookies(await ann.context.cookies())
  await test.step('before the answer', async () => {
    const page = await context.newPage()
    await context.route(exchanges, () => undefined)
    const asked = page.waitForRequest(exchanges)
    await page.goto('/app')
    await asked
    await page.close()
    await context.unroute(exchanges)
  })
  for (const time of ['first', 'second']) {
    await test.step(`with the answer, a ${time} time`, async () => {
      const page = await context.newPage()
      const answered = page.waitForResponse(exchanges)
      await page.goto('/app')
      await (await answered).finished()
      await page.close()
    })
  }
  const there = { ...ann, context, page: await context.newPage() }
  await there.page.goto(`/app${board}`)
  await expectSynced(there)
  await expect(there.page.getByRole('link', { name: 'Mend the roof' })).toBeVisible()
  const rowsOf = async (person: typeof ann) => projectRows(await exportedData(person), projectIdOf(board))
  expect(await rowsOf(there)).toBe(await rowsOf(ann))
})
