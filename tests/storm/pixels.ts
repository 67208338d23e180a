/**
 * How long it takes from a press on one screen to the pixels of another one that asks for nothing: action, exchange,
 * ingest, live tail, live query, paint. Two people in two browser profiles on one board, on the production build.
 */
import { chromium, type Page } from '@playwright/test'
import { ensureChromium } from '../../scripts/chromium'
import { quantile } from '../bench/measure'
import { addPerson, createIssue, createProject, expectSynced, go, newPerson, sync } from '../e2e/person'
import { prepareServer } from '../e2e/server'

/** Milliseconds, one of each change. */
export async function measurePixels(changes: number): Promise<string[]> {
  const server = await prepareServer('embedded')
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: ['--no-sandbox'] })
  try {
    await server.start()
    const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
    const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
    const board = await createProject(ann, 'Harbour')
    // The functions that run in pages come from a loader that names them.
    for (const { page } of [ann, ben]) await page.evaluate('globalThis.__name = (named) => named')
    await addPerson(ann, board, ben)
    await expectSynced(ann)
    await sync(ben)
    await go(ben, board)
    await createIssue(ann, 'To do', 'Mend the crane')
    await seenOn(ben.page, 'Mend the crane')
    await ben.context.route('**/api/trpc/sync.exchange', (route) => route.abort())
    const field = ann.page.getByLabel('Title of the new issue in To do')
    await ann.page.getByRole('button', { name: 'Add issue to To do' }).click()
    const [here, there]: [number[], number[]] = [[], []]
    for (let count = 1; count <= changes; count += 1) {
      const title = `Rope ${count}`
      await field.fill(title)
      const seen = [seenOn(ann.page, title), seenOn(ben.page, title)] as const
      const pressedAtMs = await ann.page.evaluate(() => Date.now())
      await field.press('Enter')
      here.push((await seen[0]) - pressedAtMs)
      there.push((await seen[1]) - pressedAtMs)
    }
    return [...told('on the own screen', here), ...told('on the other screen, by the live tail alone', there)]
  } finally {
    await browser.close()
    await server.remove()
  }
}

/** When the words were painted there, by the one clock of this machine. */
function seenOn(page: Page, title: string): Promise<number> {
  return page.evaluate(
    (words) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.body.innerText.includes(words)) requestAnimationFrame(() => resolve(Date.now()))
          else setTimeout(look, 4)
        }
        look()
      }),
    title,
  )
}

function told(what: string, found: readonly number[]): string[] {
  const [half, most] = [quantile(found, 0.5), quantile(found, 0.95)]
  return [
    `${what}: half within ${half} ms, 95 % within ${most} ms, all within ${Math.max(...found)} ms (${found.length})`,
  ]
}
