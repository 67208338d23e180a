/** The ground under the browser tests: a production server that answers, dies as in a crash, and comes back. */
import { expect, test } from './app'

test('the production server answers, and its pages run under its own security policy', async ({ page }) => {
  const refusals: string[] = []
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) refusals.push(message.text())
  })
  const answer = await page.goto('/')
  expect(answer?.status()).toBe(200)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  expect(refusals).toEqual([])
})

test('[FM-03] a killed server is gone at once, and starts again on what it left behind', async ({ server }) => {
  await server.kill()
  await expect(fetch(server.url)).rejects.toThrow()
  await server.start()
  expect((await fetch(server.url)).status).toBe(200)
})
