/** People come and go: what somebody no longer holds leaves their browser, whatever they did with it meanwhile. */
import { expect, test } from './app'
import {
  addPerson,
  createIssue,
  createProject,
  expectSynced,
  exportedData,
  go,
  goOffline,
  goOnline,
  newPerson,
  projectIdOf,
  projectRows,
  sync,
} from './person'

test('[AUD-5] [FM-68] somebody is removed while offline: nothing of the project stays, and their work there is answered', async ({
  browser,
  server,
}) => {
  test.setTimeout(240_000)
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url })
  const board = await createProject(ann, 'Archive')
  await createIssue(ann, 'To do', 'Sort the letters')
  await addPerson(ann, board, ben)
  await sync(ann)
  await sync(ben)
  await go(ben, board)
  await expect(ben.page.getByRole('link', { name: 'Sort the letters' })).toBeVisible()

  await goOffline(ben)
  await createIssue(ben, 'To do', 'Burn the letters')
  await go(ann, board.replace('/board', '/people'))
  await ann.page.getByRole('button', { name: 'Remove Ben' }).click()
  await ann.page.getByRole('button', { name: 'Remove person' }).click()
  await sync(ann)

  await goOnline(ben)
  await expectSynced(ben)
  await expect(ben.page.getByRole('link', { name: 'Sort the letters' })).toBeHidden()
  await expect(ben.page.getByRole('link', { name: 'Burn the letters' })).toBeHidden()
  await go(ben, '#/inbox')
  await expect(ben.page.getByRole('main')).toContainText('was refused')
  const left = await exportedData(ben)
  expect(left.audiences).not.toContain(`project:${projectIdOf(board)}`)
  expect(JSON.parse(projectRows(left, projectIdOf(board)))).toEqual(
    Object.fromEntries(Object.keys(left.tables).map((table) => [table, []])),
  )
  await go(ann, board)
  await expect(ann.page.getByRole('link', { name: 'Sort the letters' })).toBeVisible()
  await expect(ann.page.getByRole('link', { name: 'Burn the letters' })).toBeHidden()
})
