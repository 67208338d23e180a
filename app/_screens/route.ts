/**
 * Where a person is in the application, as a value, and how it is written in the address bar.
 *
 * All screens live on one static page, `/app`, and the place within it stands behind the `#`. Why not one Next route per
 * screen: Next's router asks the server for each route it enters, which fails offline, and a project's id in the path
 * would need a server for every deep link. What stands behind `#` is never sent, so a screen change needs no network,
 * a reload and a link from elsewhere open the same static page, and an offline cache needs exactly one document.
 *
 *   #/                              all projects
 *   #/project/<id>/board            also list, people and setup
 *   #/project/<id>/list?q=login     what is asked for belongs to the place: it survives a reload and can be shared
 *   #/project/<id>/board?issue=<id> an issue beside the board
 *   #/issue/<id>                    an issue alone
 *   #/focus  #/inbox  #/settings    what is mine
 */

export type ProjectView = 'board' | 'list' | 'people' | 'setup'

export type Place =
  | { readonly screen: 'projects' }
  | { readonly screen: 'project'; readonly projectId: string; readonly view: ProjectView }
  | { readonly screen: 'issue'; readonly issueId: string }
  | { readonly screen: 'focus' }
  | { readonly screen: 'inbox' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'unknown' }

export type Query = Readonly<Record<string, string>>
export type Route = Place & { readonly query: Query }

const views: readonly string[] = ['board', 'list', 'people', 'setup'] satisfies ProjectView[]
const alone: readonly string[] = ['focus', 'inbox', 'settings']

/** What `location.hash` says. Anything it does not know is the screen `unknown`, never an exception. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2)
  const query = Object.fromEntries(new URLSearchParams(search))
  return { ...parsePlace(path.split('/').filter(Boolean).map(decodeLoosely)), query }
}

function parsePlace([screen, id, view = 'board', ...rest]: readonly string[]): Place {
  if (screen === undefined) return { screen: 'projects' }
  if (rest.length > 0) return { screen: 'unknown' }
  if (screen === 'project' && id !== undefined && isView(view)) return { screen, projectId: id, view }
  if (screen === 'issue' && id !== undefined) return { screen, issueId: id }
  if (id === undefined && isAlone(screen)) return { screen }
  return { screen: 'unknown' }
}

/** The address of a place, as an `href`. Empty values of the query are left out. */
export function hrefOf(place: Place, query: Query = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString()
  return `#/${pathOf(place)}${search === '' ? '' : `?${search}`}`
}

function pathOf(place: Place): string {
  switch (place.screen) {
    case 'project':
      return `project/${encodeURIComponent(place.projectId)}/${place.view}`
    case 'issue':
      return `issue/${encodeURIComponent(place.issueId)}`
    case 'projects':
    case 'unknown':
      return ''
    default:
      return place.screen
  }
}

function isView(view: string): view is ProjectView {
  return views.includes(view)
}

function isAlone(screen: string): screen is 'focus' | 'inbox' | 'settings' {
  return alone.includes(screen)
}

/** A half-typed `%` in the address bar must not throw. */
function decodeLoosely(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
