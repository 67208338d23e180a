import { Inbox, LayoutGrid, Settings, Star } from 'lucide-react'
import type { Place, Route } from '../route'

export interface NavItem {
  readonly place: Place
  readonly label: string
  readonly icon: typeof Inbox
}

export const projectsItem: NavItem = { place: { screen: 'projects' }, label: 'Projects', icon: LayoutGrid }
export const focusItem: NavItem = { place: { screen: 'focus' }, label: 'My focus', icon: Star }
export const inboxItem: NavItem = { place: { screen: 'inbox' }, label: 'Inbox', icon: Inbox }
export const settingsItem: NavItem = { place: { screen: 'settings' }, label: 'Settings', icon: Settings }

export function isCurrent(item: NavItem, route: Route): boolean {
  if (item === projectsItem) return ['projects', 'project', 'issue'].includes(route.screen)
  return item.place.screen === route.screen
}
