import { ELECTRIC_PROTOCOL_QUERY_PARAMS } from '@electric-sql/client'
import { describe, expect, test } from 'vitest'
import { shapeHandle } from '../../core/shape-protocol'
import { forwardedParameters, upstreamUrl } from './gatekeeper'

const audiences = [
  { audience: 'project:1', since: 4, floor: 0, head: 9 },
  { audience: "user:o'neil", since: 0, floor: 0, head: 3 },
]
const handle = shapeHandle(audiences, { userId: "o'neil", epoch: 'e' })
const electric = { url: 'http://electric:3000/', secret: 'secret' }
const ask = (address: string, held = { audiences, handle }) =>
  upstreamUrl(electric, held, new URLSearchParams(address)).searchParams

describe('what the gatekeeper asks Electric', () => {
  test('[SHP-1] the shape comes from the session alone', () => {
    const sent = ask('offset=now&table=auth.user&where=true&columns=input&secret=x&params[1]=project:2&replica=full')
    const number = sent.get('params[3]') ?? ''
    expect(Number(number)).toBeLessThan(0)
    expect(Object.fromEntries(sent)).toEqual({
      offset: 'now',
      table: 'sync.log',
      columns: 'audience,seq,token,previous_token,stamp,place,ingest,kind,action,causes,changes,receipts',
      where: 'audience IN ($1,$2) AND seq > $3',
      'params[1]': 'project:1',
      'params[2]': "user:o'neil",
      'params[3]': number,
      secret: 'secret',
    })
  })

  test('[AB-27] of every parameter the protocol has, those that are not forwarded are left out on purpose', () => {
    const left = ELECTRIC_PROTOCOL_QUERY_PARAMS.filter((name) => !forwardedParameters.includes(name))
    expect(left.every((name) => name.startsWith('subset__') || name.endsWith('live_sse'))).toBe(true)
    const all = new URLSearchParams(ELECTRIC_PROTOCOL_QUERY_PARAMS.map((name) => [name, 'x']))
    const own = ['table', 'columns', 'where', 'params[1]', 'params[2]', 'params[3]', 'secret']
    expect([...ask(all.toString()).keys()].sort()).toEqual([...forwardedParameters, ...own].sort())
  })

  test('[AUD-5] nothing from before now: not from the start, nor from the middle of a snapshot', () => {
    for (const offset of ['-1', '0_0', '0_17']) {
      const sent = ask(`offset=${offset}&handle=h`)
      expect([sent.get('offset'), sent.get('handle')]).toEqual(['now', null])
    }
    for (const offset of ['0_inf', '26800_4']) expect(ask(`offset=${offset}&handle=h`).get('offset')).toBe(offset)
  })

  test('[AUD-5] a membership that began anew is another shape of the same audiences', () => {
    const anew = [{ ...audiences[0]!, since: 8 }, audiences[1]!]
    const held = { audiences: anew, handle: shapeHandle(anew, { userId: "o'neil", epoch: 'e' }) }
    expect(ask('offset=now', held).get('params[3]')).not.toBe(ask('offset=now').get('params[3]'))
  })
})
