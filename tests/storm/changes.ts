/** Changes of leader under load, measured from outside: a tab that does nothing but ask, and note when it was answered. */
import { setTimeout as delay } from 'node:timers/promises'
import type { BrowserContext, Page } from '@playwright/test'
import { issueLink, prepareGround, settleIn, stormInput } from './ground'
import { type Heard, Probe, type StormInput } from './probe'

interface Change {
  /** From the end of the leading tab to the first word of the next leader. */
  readonly electionMs: number
  /** The same from when the browser said that the tab is closed. */
  readonly afterClosingMs: number
  /** From there to an open database. */
  readonly startMs: number
  /** From the end of the leading tab to the first answer of the next leader, without the start. */
  readonly firstAnswerMs: number
  /** From the end of the leading tab to the last answer for what was under way or asked meanwhile, without the start. */
  readonly besideStartMs: number
  readonly underWay: number
}

/** An action each: more than a person does in all tabs, and less than a leader can. */
const stormMs = 200
const beforeMs = 1_500
const changeDeadlineMs = 90_000

export async function measureTabs(changes: number): Promise<string[]> {
  const ground = await prepareGround()
  try {
    const context = await ground.launch()
    const [first] = context.pages()
    if (!first) throw new Error('The browser has no page')
    const { userId, board } = await settleIn(first, ground.server.url)
    const joins = await repeated(5, () => timeToRows(context, board, first))
    const probe = await Probe.open(context, { url: ground.server.url, userId })
    const input = stormInput(board, (await probe.exported()).tables)
    const found: Change[] = []
    let leading = first
    for (let count = 1; count <= changes; count += 1) {
      const next = await openTab(context, board)
      found.push(await measureChange(probe, { leading, input, label: `Gust ${count}` }))
      leading = next
    }
    const { answered, twice } = await probe.heard()
    const warm = await repeated(5, () => timeToReload(leading))
    await context.close()
    const failures = answered.filter((one) => one.failure !== null)
    return [
      ...report('second tab: from its address to its rows', joins),
      ...report('the only tab loaded again: from its address to its rows', warm),
      ...report(
        'change of leader: until the next one is there',
        found.map((change) => change.electionMs),
      ),
      ...report(
        'change of leader: the same, from when the tab is closed',
        found.map((change) => change.afterClosingMs),
      ),
      ...report(
        'change of leader: opening the database (a warm start)',
        found.map((change) => change.startMs),
      ),
      ...report(
        'change of leader: the first answer, without the warm start',
        found.map((change) => change.firstAnswerMs),
      ),
      ...report(
        'change of leader: all answers, without the warm start',
        found.map((change) => change.besideStartMs),
      ),
      `actions under way in a change: ${found.reduce((sum, change) => sum + change.underWay, 0)}; answered ${answered.length}, of them failed ${failures.length}, answered twice ${twice}`,
    ]
  } catch (error) {
    const said = ground.heard.slice(-30).join('\n')
    throw new Error(`${String(error)}\n${said}`, { cause: error })
  } finally {
    await ground.remove()
  }
}

async function openTab(context: BrowserContext, board: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`/app${board}`)
  await issueLink(page, 'Calm').waitFor({ timeout: 120_000 })
  return page
}

async function timeToRows(context: BrowserContext, board: string, first: Page): Promise<number> {
  const page = await context.newPage()
  await page.addInitScript(noteRows)
  await page.goto(`/app${board}`)
  const ms = await page.waitForFunction(() => window.rowsAtMs, undefined, { timeout: 120_000 })
  const found = Number(await ms.jsonValue())
  await page.close()
  await first.bringToFront()
  return found
}

async function timeToReload(page: Page): Promise<number> {
  await page.addInitScript(noteRows)
  await page.reload()
  const ms = await page.waitForFunction(() => window.rowsAtMs, undefined, { timeout: 120_000 })
  return Number(await ms.jsonValue())
}

declare global {
  interface Window {
    rowsAtMs: number
  }
}

/** Runs in the page, before its scripts: notes when the issue is first there, since the navigation began. */
function noteRows(): void {
  const look = () => {
    const isThere = [...document.querySelectorAll('a')].some((link) => link.textContent?.includes('Calm'))
    if (isThere) window.rowsAtMs = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

async function measureChange(
  probe: Probe,
  { leading, input, label }: { leading: Page; input: StormInput; label: string },
): Promise<Change> {
  const before = await probe.heard()
  await probe.storm(input, stormMs, label)
  await delay(beforeMs)
  const endMs = Date.now()
  await leading.close()
  const closedMs = Date.now()
  const opened = await until(probe, (heard) => openedAfter(heard, before) !== undefined)
  await probe.stop()
  const after = await until(probe, (heard) => heard.waiting === 0)
  const term = Math.max(...opened.leaders.map((leader) => leader.term))
  const firstWord = opened.leaders.find((leader) => leader.term === term)?.atMs ?? endMs
  const openMs = openedAfter(opened, before)?.atMs ?? endMs
  const concerned = after.answered.filter((one) => one.answeredAtMs > endMs && one.askedAtMs <= openMs)
  const waits = concerned.map((one) => one.answeredAtMs - Math.max(one.askedAtMs, endMs))
  const startMs = openMs - firstWord
  const answersMs = concerned.map((one) => one.answeredAtMs).filter((atMs) => atMs >= openMs)
  return {
    electionMs: firstWord - endMs,
    afterClosingMs: Math.max(0, firstWord - closedMs),
    startMs,
    firstAnswerMs: Math.min(...answersMs) - endMs - startMs,
    besideStartMs: Math.max(0, ...waits) - startMs,
    underWay: concerned.length,
  }
}

function openedAfter(heard: Heard, before: Heard) {
  const former = Math.max(0, ...before.leaders.map((leader) => leader.term))
  return heard.leaders.find((leader) => leader.term > former && leader.isOpen)
}

async function until(probe: Probe, isSo: (heard: Heard) => boolean): Promise<Heard> {
  const giveUpMs = Date.now() + changeDeadlineMs
  for (;;) {
    const heard = await probe.heard()
    if (isSo(heard)) return heard
    if (Date.now() > giveUpMs) throw new Error(`Nobody answered: ${JSON.stringify(heard.leaders.slice(-4))}`)
    await delay(50)
  }
}

async function repeated(times: number, measure: () => Promise<number>): Promise<number[]> {
  const found: number[] = []
  for (let count = 0; count < times; count += 1) found.push(await measure())
  return found
}

function report(what: string, figures: readonly number[]): string[] {
  const sorted = [...figures].sort((left, right) => left - right)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  return [`${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (${sorted.length} times)`]
}
