/**
 * Somebody's device shows the wrong time by a year, in its pages and its workers alike. Their work is done at once and
 * accepted, nobody is asked anything, and when the clock is right again everything is on the server once.
 */
import { type Clock, decodeClock } from '@/lib/sync/core/hlc'
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
const exchanges = '**/api/trpc/sync.exchange*'

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

/** How far the clocks of actions were ahead of the time when they were offered to the server, by action, in order. */
function watchOffers({ context }: Person): ReadonlyMap<string, number[]> {
  const offers = new Map<string, number[]>()
  context.on('request', (request) => {
    if (!request.url().includes('/sync.exchange')) return
    const { actions } = request.postDataJSON() as { actions: readonly { id: string; clock: string }[] }
    for (const { id, clock } of actions)
      offers.set(id, [...(offers.get(id) ?? []), decodeClock(clock as Clock).ms - Date.now()])
  })
  return offers
}

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

    // The clock goes wrong, and nobody tells the device before it has done something.
    await ann.context.route(exchanges, (route) => route.abort())
    await wearClock(ann, offMs)
    await ann.page.reload()
    expect(Math.abs((await ann.page.evaluate(() => Date.now())) - offMs - Date.now())).toBeLessThan(hourMs)
    await createIssue(ann, 'To do', 'Oil the hinge')
    await expect(badge(ann)).toHaveAccessibleName(/1 waiting/)
    const offers = watchOffers(ann)
    await ann.context.unroute(exchanges)
    await ann.page.evaluate(() => dispatchEvent(new Event('focus')))
    await expectSynced(ann)

    // By now it knows how wrong its clock is.
    await goOffline(ann)
    await createIssue(ann, 'To do', 'Sweep the dome')
    await createIssue(ann, 'To do', 'Count the stars')
    await expect(badge(ann)).toHaveAccessibleName('Sync status: Offline · 2 waiting')
    await goOnline(ann)
    await expectSynced(ann)

    // The clock is put right, and what the device knows of it is wrong.
    await goOffline(ann)
    await createIssue(ann, 'To do', 'Draw the moon')
    await setClock(ann, 0)
    await createIssue(ann, 'To do', 'Close the shutter')
    await goOnline(ann)
    await expectSynced(ann)
    await expectNothingAsked(ann)

    const aheadMs = [...offers.values()]
    expect(aheadMs.flat().some((ms) => ms > yearMs / 2)).toBe(true)
    // What the server took in the end.
    for (const ms of aheadMs) expect(Math.abs(ms.at(-1) ?? yearMs)).toBeLessThan(hourMs)
    await sync(ben)
    await expectSameIssues({ ann, ben, board })
  })
}

const titles = [
  ...['Polish the lens', 'Oil the hinge', 'Sweep the dome', 'Count the stars'],
  ...['Draw the moon', 'Close the shutter'],
]

/** Each of them once, in the order in which they were made, from today, and byte for byte the same. */
async function expectSameIssues({ ann, ben, board }: { ann: Person; ben: Person; board: string }): Promise<void> {
  await go(ben, board)
  for (const title of titles) await expect(issue(ben, title)).toHaveCount(1)
  const [hers, his] = [await exportedData(ann), await exportedData(ben)]
  expect(projectRows(hers, projectIdOf(board))).toBe(projectRows(his, projectIdOf(board)))
  const made = (his.tables.issues ?? []).toSorted((left, right) => Number(left.number) - Number(right.number))
  expect(made.map(({ title }) => title)).toEqual(titles)
  for (const { created_at: at } of made) {
    expect(Math.abs(atMs(at ?? '') - Date.now()), `created at ${at}`).toBeLessThan(hourMs)
  }
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
