'use client'
import { changeSettings } from '@/lib/actions'
import { mySettings } from '@/lib/queries/selects'
import { useAction, useLiveQuery } from '@/lib/sync/react'
import { Switch } from '../../_components/switch'
import { useRun } from '../use-run'

/** A private setting with a public effect: only I can see the setting, everybody sees who the issue is assigned to. */
export function AssignOnFocus() {
  const { rows, isLoading } = useLiveQuery(mySettings)
  const change = useAction(changeSettings)
  const run = useRun()
  return (
    <Switch
      label="Assign to me what I put in focus"
      hint="When nobody has the issue yet. The setting is private; that the issue is yours is for everybody to see."
      isOn={rows[0]?.assignOnFocus ?? false}
      isDisabled={isLoading}
      onChange={(assignOnFocus) => void run(() => change({ assignOnFocus }), 'Setting saved')}
    />
  )
}
