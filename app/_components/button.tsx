'use client'
import type { ComponentProps, ReactNode } from 'react'
import { buttonClass, iconButtonClass, type Look, type Size } from './button-class'
import { cx } from './class-names'

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look
  size?: Size
  /** Shows that work goes on; the button cannot be pressed meanwhile but keeps its focus. */
  isBusy?: boolean
}

export function Button({ look, size, isBusy = false, className, onClick, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
      className={buttonClass(look, size, className)}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  )
}

interface IconButtonProps extends ComponentProps<'button'> {
  /** What it does, for screen readers and as the tooltip. */
  label: string
  children: ReactNode
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button type="button" aria-label={label} title={label} {...rest} className={iconButtonClass(className)}>
      {children}
    </button>
  )
}

export function Spinner({ className }: { className?: string }) {
  return (
    <span
      aria-hidden
      className={cx('size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent', className)}
    />
  )
}
