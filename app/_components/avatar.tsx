import { cx } from './class-names'
import { hueOf } from './hue'

interface AvatarProps {
  /** Null: nobody. */
  name: string | null
  /** Decides the colour, so that a person has the same one everywhere. */
  id: string | null
  size?: 'xs' | 'sm' | 'md'
  /** Reads the name aloud; leave it off where the name stands beside it. */
  isLabelled?: boolean
}

const sizes = {
  xs: 'size-5 text-[0.5625rem]',
  sm: 'size-6 text-[0.625rem]',
  md: 'size-9 text-sm',
} as const

export function Avatar({ name, id, size = 'sm', isLabelled = false }: AvatarProps) {
  const label = isLabelled ? { role: 'img', 'aria-label': name ?? 'Nobody' } : { 'aria-hidden': true }
  if (name === null || id === null) {
    return (
      <span
        {...label}
        className={cx(sizes[size], 'inline-block shrink-0 rounded-full border border-dashed border-line-strong')}
      />
    )
  }
  const hue = hueOf(id)
  return (
    <span
      {...label}
      title={name}
      className={cx(
        sizes[size],
        'inline-flex shrink-0 select-none items-center justify-center rounded-full font-semibold',
      )}
      style={{
        backgroundColor: `light-dark(oklch(0.9 0.055 ${hue}), oklch(0.36 0.06 ${hue}))`,
        color: `light-dark(oklch(0.36 0.09 ${hue}), oklch(0.92 0.05 ${hue}))`,
      }}
    >
      {initialsOf(name)}
    </span>
  )
}

/** First letters of the first and the last word; one letter for one word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words
  return letters.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('')
}
