import { cx } from './class-names'
import { hueOf } from './hue'

/** A small square with the project's letters, in a colour of its own. Beside the name: not read aloud. */
export function ProjectTile({ id, projectKey, size = 'md' }: { id: string; projectKey: string; size?: 'sm' | 'md' }) {
  const hue = hueOf(id)
  return (
    <span
      aria-hidden
      className={cx(
        'inline-flex shrink-0 select-none items-center justify-center font-semibold',
        size === 'sm' ? 'size-5 rounded-[0.3125rem] text-[0.5625rem]' : 'size-10 rounded-[0.625rem] text-sm',
      )}
      style={{
        backgroundColor: `light-dark(oklch(0.48 0.085 ${hue}), oklch(0.42 0.075 ${hue}))`,
        color: 'oklch(0.99 0.01 100)',
      }}
    >
      {projectKey.slice(0, size === 'sm' ? 1 : 2)}
    </span>
  )
}
