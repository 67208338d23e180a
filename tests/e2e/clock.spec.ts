/**
 * Somebody's device shows the wrong time by a year, in its pages and its workers alike. Their work is done at once and
 * accepted, nobody is asked anything, and when the clock is right again everything is on the server once.
 */
import { expect, test } from './app'
import {
  addPerson,
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
  projectRows,
  sync,
} from './person'

// Each reload opens the database anew, and there are two people.
test.describe.configure({ timeout: 240_000 })

const yearMs = 365 * 24 * 60 * 60 * 1000
const hourMs = 60 * 60 * 1000

/** From the next load on, pages and workers read a clock that is off by so much, until `setClock` sets it anew. */
async function wearClock(person: Person, offMs: number): Promise<void> {
  const script = `(${shiftClock})(${offMs});\n`
  await person.page.addInitScript(script)
  await person.context.route('**/_next/static/**/*.js', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: script + (await response.text()) })
  })
}

/** Runs in the page and in its workers, before their scripts. */
function shiftClock(startMs: number): void {
  const place = globalThis as typeof globalThis & { isClockShifted?: true }
  if (place.isClockShifted) return
  place.isClockShifted = true
  let offMs = startMs
  const TrueDate = Date
  const now = () => TrueDate.now() + offMs
  place.Date = new Proxy(TrueDate, {
    construct: (target, given, self) => Reflect.construct(target, given.length === 0 ? [now()] : given, self),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
  new BroadcastChannel('clock of a test').addEventListener('message', ({ data }) => {
    offMs = data
  })
}

const setClock = ({ page }: Person, offMs: number) =>
  page.evaluate((ms) => new BroadcastChannel('clock of a test').postMessage(ms), offMs)

const issue = ({ page }: Person, title: string) => page.getByRole('link', { name: title })

for (const [how, offMs] of [
  ['ahead', yearMs],
  ['behind', -yearMs],
] as const) {
  test(`[HLC-2, HLC-3, HLC-4, CON-1] [FM-41, FM-42, FM-43] a clock a year ${how}: the work is done at once, accepted, and there once`, async ({
    browser,
    server,
  }) => {
    const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url, serviceWorkers: 'block' })
    const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
    const board = await createProject(ann, 'Observatory')
    await createIssue(ann, 'To do', 'Polish the lens')
    await addPerson(ann, board, ben)
    await sync(ann)
    await wearClock(ann, offMs)
    await ann.page.reload()
    expect(Math.abs((await ann.page.evaluate(() => Date.now())) - offMs - Date.now())).toBeLessThan(hourMs)

    await createIssue(ann, 'To do', 'Oil the hinge')
    await expectSynced(ann)
    await goOffline(ann)
    await createIssue(ann, 'To do', 'Sweep the dome')
    await createIssue(ann, 'To do', 'Count the stars')
    await expect(badge(ann)).toHaveAccessibleName('Sync status: Offline · 2 waiting')
    await goOnline(ann)
    await expectSynced(ann)

    await goOffline(ann)
    await createIssue(ann, 'To do', 'Draw the moon')
    await setClock(ann, 0)
    await createIssue(ann, 'To do', 'Close the shutter')
    await goOnline(ann)
    await expectSynced(ann)
    await expectNothingAsked(ann)

    await sync(ben)
    await go(ben, board)
    const titles = ['Polish the lens', 'Oil the hinge', 'Sweep the dome', 'Count the stars', 'Draw the moon']
    for (const title of [...titles, 'Close the shutter']) await expect(issue(ben, title)).toHaveCount(1)
    const [hers, his] = [await exportedData(ann), await exportedData(ben)]
    expect(projectRows(hers, projectIdOf(board))).toBe(projectRows(his, projectIdOf(board)))
    const made = (his.tables.issues ?? []).map((row) => ({ number: Number(row.number), at: row.created_at ?? '' }))
    made.sort((left, right) => left.number - right.number)
    expect(made.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6])
    for (const { at } of made) expect(Math.abs(atMs(at) - Date.now()), `created at ${at}`).toBeLessThan(hourMs)
  })
}

/** As Postgres writes it in UTC. */
const atMs = (text: string) => Date.parse(text.replace(' ', 'T').replace(/\+00$/, 'Z'))

/** A wrong clock is put right without a word (HLC-3): no question, and no news of what was done. */
async function expectNothingAsked(person: Person): Promise<void> {
  for (const role of ['dialog', 'alertdialog'] as const) await expect(person.page.getByRole(role)).toHaveCount(0)
  await go(person, '#/inbox')
  await expect(person.page.getByRole('heading', { name: 'Inbox' })).toBeVisible()
  for (const word of ['rejected', 'refused', 'held'])
    await expect(person.page.getByRole('main').getByText(word)).toHaveCount(0)
}
