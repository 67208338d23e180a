/**
 * Ann and Ben look at one board in two browsers. What Ann does is on Ben's screen at once: the server tells it, Ben's
 * browser asks nothing. To be sure of that, its exchanges are cut off meanwhile.
 */
import { schemaFingerprint } from '../../db/migrations'
import { expect, test } from './app'
import { addPerson, createIssue, createProject, expectSynced, go, newPerson, sync } from './person'

const exchanges = '**/api/trpc/sync.exchange'
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
