'use client'
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import type { ReactNode } from 'react'

interface SegmentedProps<Value extends string> {
  label: string
  value: Value
  options: readonly { readonly value: Value; readonly label: string; readonly icon?: ReactNode }[]
  onChange: (value: Value) => void
}

/** One of a few, all in sight. Arrow keys move between them. */
export function Segmented<Value extends string>({ label, value, options, onChange }: SegmentedProps<Value>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className="inline-flex rounded-lg border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <Radio.Root
          key={option.value}
          value={option.value}
          nativeButton
          render={<button type="button" />}
          className="inline-flex h-8 items-center gap-1.5 rounded-md border border-transparent px-3 text-sm font-medium text-muted transition-colors duration-100 hover:text-ink data-checked:border-line data-checked:bg-surface data-checked:text-ink data-checked:shadow-card pointer-coarse:h-10 [&_svg]:size-4"
        >
          {option.icon}
          {option.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  )
}
