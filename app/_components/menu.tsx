'use client'
import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import { cx } from './class-names'
import { popupClass, popupItemClass } from './overlay-classes'

interface MenuProps {
  /** A button; it gets the roles and keys of a menu button. */
  trigger: ReactElement
  align?: 'start' | 'center' | 'end'
  children: ReactNode
}

export function Menu({ trigger, align = 'start', children }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className="z-50 outline-none" sideOffset={4} align={align} collisionPadding={8}>
          <Base.Popup className={cx(popupClass, 'max-h-(--available-height) min-w-44 max-w-72 overflow-y-auto p-1')}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

interface MenuItemProps {
  icon?: ReactNode
  onSelect: () => void
  isDangerous?: boolean
  isDisabled?: boolean
  children: ReactNode
}

export function MenuItem({ icon, onSelect, isDangerous = false, isDisabled = false, children }: MenuItemProps) {
  return (
    <Base.Item
      onClick={onSelect}
      disabled={isDisabled}
      className={cx(popupItemClass, isDangerous && 'text-danger-ink data-highlighted:bg-danger-soft')}
    >
      {icon && <span className={cx('shrink-0 [&_svg]:size-4', !isDangerous && 'text-muted')}>{icon}</span>}
      <span className="min-w-0 flex-1 truncate">{children}</span>
    </Base.Item>
  )
}

export function MenuSeparator() {
  return <Base.Separator className="-mx-1 my-1 h-px bg-line" />
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pb-1 pt-1.5 text-2xs font-medium text-faint">{label}</Base.GroupLabel>
      {children}
    </Base.Group>
  )
}

interface MenuCheckProps {
  isChecked: boolean
  onToggle: (isChecked: boolean) => void
  children: ReactNode
}

/** An item that can be on or off; the menu stays open, so that several can be set in one go. */
export function MenuCheck({ isChecked, onToggle, children }: MenuCheckProps) {
  return (
    <Base.CheckboxItem
      checked={isChecked}
      onCheckedChange={onToggle}
      closeOnClick={false}
      className={cx(popupItemClass, 'group')}
    >
      <span className="flex size-4 shrink-0 items-center justify-center rounded border border-line-strong group-data-checked:border-accent group-data-checked:bg-accent">
        <Base.CheckboxItemIndicator className="text-on-accent">
          <svg viewBox="0 0 12 12" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden className="size-3">
            <path d="m2.5 6.5 2.5 2.5 4.5-6" />
          </svg>
        </Base.CheckboxItemIndicator>
      </span>
      <span className="flex min-w-0 flex-1 items-center gap-2 truncate">{children}</span>
    </Base.CheckboxItem>
  )
}
