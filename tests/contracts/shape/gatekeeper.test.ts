/** The gatekeeper and what it does with Electric's answers (SHP-1). Electric is played by a function. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { model } from '@/db/model'
import { createIssue, removeMember } from '@/lib/actions'
import { createServerEngine } from '@/lib/sync/server/engine'
import { createGatekeeper } from '@/lib/sync/server/shape/gatekeeper'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { closeDatabases, emptyDatabase, releaseDatabases } from '../../support/databases'
import { type Project, World } from '../../support/world'

let world: World
let project: Project
beforeEach(async () => {
  world = World.on(await emptyDatabase('server'))
  project = await world.project('ann', { ben: 'editor' })
})
afterEach(releaseDatabases)
afterAll(closeDatabases)

type Electric = (url: URL, init: RequestInit) => Promise<Response>

function gate(electric: Electric) {
  const failures: unknown[] = []
  const engine = createServerEngine({
    ...{ store: createServerStore(world.store, model), actions: [], model, build: 'b', random: world.random },
    ...{ now: Date.now, newId: world.newId, pause: async () => undefined },
  })
  const gatekeeper = createGatekeeper({
    ...{ ...engine, url: 'http://electric.test', secret: null },
    fetch: (target, init) => electric(new URL(String(target)), init ?? {}),
    onFailure: (error) => failures.push(error),
  })
  const ask = (address = 'offset=now', signal = new AbortController().signal) =>
    gatekeeper.answer({ userId: 'ben', parameters: new URLSearchParams(address), signal })
  return { ask, failures }
}

const rows = '[{"headers":{"control":"up-to-date"}}]'

describe('the gatekeeper', () => {
  test('[SHP-1] asks for the audiences of the session, and passes rows and protocol headers on', async () => {
    let asked: URL | null = null
    const { ask } = gate(async (url) => {
      asked = url
      const headers = { 'electric-handle': '3-1', 'electric-offset': '0_inf', 'electric-schema': '{}', etag: '"x"' }
      const bytes = { 'content-encoding': 'gzip', 'content-length': '7', 'cache-control': 'public, max-age=604800' }
      return new Response(rows, { headers: { ...headers, ...bytes, server: 'electric', 'set-cookie': 'a=b' } })
    })
    const answer = await ask('offset=now&live=true&cursor=20&table=auth.user')
    const names = [...asked!.searchParams].filter(([name]) => name.startsWith('params'))
    expect(names.map(([, value]) => value).slice(0, -1)).toEqual([`project:${project.projectId}`, 'public', 'user:ben'])
    expect(asked!.searchParams.get('table')).toBe('sync.log')
    expect(await answer.text()).toBe(rows)
    expect(Object.fromEntries(answer.headers)).toEqual({
      ...{ 'electric-handle': '3-1', 'electric-offset': '0_inf', 'electric-schema': '{}', etag: '"x"' },
      'content-type': 'text/plain;charset=UTF-8',
    })
  })

  test('[SHP-1] 400, 409 and 503 of Electric reach the client as they are', async () => {
    for (const status of [400, 409, 503]) {
      const { ask } = gate(async () =>
        Response.json([{ headers: { control: 'must-refetch' } }], {
          status,
          headers: { 'electric-handle': '4-2', 'retry-after': '10' },
        }),
      )
      const answer = await ask()
      expect([answer.status, answer.headers.get('electric-handle'), answer.headers.get('retry-after')]).toEqual([
        status,
        '4-2',
        '10',
      ])
    }
  })

  test('[AUD-6] what Electric answers after the membership ended does not leave', async () => {
    const { ask } = gate(async () => {
      await world.onServer(
        createIssue,
        { projectId: project.projectId, columnId: project.todo, title: 'Secret' },
        'ann',
      )
      await world.onServer(removeMember, { projectId: project.projectId, userId: 'ben' }, 'ann')
      return new Response('[{"value":{"changes":"Secret"}}]')
    })
    const answer = await ask('offset=0_inf&handle=3-1&live=true')
    expect(answer.status).toBe(409)
    expect(await answer.text()).toBe('[{"headers":{"control":"must-refetch"}}]')
  })

  test('[SHP-1] Electric that does not let this server in is not the user being signed out', async () => {
    const { ask, failures } = gate(async () => new Response('no', { status: 401 }))
    const answer = await ask()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(String(failures[0])).toContain('ELECTRIC_SECRET')
  })

  test('[SHP-1] a reader who hangs up ends the request to Electric, and nothing failed', async () => {
    const controller = new AbortController()
    const { ask, failures } = gate((_url, init) => {
      return new Promise((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        controller.abort()
      })
    })
    expect((await ask('offset=now&live=true', controller.signal)).status).toBe(503)
    expect(failures).toEqual([])
    const broken = gate(() => Promise.reject(new TypeError('fetch failed')))
    expect((await broken.ask()).status).toBe(503)
    expect(broken.failures).toHaveLength(1)
  })
})
