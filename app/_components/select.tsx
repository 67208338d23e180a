'use client'
import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronsUpDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './class-names'
import { popupClass, popupItemClass } from './overlay-classes'

export interface SelectOption<Value extends string> {
  readonly value: Value
  readonly label: string
  readonly icon?: ReactNode
}

interface SelectProps<Value extends string> {
  /** What is chosen here, for screen readers. */
  label: string
  value: Value
  options: readonly SelectOption<Value>[]
  onChange: (value: Value) => void
  isDisabled?: boolean
  /** `quiet` has no border until it is pointed at: for property lists. */
  look?: 'field' | 'quiet'
  className?: string
}

export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, value, options, onChange, isDisabled = false, look = 'field', className } = props
  const chosen = options.find((option) => option.value === value)
  return (
    <Base.Root
      items={options.map((option) => ({ value: option.value, label: option.label }))}
      value={value}
      onValueChange={(next) => next !== null && onChange(next as Value)}
      disabled={isDisabled}
    >
      <Base.Trigger aria-label={label} className={cx(triggerClass, triggerLooks[look], className)}>
        {chosen?.icon && <span className="flex shrink-0 text-muted [&_svg]:size-4">{chosen.icon}</span>}
        <Base.Value className="min-w-0 flex-1 truncate text-left" />
        <Base.Icon className={cx('shrink-0 text-faint', look === 'quiet' && 'opacity-0 group-hover:opacity-100')}>
          <ChevronsUpDown aria-hidden className="size-3.5" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner
          className="z-50 outline-none"
          sideOffset={4}
          alignItemWithTrigger={false}
          align="start"
          collisionPadding={8}
        >
          <Base.Popup
            className={cx(popupClass, 'max-h-(--available-height) min-w-(--anchor-width) max-w-80 overflow-y-auto p-1')}
          >
            <Base.List>
              {options.map((option) => (
                <Base.Item key={option.value} value={option.value} className={popupItemClass}>
                  {option.icon && <span className="flex shrink-0 text-muted [&_svg]:size-4">{option.icon}</span>}
                  <Base.ItemText className="min-w-0 flex-1 truncate">{option.label}</Base.ItemText>
                  <Base.ItemIndicator>
                    <Check aria-hidden className="size-3.5 text-accent-ink" />
                  </Base.ItemIndicator>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

const triggerClass =
  'group flex items-center gap-2 rounded-lg text-sm text-ink outline-offset-0 transition-colors duration-100 ' +
  'data-disabled:cursor-default data-disabled:opacity-70'

const triggerLooks = {
  field: 'h-8 border border-line bg-surface px-2.5 hover:border-line-strong/70 pointer-coarse:h-10',
  quiet:
    'min-h-8 px-2 hover:bg-hover data-popup-open:bg-hover data-disabled:hover:bg-transparent pointer-coarse:min-h-10',
} as const
