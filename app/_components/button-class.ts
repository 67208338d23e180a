import { cx } from './class-names'

export type Look = 'primary' | 'secondary' | 'ghost' | 'danger'
export type Size = 'sm' | 'md'

const looks: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover shadow-card',
  secondary: 'border border-line bg-surface text-ink hover:bg-hover hover:border-line-strong/60 shadow-card',
  ghost: 'text-muted hover:bg-hover hover:text-ink active:bg-pressed',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover shadow-card',
}

const sizes: Record<Size, string> = {
  sm: 'h-8 px-2.5 text-sm',
  md: 'h-9 px-3.5 text-base pointer-coarse:h-10',
}

const base =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-lg font-medium whitespace-nowrap select-none ' +
  'transition-colors duration-100 disabled:opacity-55 disabled:pointer-events-none aria-disabled:opacity-55'

/** The class names of a button, for links and for triggers of menus and dialogs that must look like one. */
export function buttonClass(look: Look = 'secondary', size: Size = 'md', className?: string): string {
  return cx(base, looks[look], sizes[size], className)
}

export function iconButtonClass(className?: string): string {
  return cx(
    'inline-flex size-8 shrink-0 items-center justify-center rounded-lg text-muted transition-colors duration-100',
    'hover:bg-hover hover:text-ink active:bg-pressed disabled:opacity-50 disabled:pointer-events-none',
    'pointer-coarse:size-10 data-popup-open:bg-pressed data-popup-open:text-ink',
    className,
  )
}
