import { describe, expect, it } from 'vitest'
import { hrefOf, type Place, parseRoute } from './route'

const places: readonly Place[] = [
  { screen: 'projects' },
  { screen: 'project', projectId: '0b5c', view: 'board' },
  { screen: 'project', projectId: 'a/b?c#d', view: 'people' },
  { screen: 'issue', issueId: '77' },
  { screen: 'focus' },
  { screen: 'inbox' },
  { screen: 'settings' },
]

describe('the address of a place', () => {
  it.each(places)('is read back as the same place: %o', (place) => {
    expect(parseRoute(hrefOf(place))).toEqual({ ...place, query: {} })
  })

  it('keeps what is asked for and leaves out what is empty', () => {
    const href = hrefOf({ screen: 'focus' }, { issue: 'x&y=1', q: '', sort: 'newest first' })
    expect(parseRoute(href).query).toEqual({ issue: 'x&y=1', sort: 'newest first' })
  })

  it('opens a project on its board when no view is named', () => {
    expect(parseRoute('#/project/42')).toMatchObject({ screen: 'project', projectId: '42', view: 'board' })
  })

  it.each(['#/nowhere', '#/project/42/board/more', '#/project/42/graph', '#/issue', '#/focus/1'])(
    'is unknown, not an exception, for %s',
    (hash) => expect(parseRoute(hash).screen).toBe('unknown'),
  )

  it('survives a half-typed percent sign', () => {
    expect(parseRoute('#/issue/%E0%A4%A')).toMatchObject({ screen: 'issue' })
  })
})
