/**
 * Kills a browser in the middle of a storm of actions, again and again, as a crash or a power cut of the machine's owner
 * would, and looks each time at what it left behind: nothing acknowledged is lost, nothing is there twice (EXE-1, FM-02).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { type BrowserContext, chromium } from '@playwright/test'
import { type Chance, chanceOf } from '../sim/chance'
import { type Ground, issueLink, prepareGround, settleIn, stormInput } from './ground'
import { Probe, type StormInput } from './probe'

export interface KillReport {
  readonly kills: number
  readonly acknowledged: number
  /** There after a kill although nobody had heard of it: begun, and cut off before the answer. */
  readonly unheard: number
  readonly lost: readonly string[]
  readonly twice: readonly string[]
}

/** Milliseconds between two actions. */
const everyMs = 30
const stormMsMax = 2_000
const launchDeadlineMs = 60_000

export async function killBrowsers(kills: number, seed: number): Promise<KillReport> {
  const ground = await prepareGround()
  try {
    return await campaign(ground, kills, seed)
  } finally {
    await ground.remove()
  }
}

async function campaign(ground: Ground, kills: number, seed: number): Promise<KillReport> {
  const acknowledged = new Set<string>()
  const onDone = (title: string) => void acknowledged.add(title)
  const browser = await launch(ground)
  const [page] = browser.context.pages()
  const { userId, board } = await settleIn(page ?? (await browser.context.newPage()), ground.server.url)
  const address = `${ground.server.url}/app${board}`
  const open = (context: BrowserContext) => Probe.open(context, { url: ground.server.url, userId, onDone })
  const first = await open(browser.context)
  const input = stormInput(board, (await first.exported()).tables)
  await storm(first, { input, label: 'Gust 0', chance: chanceOf(seed, 1) })
  await browser.kill()
  for (let count = 1; count <= kills; count += 1) {
    const next = await launch(ground)
    await openBoard(next.context, address)
    const probe = await open(next.context)
    const found = judge(await titlesOf(probe), acknowledged)
    if (found.lost.length > 0 || found.twice.length > 0) return { kills: count, ...found }
    await storm(probe, { input, label: `Gust ${count}`, chance: chanceOf(seed, count + 1) })
    await next.kill()
  }
  const last = await launch(ground)
  await openBoard(last.context, address)
  const probe = await open(last.context)
  // From here on what counts is what the server has.
  await probe.syncNow()
  await probe.loadAnew()
  const report = { kills: kills + 1, ...judge(await titlesOf(probe), acknowledged) }
  await last.kill()
  return report
}

async function storm(
  probe: Probe,
  { input, label, chance }: { readonly input: StormInput; readonly label: string; readonly chance: Chance },
): Promise<void> {
  await probe.storm(input, everyMs, label)
  await delay(Math.floor(chance.next() * stormMsMax))
}

async function openBoard(context: BrowserContext, address: string): Promise<void> {
  const page = await context.newPage()
  await page.goto(address)
  await issueLink(page, 'Calm').waitFor({ timeout: 120_000 })
}

async function titlesOf(probe: Probe): Promise<string[]> {
  const { tables } = await probe.exported()
  return (tables.issues ?? []).map((row) => row.title ?? '').filter((title) => title.startsWith('Gust'))
}

function judge(titles: readonly string[], acknowledged: ReadonlySet<string>): Omit<KillReport, 'kills'> {
  const present = new Set(titles)
  return {
    acknowledged: acknowledged.size,
    unheard: [...present].filter((title) => !acknowledged.has(title)).length,
    lost: [...acknowledged].filter((title) => !present.has(title)),
    twice: titles.filter((title, place) => titles.indexOf(title) !== place),
  }
}

interface Killable {
  readonly context: BrowserContext
  /** The whole browser, without a word. */
  kill(): Promise<void>
}

/** In a process group of its own, because a browser is many processes. */
async function launch({ executablePath, args, profile, prepare }: Ground): Promise<Killable> {
  const words = [...args, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank']
  const child = spawn(executablePath, words, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const browser = await chromium.connectOverCDP(await addressOf(child))
  const [context] = browser.contexts()
  if (!context) throw new Error('The browser has no context')
  await prepare(context)
  return {
    context,
    kill: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error('The browser did not start')), launchDeadlineMs)
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      const found = /DevTools listening on (ws:\S+)/.exec(text)
      if (!found?.[1]) return
      clearTimeout(giveUp)
      resolve(found[1])
    })
  })
}
