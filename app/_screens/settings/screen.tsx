'use client'
import { LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useSessionUser } from '@/app/_engine/provider'
import { Avatar } from '../../_components/avatar'
import { Button } from '../../_components/button'
import { Segmented } from '../../_components/segmented'
import { AssignOnFocus } from '../focus/assign-on-focus'
import { ScreenBody, ScreenHeader } from '../screen-header'
import { useScreenTitle } from '../screen-title'
import { PendingFile } from './pending-file'
import { SignOutDialog } from './sign-out-dialog'
import { setTheme, type Theme, useTheme } from './theme'
import { ThisDevice } from './this-device'

export function SettingsScreen() {
  useScreenTitle('Settings')
  return (
    <>
      <ScreenHeader title="Settings" />
      <ScreenBody className="px-4 py-5 md:px-6">
        <div className="mx-auto flex max-w-2xl flex-col gap-6">
          <Account />
          <Group title="Appearance">
            <ThemeSwitch />
          </Group>
          <Group title="Private">
            <AssignOnFocus />
          </Group>
          <Group title="This device">
            <ThisDevice />
          </Group>
          <Group title="Pending work as a file">
            <PendingFile />
          </Group>
        </div>
      </ScreenBody>
    </>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-sm font-semibold text-muted">{title}</h2>
      <div className="rounded-xl border bg-surface p-4 shadow-card">{children}</div>
    </section>
  )
}

function Account() {
  const { user } = useSessionUser()
  const [isLeaving, setLeaving] = useState(false)
  if (user === null) return null
  return (
    <Group title="Account">
      <div className="flex flex-wrap items-center gap-3">
        <Avatar size="md" id={user.id} name={user.name} />
        <div className="min-w-0 flex-1">
          <p className="truncate text-base font-medium">{user.name}</p>
          <p className="truncate text-sm text-muted">{user.email}</p>
        </div>
        <Button onClick={() => setLeaving(true)}>
          <LogOut aria-hidden className="size-4" />
          Sign out
        </Button>
      </div>
      <SignOutDialog isOpen={isLeaving} onClose={() => setLeaving(false)} />
    </Group>
  )
}

const themes: readonly { value: Theme; label: string; icon: ReactNode }[] = [
  { value: 'system', label: 'System', icon: <Monitor aria-hidden /> },
  { value: 'light', label: 'Light', icon: <Sun aria-hidden /> },
  { value: 'dark', label: 'Dark', icon: <Moon aria-hidden /> },
]

function ThemeSwitch() {
  const theme = useTheme()
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="text-base font-medium">Theme</p>
      <Segmented label="Theme" value={theme} options={themes} onChange={setTheme} />
    </div>
  )
}
