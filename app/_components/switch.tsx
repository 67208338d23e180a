'use client'
import { Switch as Base } from '@base-ui/react/switch'
import { type ReactNode, useId } from 'react'

interface SwitchProps {
  label: string
  hint?: ReactNode
  isOn: boolean
  onChange: (isOn: boolean) => void
  isDisabled?: boolean
}

export function Switch({ label, hint, isOn, onChange, isDisabled = false }: SwitchProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-4">
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="text-base font-medium text-ink">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="mt-0.5 text-sm text-muted">
            {hint}
          </p>
        )}
      </div>
      <Base.Root
        id={id}
        nativeButton
        render={<button type="button" />}
        aria-describedby={hint ? `${id}-hint` : undefined}
        checked={isOn}
        onCheckedChange={onChange}
        disabled={isDisabled}
        className="relative mt-0.5 flex h-6 w-10 shrink-0 rounded-full bg-line-strong p-0.5 transition-colors duration-150 data-checked:bg-accent data-disabled:opacity-50"
      >
        <Base.Thumb className="size-5 rounded-full bg-surface shadow-card transition-transform duration-150 data-checked:translate-x-4" />
      </Base.Root>
    </div>
  )
}
