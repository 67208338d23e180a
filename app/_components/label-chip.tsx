import { cx } from './class-names'

/** The palette of labels: names are stored, shades are chosen here for light and dark. */
export const labelColors = ['gray', 'red', 'orange', 'amber', 'green', 'teal', 'blue', 'violet', 'pink'] as const
export type LabelColor = (typeof labelColors)[number]

const hues: Record<string, readonly [hue: number, chroma: number]> = {
  gray: [250, 0.012],
  red: [25, 0.17],
  orange: [50, 0.15],
  amber: [90, 0.14],
  green: [150, 0.14],
  teal: [195, 0.1],
  blue: [250, 0.14],
  violet: [300, 0.15],
  pink: [350, 0.15],
}

export function labelDotColor(color: string): string {
  const [hue, chroma] = hues[color] ?? [250, 0.012]
  return `light-dark(oklch(0.62 ${chroma} ${hue}), oklch(0.74 ${chroma * 0.9} ${hue}))`
}

export function LabelDot({ color, className }: { color: string; className?: string }) {
  return (
    <span
      aria-hidden
      className={cx('size-2 shrink-0 rounded-full', className)}
      style={{ backgroundColor: labelDotColor(color) }}
    />
  )
}

export function LabelChip({ name, color }: { name: string; color: string }) {
  return (
    <span className="inline-flex h-5 max-w-40 items-center gap-1.5 rounded-full border border-line px-2 text-2xs font-medium text-muted">
      <LabelDot color={color} />
      <span className="truncate">{name}</span>
    </span>
  )
}
