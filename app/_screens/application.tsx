'use client'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { useSessionUser } from '@/app/_engine/provider'
import { Announcer } from '../_components/announcer'
import { buttonClass } from '../_components/button-class'
import { LogoMark } from '../_components/logo'
import { EmptyState } from '../_components/states'
import { ToastProvider } from '../_components/toast'
import { FocusScreen } from './focus/screen'
import { InboxScreen } from './inbox/screen'
import { IssueScreen } from './issue/screen'
import { Link, useRoute } from './navigation'
import { ProjectScreen } from './project/screen'
import { ProjectsScreen } from './projects/screen'
import type { Route } from './route'
import { useScreenTitle } from './screen-title'
import { SettingsScreen } from './settings/screen'
import { Shell } from './shell/frame'
import { SignInScreen } from './sign-in/screen'

/** Everything behind sign-in: providers, then the frame, then the screen the address names. */
export function Application() {
  return (
    <CSPProvider disableStyleElements>
      <Announcer>
        <ToastProvider>
          <Gate />
        </ToastProvider>
      </Announcer>
    </CSPProvider>
  )
}

/** Who is signed in is remembered on the device, so this gate opens offline too. */
function Gate() {
  const session = useSessionUser()
  const route = useRoute()
  if (session.status === 'loading' || route === null) return <Opening />
  if (session.user === null) return <SignInScreen />
  return (
    <Shell route={route}>
      <Screen route={route} />
    </Shell>
  )
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'projects':
      return <ProjectsScreen />
    case 'project':
      return <ProjectScreen key={route.projectId} projectId={route.projectId} view={route.view} query={route.query} />
    case 'issue':
      return <IssueScreen key={route.issueId} issueId={route.issueId} />
    case 'focus':
      return <FocusScreen />
    case 'inbox':
      return <InboxScreen />
    case 'settings':
      return <SettingsScreen />
    case 'unknown':
      return <Nowhere />
  }
}

function Nowhere() {
  useScreenTitle('Not found')
  return (
    <EmptyState
      title="There is nothing at this address"
      action={
        <Link to={{ screen: 'projects' }} className={buttonClass()}>
          Go to projects
        </Link>
      }
    >
      The link may be incomplete.
    </EmptyState>
  )
}

function Opening() {
  return (
    <div role="status" aria-label="Opening Beamline" className="flex h-dvh items-center justify-center">
      <LogoMark className="size-9 animate-pulse text-ink" />
    </div>
  )
}
