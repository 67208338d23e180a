'use client'
import { LogOut, Plus, Settings } from 'lucide-react'
import { useState } from 'react'
import { useSessionUser } from '@/app/_engine/provider'
import { allProjects } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'
import { Avatar } from '../../_components/avatar'
import { IconButton } from '../../_components/button'
import { cx } from '../../_components/class-names'
import { Logo } from '../../_components/logo'
import { Menu, MenuItem } from '../../_components/menu'
import { ProjectTile } from '../../_components/project-tile'
import { Skeleton } from '../../_components/states'
import { Link, navigate } from '../navigation'
import { CreateProjectDialog } from '../projects/create-project-dialog'
import { hrefOf, type Route } from '../route'
import { SignOutDialog } from '../settings/sign-out-dialog'
import { CountBubble } from './count-bubble'
import { focusItem, inboxItem, isCurrent, type NavItem } from './nav-items'
import { SyncBadge } from './sync-badge'
import { useUnseenCount } from './use-unseen-count'

const itemClass =
  'flex h-8 items-center gap-2.5 rounded-lg px-2 text-sm font-medium text-muted transition-colors duration-100 ' +
  'hover:bg-hover hover:text-ink aria-[current=page]:bg-pressed aria-[current=page]:text-ink'

export function Sidebar({ route }: { route: Route }) {
  const unseen = useUnseenCount()
  return (
    <div className="hidden min-h-0 flex-col border-r bg-sunken md:flex">
      <header className="flex h-14 shrink-0 items-center px-4">
        <Link to={{ screen: 'projects' }} aria-label="Beamline, all projects" className="rounded-md">
          <Logo />
        </Link>
      </header>
      <nav aria-label="Main" className="scroll-quiet min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        <ul className="flex flex-col gap-0.5">
          <SidebarItem item={inboxItem} route={route} count={unseen} />
          <SidebarItem item={focusItem} route={route} count={0} />
        </ul>
        <ProjectLinks route={route} />
      </nav>
      <section aria-label="This device and your account" className="flex flex-col gap-2 border-t p-3">
        <SyncBadge className="self-start" />
        <PersonMenu />
      </section>
    </div>
  )
}

function SidebarItem({ item, route, count }: { item: NavItem; route: Route; count: number }) {
  return (
    <li>
      <Link to={item.place} aria-current={isCurrent(item, route) ? 'page' : undefined} className={itemClass}>
        <item.icon aria-hidden className="size-4 shrink-0" />
        <span className="flex-1">{item.label}</span>
        {count > 0 && <CountBubble count={count} />}
      </Link>
    </li>
  )
}

function ProjectLinks({ route }: { route: Route }) {
  const { rows, isLoading } = useLiveQuery(allProjects, { key: 'projects', input: {} })
  const [isCreating, setCreating] = useState(false)
  const current = route.screen === 'project' ? route.projectId : null
  return (
    <section aria-labelledby="sidebar-projects" className="mt-5">
      <div className="flex items-center justify-between pl-2">
        <h2 id="sidebar-projects" className="text-xs font-medium text-faint">
          <Link
            to={{ screen: 'projects' }}
            aria-current={route.screen === 'projects' ? 'page' : undefined}
            className="rounded-md hover:text-ink aria-[current=page]:text-ink"
          >
            Projects
          </Link>
        </h2>
        <IconButton label="New project" className="size-7" onClick={() => setCreating(true)}>
          <Plus aria-hidden className="size-4" />
        </IconButton>
      </div>
      {isLoading && rows.length === 0 && <Skeleton className="mx-2 mt-1 h-6 w-32" />}
      <ul className="mt-0.5 flex flex-col gap-0.5">
        {rows.map((project) => (
          <li key={project.id}>
            <Link
              to={{ screen: 'project', projectId: project.id, view: 'board' }}
              aria-current={project.id === current ? 'page' : undefined}
              className={itemClass}
            >
              <ProjectTile id={project.id} projectKey={project.key} size="sm" />
              <span className="min-w-0 flex-1 truncate">{project.name}</span>
            </Link>
          </li>
        ))}
      </ul>
      <CreateProjectDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </section>
  )
}

function PersonMenu() {
  const { user } = useSessionUser()
  const [isLeaving, setLeaving] = useState(false)
  if (user === null) return null
  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            aria-label={`Account: ${user.name}`}
            className={cx(itemClass, 'h-10 w-full px-1.5 text-left data-popup-open:bg-pressed')}
          >
            <Avatar name={user.name} id={user.id} />
            <span className="min-w-0 flex-1 truncate text-ink">{user.name}</span>
          </button>
        }
      >
        <p className="max-w-64 truncate px-2 pb-1.5 pt-1 text-xs text-faint">{user.email}</p>
        <MenuItem icon={<Settings aria-hidden />} onSelect={() => navigate(hrefOf({ screen: 'settings' }))}>
          Settings
        </MenuItem>
        <MenuItem icon={<LogOut aria-hidden />} onSelect={() => setLeaving(true)}>
          Sign out
        </MenuItem>
      </Menu>
      <SignOutDialog isOpen={isLeaving} onClose={() => setLeaving(false)} />
    </>
  )
}
