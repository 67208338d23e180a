/**
 * The server is gone, and people open the app all the same: a reload, a new tab, the browser started again. Their data is
 * there, they work, and what they did arrives when the server is back.
 */
import type { Page } from '@playwright/test'
import { expect, test } from './app'
import { badge, createIssue, createProject, expectSynced, newPerson } from './person'

/** The browser has kept a whole build, and this page is in its hands. */
async function expectKept(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state ?? 'none'), { timeout: 90_000 })
    .toBe('activated')
}

/**
 * What the scripts of this page come as. `basic`: the very answers that were kept. Of others the browser does not keep what
 * it compiled, and compiles all of it again at each visit.
 */
const kindsOfScripts = (page: Page) =>
  page.evaluate(async () => {
    const scripts = [...document.querySelectorAll<HTMLScriptElement>('script[src]')]
    return [...new Set(await Promise.all(scripts.map(async ({ src }) => (await fetch(src)).type)))]
  })

test('[TAB-3] with the server down, a reload and a new tab open the app with its data, and work goes on', async ({
  browser,
  server,
}) => {
  test.setTimeout(240_000)
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const board = await createProject(ann, 'Regatta')
  await createIssue(ann, 'To do', 'Mast')
  await expectSynced(ann)
  await expectKept(ann.page)
  await server.kill()

  await ann.page.reload()
  await expect(ann.page.getByRole('link', { name: 'Mast' })).toBeVisible({ timeout: 60_000 })
  expect(await kindsOfScripts(ann.page)).toEqual(['basic'])
  await createIssue(ann, 'To do', 'Sail')
  await expect(badge(ann)).toHaveAccessibleName(/Offline/, { timeout: 60_000 })

  const second = await ann.context.newPage()
  await second.goto(`/app${board}`)
  await expect(second.getByRole('link', { name: 'Sail' })).toBeVisible({ timeout: 60_000 })
  await second.close()

  await server.start()
  await expectSynced(ann)
  await ann.context.close()
})

test('the app can be installed: manifest, icons and start page are there, and belong together', async ({ server }) => {
  const manifest = await (await fetch(`${server.url}/manifest.webmanifest`)).json()
  expect(manifest).toMatchObject({ display: 'standalone', start_url: '/app' })
  for (const { src, type } of manifest.icons) {
    const answer = await fetch(`${server.url}${src}`)
    expect([src, answer.status, answer.headers.get('content-type')]).toEqual([src, 200, type])
  }
  const worker = await fetch(`${server.url}/sw.js`)
  expect(worker.headers.get('cache-control')).toBe('no-cache')
  const kept = [...(await worker.text()).matchAll(/"(\/[^"\\]+\.(?:js|css|wasm|data|woff2|svg|png|webmanifest))"/g)]
  expect(kept.length).toBeGreaterThan(10)
  for (const [, path] of kept) expect([path, (await fetch(`${server.url}${path}`)).status]).toEqual([path, 200])
})
