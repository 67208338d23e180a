import { describe, expect, test } from 'vitest'
import { encodePosition } from './shape-position'
import {
  followedAudiences,
  nextCacheCursor,
  planShape,
  positionAfter,
  readShapeQuery,
  shapeBounds,
  shapeHandle,
} from './shape-protocol'

const audiences = [
  { audience: 'project:1', since: 4, floor: 2, head: 9 },
  { audience: 'user:ann', since: 0, floor: 0, head: 3 },
]
const session = { userId: 'ann', epoch: 'e1' }
const definition = { handle: shapeHandle(audiences, session), audiences }
const ask = (address: string) => planShape(readShapeQuery(new URLSearchParams(address)), definition)
const at = (...position: number[]) => `offset=${encodePosition(position)}&handle=${definition.handle}`

describe('what a request of a shape gets', () => {
  test('[SHP-3] now is the position of the heads, and needs no handle', () => {
    expect(ask('offset=now')).toEqual({ kind: 'now' })
  })

  test('[AUD-5] from the start means since the grant, and never what is pruned', () => {
    expect(ask('offset=-1')).toEqual({ kind: 'read', from: [4, 0], isFromStart: true })
    const pruned = { ...definition, audiences: [{ ...audiences[0]!, floor: 7 }] }
    expect(planShape({ offset: '-1', handle: null, isLive: false, cursor: null }, pruned)).toMatchObject({ from: [7] })
  })

  test('[SHP-3] a position is read from where it stands, up to the heads', () => {
    expect(ask(at(9, 1))).toEqual({ kind: 'read', from: [9, 1], isFromStart: false })
    expect(ask(`${at(2, 0)}&live=true&cursor=20`)).toMatchObject({ kind: 'read', from: [2, 0] })
  })

  test('[SHP-3] another handle is another shape: start again', () => {
    expect(ask('offset=p1.1&handle=other')).toEqual({ kind: 'must-refetch' })
    // Whatever the position says: it belongs to that shape.
    expect(ask('offset=p1.1.1&handle=other&live=true')).toEqual({ kind: 'must-refetch' })
  })

  test('[SHP-3] what makes no sense names the parameter, as Electric does', () => {
    const errorsOf = (address: string) => {
      const plan = ask(address)
      return plan.kind === 'invalid' ? plan.errors : plan
    }
    expect(errorsOf('')).toEqual({ offset: ["can't be blank"] })
    expect(errorsOf('offset=-1&live=true')).toEqual({ live: ["can't be true when offset == -1"] })
    expect(errorsOf('offset=p1.1')).toEqual({ handle: ["can't be blank when offset != -1"] })
    expect(errorsOf(`offset=0_0&handle=${definition.handle}`)).toEqual({ offset: ['has invalid format'] })
    expect(errorsOf(at(9, 4))).toEqual({ offset: ['out of bounds for this shape'] })
    expect(errorsOf(at(1, 3))).toEqual({ offset: ['out of bounds for this shape'] })
  })
})

describe('a handle', () => {
  const [project, own] = audiences
  test('[SHP-3] stands for the set of audiences, in any order', () => {
    expect(shapeHandle([own!, project!], session)).toBe(definition.handle)
  })

  test('[AB-28] is another one for another person, another set, and after a restore with another epoch', () => {
    const others = [
      shapeHandle(audiences, { ...session, userId: 'ben' }),
      shapeHandle([own!], session),
      shapeHandle(audiences, { ...session, epoch: 'e2' }),
    ]
    expect(new Set([...others, definition.handle]).size).toBe(4)
  })

  test('[AUD-5] is never the same again for a membership that ended and began anew', () => {
    expect(shapeHandle([{ ...project!, since: 8 }, own!], session)).not.toBe(definition.handle)
  })
})

describe('the audiences of a shape', () => {
  const stampOf = (day: number) => day * 24 * 60 * 60 * 1_000_000
  const held = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ audience: `project:${index}`, lastStamp: stampOf(index) }))

  test('[SHP-2] are those used last, at most so many, and always one’s own', () => {
    const bounds = { ...shapeBounds, audiencesMax: 3 }
    const own = { audience: 'user:ann', lastStamp: 0 }
    expect(followedAudiences([...held(10), own], { own: 'user:ann', bounds })).toEqual([
      'project:8',
      'project:9',
      'user:ann',
    ])
  })

  test('[SHP-2] are as many as an address takes', () => {
    const followed = followedAudiences(held(1_000), {
      own: 'user:ann',
      bounds: { audiencesMax: 400, charactersMax: 8_500 },
    })
    const length = followed.reduce((sum, name) => sum + encodeURIComponent(name).length + 30, 0)
    expect(length).toBeLessThanOrEqual(8_500)
    expect(length).toBeGreaterThan(8_400)
  })

  test('[SHP-2] do not change because one of them is used again on the same day', () => {
    const bounds = { ...shapeBounds, audiencesMax: 5 }
    const before = Array.from({ length: 10 }, (_, index) => ({
      audience: `project:${index}`,
      lastStamp: stampOf(3) + index,
    }))
    const after = before.map((one, index) => ({ ...one, lastStamp: one.lastStamp + 1_000 * (10 - index) }))
    const asked = { own: 'user:ann', bounds }
    expect(followedAudiences(after, asked)).toEqual(followedAudiences(before, asked))
  })
})

test('[SHP-3] after a page the position moves where entries were, and only there', () => {
  const read = [
    { audience: 'project:1', seq: 6 },
    { audience: 'project:1', seq: 5 },
  ]
  expect(positionAfter([4, 3], audiences, read)).toEqual([6, 3])
  expect(positionAfter([4, 3], audiences, [])).toEqual([4, 3])
})

test('[SHP-3] the cache cursor moves on with time, and past the one that was sent', () => {
  const nowMs = Date.UTC(2026, 0, 1)
  const first = nextCacheCursor(nowMs, null, 0)
  expect(Number(first) % 20).toBe(0)
  expect(Number(nextCacheCursor(nowMs, first, 0.5))).toBeGreaterThan(Number(first))
  expect(Number(nextCacheCursor(nowMs + 20_000, first, 0))).toBe(Number(first) + 20)
  expect(nextCacheCursor(nowMs, 'nonsense', 0)).toBe(first)
})
