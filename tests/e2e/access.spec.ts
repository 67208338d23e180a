/** Screens for everybody: checked by axe at phone and desktop width, light and dark, and used with the keyboard alone. */
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './app'
import { createIssue, createProject, expectSynced, go, newPerson, openIssue, type Person } from './person'

const widths = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
] as const

test('no screen has a serious fault for people with assistive technology', async ({ browser, server }) => {
  test.setTimeout(300_000)
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  const board = await createProject(ann, 'Garden')
  await createIssue(ann, 'To do', 'Water the roses')
  const screens = [
    '#/',
    board,
    board.replace('/board', '/list'),
    board.replace('/board', '/people'),
    '#/inbox',
    '#/focus',
    '#/settings',
  ]
  for (const colorScheme of ['light', 'dark'] as const) {
    await ann.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const size of widths) {
      await ann.page.setViewportSize(size)
      for (const screen of screens) {
        await go(ann, screen)
        await expect(ann.page.getByRole('heading').first()).toBeVisible()
        await expectAccessible(ann, `${screen} ${colorScheme} ${size.width}`)
      }
    }
  }
  await go(ann, board)
  await openIssue(ann, 'Water the roses')
  await expectAccessible(ann, 'issue')
})

async function expectAccessible({ page }: Person, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(serious.map(({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html}`)).toEqual([])
}

test('a card moves to the next column by keyboard, and the move reaches the server', async ({ browser, server }) => {
  const ann = await newPerson(browser, { name: 'Ann', baseURL: server.url })
  await createProject(ann, 'Kitchen')
  await createIssue(ann, 'To do', 'Boil the water')
  await ann.page.getByRole('button', { name: /^Move .* with the arrow keys$/ }).focus()
  await ann.page.keyboard.press('Space')
  await ann.page.keyboard.press('ArrowRight')
  await ann.page.keyboard.press('Space')
  const inProgress = ann.page.getByRole('region', { name: /In progress/ })
  await expect(inProgress.getByRole('link', { name: 'Boil the water' })).toBeVisible()
  await expectSynced(ann)
})
