/**
 * What somebody waits for at the start, measured in Chromium on the production build: a first visit in a fresh profile, a
 * reload, a second tab; when rows are there and when they are live, what blocks the page meanwhile, and what travels.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { quantile } from '../bench/measure'
import { type Ground, issueLink, prepareGround, settleIn } from './ground'
import { countBytes, type Travelled } from './travelled'

/** Since the navigation began, in milliseconds. */
interface Start {
  /** The issue is on the screen. */
  readonly rowsMs: number
  /** The device's database answers. */
  readonly liveMs: number
  /** Durations of what blocked the page for more than 50 ms until then. */
  readonly blockedMs: readonly number[]
}

const patience = { timeout: 120_000 }

export async function measureStart(times: number): Promise<string[]> {
  const ground = await prepareGround()
  try {
    const first = await ground.launch()
    const [page] = first.pages()
    if (!page) throw new Error('The browser has no page')
    const { board, email } = await settleIn(page, ground.server.url)
    await synced(page)
    await first.close()
    const visits: Visit[] = []
    for (let count = 0; count < times; count += 1) visits.push(await visit(ground, { board, email }))
    const starts = (pick: (visit: Visit) => readonly Start[]) => visits.flatMap(pick)
    return [
      ...told(
        'first visit, from pressing Sign in',
        starts(({ cold }) => [cold]),
      ),
      ...told(
        'reload',
        starts(({ warm }) => warm),
      ),
      ...told(
        'second tab',
        starts(({ second }) => second),
      ),
      ...(visits[0]?.travelled ?? []).map(
        ({ kind, files, bytes }) =>
          `first visit over the wire, ${kind}: ${files} files, ${(bytes / 1_000_000).toFixed(2)} MB`,
      ),
    ]
  } finally {
    await ground.remove()
  }
}

interface Visit {
  readonly cold: Start
  readonly warm: readonly Start[]
  readonly second: readonly Start[]
  readonly travelled: readonly Travelled[]
}

const repeats = 3

/** A browser that was never here: sign-in page, board, reloads, second tabs. */
async function visit(ground: Ground, { board, email }: { board: string; email: string }): Promise<Visit> {
  const profile = await mkdtemp(join(tmpdir(), 'beamline-visit-'))
  const { executablePath, args, server } = ground
  const context = await chromium.launchPersistentContext(profile, {
    ...{ executablePath, args: [...args], baseURL: server.url, locale: 'en-GB' },
  })
  try {
    await ground.prepare(context)
    await context.addInitScript(noteStart)
    const travelled = countBytes(context)
    const [page = await context.newPage()] = context.pages()
    await page.goto(`/app${board}`)
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill('a long enough password')
    // Who signs in takes a while to type: what is loaded meanwhile is there.
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    const pressedMs = await page.evaluate(() => performance.now())
    await page.getByRole('button', { name: 'Sign in' }).click()
    const cold = since(await started(page), pressedMs)
    await synced(page)
    const arrived = await travelled()
    const warm: Start[] = []
    for (let count = 0; count < repeats; count += 1) {
      await page.reload()
      warm.push(await started(page))
    }
    const second: Start[] = []
    for (let count = 0; count < repeats; count += 1) second.push(await secondTab(context, board))
    return { cold, warm, second, travelled: arrived }
  } finally {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
}

async function secondTab(context: BrowserContext, board: string): Promise<Start> {
  const page = await context.newPage()
  await page.goto(`/app${board}`)
  const start = await started(page)
  await page.close()
  return start
}

function since({ rowsMs, liveMs, blockedMs }: Start, ms: number): Start {
  return { rowsMs: rowsMs - ms, liveMs: liveMs - ms, blockedMs }
}

async function started(page: Page): Promise<Start> {
  await page.waitForFunction(() => window.start?.liveMs !== undefined && window.start.rowsMs !== undefined, undefined, {
    ...patience,
  })
  return page.evaluate(() => window.start as unknown as Start)
}

async function synced(page: Page): Promise<void> {
  await issueLink(page, 'Calm').waitFor(patience)
  await page.getByRole('button', { name: 'Sync status: Synced' }).locator('visible=true').waitFor(patience)
}

declare global {
  interface Window {
    start?: { rowsMs?: number; liveMs?: number; blockedMs: number[] }
  }
}

/** Runs in the page, before its scripts. */
function noteStart(): void {
  const start: NonNullable<Window['start']> = { blockedMs: [] }
  window.start = start
  new PerformanceObserver((list) => {
    if (start.liveMs === undefined) for (const entry of list.getEntries()) start.blockedMs.push(entry.duration)
  }).observe({ type: 'longtask', buffered: true })
  const look = () => {
    const now = performance.now()
    const isThere = [...document.querySelectorAll('a')].some((link) => link.textContent?.includes('Calm'))
    if (isThere) start.rowsMs ??= now
    const label = document.querySelector('[aria-label^="Sync status:"]')?.getAttribute('aria-label')
    if (isThere && label && !/Starting|Loading/.test(label)) start.liveMs ??= now
    if (start.liveMs === undefined) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

function told(what: string, starts: readonly Start[]): string[] {
  const line = (part: string, figures: readonly number[]) =>
    `${what}, ${part}: p50 ${Math.round(quantile(figures, 0.5))} ms, most ${Math.round(Math.max(...figures))} ms (${figures.length} times)`
  const blocked = starts.flatMap(({ blockedMs }) => blockedMs)
  return [
    line(
      'to rows',
      starts.map(({ rowsMs }) => rowsMs),
    ),
    line(
      'to live rows',
      starts.map(({ liveMs }) => liveMs),
    ),
    `${what}, page blocked: ${blocked.length} long tasks in ${starts.length} starts, the longest ${Math.round(Math.max(0, ...blocked))} ms`,
  ]
}
