import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { developmentRoutes, hashesOfInlineScripts, pagesPerRequest } from './page-scripts'

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

test('inline scripts of all pages are hashed once, by their exact text', () => {
  const pages = [
    '<script>a()</script><p>text</p><script id="_R_">b(\n"é")</script>',
    '<SCRIPT type="module">c()</SCRIPT><script>a()</script>',
  ]
  expect(hashesOfInlineScripts(pages)).toEqual([hash('a()'), hash('b(\n"é")'), hash('c()')].sort())
})

test('files and data are no inline scripts', () => {
  const page = '<script src="/x.js" async=""></script><script type="application/ld+json">{}</script>'
  expect(hashesOfInlineScripts([page])).toEqual([])
})

test('a page that is not prerendered is found, a route handler is not meant', () => {
  const routes = {
    '/page': '/',
    '/(app)/projects/page': '/projects',
    '/[id]/page': '/[id]',
    '/api/trpc/[trpc]/route': '/api',
  }
  expect(pagesPerRequest(routes, { routes: { '/': {}, '/projects': {} } })).toEqual(['/[id]'])
})

test('a route for development is found in a build', () => {
  const routes = { '/page': '/', '/api/dev/people/route': '/api/dev/people' }
  expect(developmentRoutes(routes)).toEqual(['/api/dev/people'])
})
