/**
 * Finds a Chromium for the browser tests, or brings one. Run alone it makes sure that there is one:
 * `node --import tsx scripts/chromium.ts`.
 *
 * A browser of the system comes first: Playwright's own download fails behind many firewalls.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const usualPlaces = [
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]
const downloadTimeoutMs = 180_000

/** The path of a Chromium or Chrome that is already here, or null. */
export function findChromium(): string | null {
  const wanted = process.env.PW_CHROMIUM
  if (wanted !== undefined && wanted !== '') {
    if (existsSync(wanted)) return wanted
    throw new Error(`PW_CHROMIUM is "${wanted}", and there is no such file. Correct it, or unset it to search.`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onPath, ...usualPlaces, chromium.executablePath()].find((path) => existsSync(path)) ?? null
}

/** Finds one, or downloads Playwright's, or installs the system's where this process may. Throws when all fail. */
export function ensureChromium(): string {
  const attempts: (() => void)[] = [() => undefined, downloadWithPlaywright, installWithApt]
  for (const attempt of attempts) {
    attempt()
    const found = findChromium()
    if (found !== null) return found
  }
  throw new Error(
    'No Chromium or Chrome was found, and none could be installed. Install one (for example "apt-get install ' +
      'chromium" or Google Chrome) or set PW_CHROMIUM to the path of its program.',
  )
}

function downloadWithPlaywright(): void {
  console.log("No Chromium here: downloading Playwright's …")
  const program = process.platform === 'win32' ? 'npx.cmd' : 'npx'
  spawnSync(program, ['playwright', 'install', 'chromium'], {
    stdio: 'inherit',
    timeout: downloadTimeoutMs,
    shell: process.platform === 'win32',
  })
}

function installWithApt(): void {
  if (userInfo().uid !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return
  console.log('Installing Chromium with apt-get …')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...options: string[]) => spawnSync('apt-get', options, { stdio: 'inherit', env: environment })
  if (apt('update').status === 0) apt('install', '--yes', '--no-install-recommends', 'chromium')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(`Chromium: ${ensureChromium()}`)
