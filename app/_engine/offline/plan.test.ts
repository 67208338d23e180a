import { describe, expect, it } from 'vitest'
import { cacheName, isOurs, type Manifest, planAnswer, planCleaning } from './plan'

const origin = 'https://app.example.com'
const manifest: Manifest = { build: '7', pages: ['/', '/app'], files: ['/theme.js', '/_next/static/chunks/a1.js'] }
const plan = (path: string, asked: { method?: string; mode?: string } = {}) =>
  planAnswer({ method: 'GET', mode: 'cors', url: new URL(path, origin).href, ...asked }, manifest, origin)

describe('what the service worker does with a request', () => {
  it.each([
    ['/app', { mode: 'navigate' }, { kind: 'page', path: '/app' }],
    ['/app?from=mail', { mode: 'navigate' }, { kind: 'page', path: '/app' }],
    ['/_next/static/chunks/a1.js', {}, { kind: 'file', path: '/_next/static/chunks/a1.js' }],
    [
      '/_next/static/chunks/of-an-older-build.js',
      {},
      { kind: 'file', path: '/_next/static/chunks/of-an-older-build.js' },
    ],
    ['/theme.js', {}, { kind: 'file', path: '/theme.js' }],
    ['/api/trpc/sync.exchange', { method: 'POST' }, { kind: 'pass' }],
    ['/api/shapes/log?offset=now', {}, { kind: 'pass' }],
    ['/app?_rsc=1', {}, { kind: 'pass' }],
    ['/unknown', { mode: 'navigate' }, { kind: 'pass' }],
    ['https://elsewhere.example.com/theme.js', {}, { kind: 'pass' }],
  ])('%s %j', (path, asked, answer) => {
    expect(plan(path, asked)).toEqual(answer)
  })

  it('[NET-1, FM-32] takes a captive portal, a redirect and an error for no network', () => {
    const headers = new Headers({ 'content-security-policy': "default-src 'self'" })
    const ours = { ok: true, redirected: false, type: 'basic', headers }
    expect(isOurs(ours)).toBe(true)
    expect(isOurs({ ...ours, headers: new Headers() })).toBe(false)
    expect(isOurs({ ...ours, ok: false })).toBe(false)
    expect(isOurs({ ...ours, redirected: true })).toBe(false)
    expect(isOurs({ ...ours, type: 'opaque' })).toBe(false)
  })

  it('[FM-27] keeps the build before this one, whose tabs may still be open, and drops older ones', () => {
    const names = ['9', '11', '10', '8'].map(cacheName)
    expect(planCleaning([...names, 'somebody-else'], '11').sort()).toEqual(['8', '9'].map(cacheName))
    expect(planCleaning([cacheName('11')], '11')).toEqual([])
  })
})
