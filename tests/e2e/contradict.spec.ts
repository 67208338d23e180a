/**
 * Two people work on one project from two ends of the world. Both lose the network, both go on, and what they do cannot
 * both be true. When they are back, everybody sees the same, and nobody wrote code to merge it.
 */
import { expect, test } from './app'
import {
  addPerson,
  closeIssue,
  createIssue,
  createProject,
  type ExportedData,
  expectSynced,
  exportedData,
  go,
  goOffline,
  goOnline,
  newPerson,
  openIssue,
  type Person,
  projectIdOf,
  projectRows,
  sync,
} from './person'
import { serverRows } from './server-rows'

test('[CON-1] [ORA-1] contradictions made offline end in one state on both devices and the server', async ({
  browser,
  server,
}) => {
  test.setTimeout(300_000)
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url, timezoneId: 'Europe/London' })
  const ben = await newPerson(browser, { name: 'Ben', baseURL: server.url, timezoneId: 'Pacific/Auckland' })
  const board = await createProject(ann, 'Harbour')
  await addPerson(ann, board, ben)
  await createIssue(ann, 'To do', 'Mend the crane')
  await expectSynced(ann)
  await sync(ben)
  await go(ben, board)
  await expect(ben.page.getByRole('link', { name: 'Mend the crane' })).toBeVisible()

  await goOffline(ann)
  await goOffline(ben)
  await workAlone(ann, { comment: 'Parts are here.', issue: 'Paint the shed' })
  await workAlone(ben, { comment: 'I have the keys.', issue: 'Sweep the quay' })
  await goOnline(ann)
  await sync(ann)
  await goOnline(ben)
  await sync(ben)
  await sync(ann)

  await test.step('the later claim is rejected and its author is told by whom', async () => {
    await go(ben, '#/inbox')
    await expect(ben.page.getByText(/Ann/).first()).toBeVisible()
    await go(ben, board)
  })
  await test.step('both issues exist, with numbers of their own', async () => {
    for (const person of [ann, ben]) {
      await expect(person.page.getByRole('link', { name: 'Paint the shed' })).toBeVisible()
      await expect(person.page.getByRole('link', { name: 'Sweep the quay' })).toBeVisible()
    }
  })
  await expectAgreement({ ann, ben, board, server })

  const { tables } = await exportedData(ann)
  expect(tables.issues?.map((issue) => Number(issue.number)).sort()).toEqual([1, 2, 3])
  expect(tables.comments).toHaveLength(2)
  expect(tables.issue_votes?.map((row) => row.total)).toEqual(['4'])
  const crane = tables.issues?.find((issue) => issue.title === 'Mend the crane')
  const annsId = tables.members?.find((member) => member.role === 'owner')?.user_id
  expect(crane?.assignee_id).toBe(annsId)
})

/** Without a network: claims the same issue, votes twice, comments, and creates an issue of their own. */
async function workAlone(person: Person, words: { comment: string; issue: string }): Promise<void> {
  const panel = await openIssue(person, 'Mend the crane')
  await panel.getByRole('button', { name: 'Claim' }).click()
  await expect(panel.getByRole('button', { name: 'Claim' })).toBeHidden()
  for (const votes of [1, 2]) {
    await panel.getByRole('button', { name: /^Vote/ }).click()
    await expect(panel.getByRole('button', { name: `Vote: ${votes} so far` })).toBeVisible()
  }
  await panel.getByLabel('Write a comment').fill(words.comment)
  await panel.getByRole('button', { name: 'Comment', exact: true }).click()
  await expect(panel.getByText(words.comment)).toBeVisible()
  await closeIssue(person)
  await createIssue(person, 'To do', words.issue)
}

interface Agreement {
  readonly ann: Person
  readonly ben: Person
  readonly board: string
  readonly server: Parameters<typeof serverRows>[0]
}

/** Byte for byte: what both hold of the project, and what each holds at all against the server's rows of their audiences. */
async function expectAgreement({ ann, ben, board, server }: Agreement): Promise<void> {
  const [annsData, bensData]: ExportedData[] = [await exportedData(ann), await exportedData(ben)]
  if (!annsData || !bensData) throw new Error('Nothing was exported')
  const projectId = projectIdOf(board)
  expect(projectRows(annsData, projectId)).toBe(projectRows(bensData, projectId))
  for (const data of [annsData, bensData]) {
    expect(data.audiences).toContain(`project:${projectId}`)
    expect(JSON.stringify(data.tables, null, 1)).toBe(await serverRows(server, data.audiences))
  }
}
