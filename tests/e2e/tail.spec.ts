/**
 * Ann and Ben look at one board in two browsers. What Ann does is on Ben's screen at once: the server tells it, Ben's
 * browser asks nothing. To be sure of that, its exchanges are cut off meanwhile.
 */
import { schemaFingerprint } from '../../db/migrations'
import { expect, test } from './app'
import { addPerson, createIssue, createProject, expectSynced, go, newPerson, otherBrowser, sync } from './person'

const exchanges = '**/api/trpc/sync.exchange'
const polls = /\/api\/shapes\/log\?.*live=true/
const mustRefetch = JSON.stringify([{ headers: { control: 'must-refetch' } }])
/** Of one person, on one server. */
const waitingMax = 32

test('[SHP-4] what one person does appears on the screen of another, who asks for nothing', async ({
  browser,
  server,
}) => {
  test.setTimeout(240_000)
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
  const board = await createProject(ann, 'Harbour')
  await addPerson(ann, board, ben)
  await expectSynced(ann)
  await sync(ben)
  await go(ben, board)
  await createIssue(ann, 'To do', 'Mend the crane')
  await expect(ben.page.getByRole('link', { name: 'Mend the crane' })).toBeVisible()

  await ben.context.route(exchanges, (route) => route.abort())
  for (const title of ['Paint the shed', 'Sweep the quay', 'Oil the winch']) {
    await createIssue(ann, 'To do', title)
    await expect(ben.page.getByRole('link', { name: title })).toBeVisible({ timeout: 15_000 })
  }

  await test.step('who hangs up frees the place they had on the server', async () => {
    const ask = (address: string, timeout?: number) =>
      ann.context.request.get(`/api/shapes/log?${address}`, {
        headers: { 'x-beamline-schema': schemaFingerprint },
        ...(timeout === undefined ? {} : { timeout }),
      })
    const now = (await ask('offset=now')).headers()
    const live = `live=true&handle=${now['electric-handle']}&offset=${now['electric-offset']}`
    const polls = Array.from({ length: waitingMax }, () => ask(live, 2_000).catch(() => null))
    await expect.poll(async () => (await ask('offset=now')).status()).toBe(429)
    await Promise.all(polls)
    // Long before the twenty seconds of a poll are over.
    await expect.poll(async () => (await ask('offset=now')).status(), { timeout: 8_000 }).toBe(200)
  })

  await test.step('what Ben does then is sent as ever', async () => {
    await ben.context.unroute(exchanges)
    await createIssue(ben, 'To do', 'Count the ropes')
    await expect(ann.page.getByRole('link', { name: 'Count the ropes' })).toBeVisible()
    await expectSynced(ben)
  })
})

test('[SHP-4, REC-1] [FM-25] [FM-33] [FM-35] a stream that is cut or ended again and again: rows stay, what comes counts once, one exchange at a time', async ({
  browser,
  server,
}) => {
  test.setTimeout(240_000)
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const there = await otherBrowser(browser, ann, { baseURL: server.url })
  const board = await createProject(ann, 'Lighthouse')
  await createIssue(ann, 'To do', 'Wind the clock')
  await sync(ann)
  await go(there, board)
  const shown = (title: string) => there.page.getByRole('link', { name: title })
  await expect(shown('Wind the clock')).toHaveCount(1, { timeout: 60_000 })

  await test.step('a proxy cuts each poll', async () => {
    let cuts = 0
    await there.context.route(polls, async (route) => {
      cuts += 1
      await route.abort('connectionreset')
    })
    await createIssue(ann, 'To do', 'Fill the lamp')
    await expect.poll(() => cuts, { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
    await expect(shown('Wind the clock')).toHaveCount(1)
    await there.context.unroute(polls)
    await expect(shown('Fill the lamp')).toHaveCount(1, { timeout: 60_000 })
  })

  await test.step('the server ends the shape at each poll', async () => {
    const endedAtMs: number[] = []
    await there.context.route(polls, async (route) => {
      endedAtMs.push(Date.now())
      const headers = { 'x-beamline': '1', 'electric-handle': '9-9' }
      await route.fulfill({ status: 409, headers, contentType: 'application/json', body: mustRefetch })
    })
    await createIssue(ann, 'To do', 'Polish the lens')
    await expect.poll(() => endedAtMs.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(4)
    await expect(shown('Wind the clock')).toHaveCount(1)
    // Ever more rarely, not as fast as the server answers.
    const pauses = endedAtMs.slice(1).map((atMs, index) => atMs - (endedAtMs[index] ?? 0))
    expect(Math.max(...pauses)).toBeGreaterThan(500)
    await there.context.unroute(polls)
    await expect(shown('Polish the lens')).toHaveCount(1, { timeout: 60_000 })
  })

  await test.step('the network, the window, a timer and a press at once', async () => {
    let underWay = 0
    let most = 0
    let count = 0
    await there.context.route(exchanges, async (route) => {
      underWay += 1
      count += 1
      most = Math.max(most, underWay)
      const response = await route.fetch()
      underWay -= 1
      await route.fulfill({ response })
    })
    await there.page.evaluate(() => {
      for (let times = 0; times < 5; times += 1) {
        dispatchEvent(new Event('online'))
        dispatchEvent(new Event('focus'))
        document.dispatchEvent(new Event('visibilitychange'))
      }
    })
    await createIssue(there, 'To do', 'Sweep the stairs')
    await sync(there)
    expect(count).toBeGreaterThanOrEqual(2)
    expect(most).toBe(1)
    await expect(ann.page.getByRole('link', { name: 'Sweep the stairs' })).toHaveCount(1)
  })
})
