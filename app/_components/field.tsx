'use client'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { cx } from './class-names'

export const inputClass =
  'w-full rounded-lg border border-line-strong/70 bg-surface px-3 text-base text-ink transition-colors duration-100 ' +
  'hover:border-line-strong focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 ' +
  'disabled:opacity-60 aria-invalid:border-danger aria-invalid:focus-visible:outline-danger max-sm:text-[16px]'

interface FieldProps {
  label: string
  hint?: ReactNode
  error?: string | null | undefined
  /** The label is for screen readers only; the place must make its meaning plain. */
  isLabelHidden?: boolean
  className?: string
  children: (control: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => ReactNode
}

/** A control with its label, its hint and its error, tied together for screen readers. */
export function Field({ label, hint, error, isLabelHidden = false, className, children }: FieldProps) {
  const id = useId()
  const describedBy = error ? `${id}-error` : hint ? `${id}-hint` : undefined
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'text-sm font-medium text-ink'}>
        {label}
      </label>
      {children({ id, 'aria-describedby': describedBy, 'aria-invalid': Boolean(error) })}
      {hint && !error && (
        <p id={`${id}-hint`} className="text-xs text-faint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} aria-live="polite" className="text-xs font-medium text-danger-ink">
          {error}
        </p>
      )}
    </div>
  )
}

type Labelled = Omit<FieldProps, 'children'>

export function TextField({
  label,
  hint,
  error,
  isLabelHidden,
  className,
  ...input
}: Labelled & Omit<ComponentProps<'input'>, 'className'>) {
  return (
    <Field {...fieldProps({ label, hint, error, isLabelHidden, className })}>
      {(control) => <input type="text" {...input} {...control} className={cx(inputClass, 'h-9 pointer-coarse:h-11')} />}
    </Field>
  )
}

export function TextArea({
  label,
  hint,
  error,
  isLabelHidden,
  className,
  ...input
}: Labelled & Omit<ComponentProps<'textarea'>, 'className'>) {
  return (
    <Field {...fieldProps({ label, hint, error, isLabelHidden, className })}>
      {(control) => (
        <textarea
          rows={3}
          {...input}
          {...control}
          className={cx(inputClass, 'field-sizing-content min-h-16 resize-none py-2')}
        />
      )}
    </Field>
  )
}

/** Leaves out what is undefined: with exact optional properties an absent one and an undefined one differ. */
function fieldProps(props: { [Key in keyof Labelled]: Labelled[Key] | undefined } & { label: string }): Labelled {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as unknown as Labelled
}
