import type { ReactNode } from 'react'

interface ScreenHeaderProps {
  title: ReactNode
  /** Before the title: a tile, an avatar. */
  icon?: ReactNode
  actions?: ReactNode
  children?: ReactNode
}

/** The head of a screen: its name, what can be done, and a row of tabs below when there are some. */
export function ScreenHeader({ title, icon, actions, children }: ScreenHeaderProps) {
  return (
    <div className="shrink-0 border-b px-4 md:px-6">
      <div className="flex min-h-14 items-center gap-3 py-2">
        {icon}
        <h1 className="min-w-0 flex-1 truncate text-lg font-semibold tracking-tight md:text-xl">{title}</h1>
        {actions && <div className="flex shrink-0 items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** The part of a screen that scrolls. */
export function ScreenBody({ children, className = '' }: { children: ReactNode; className?: string }) {
  return <div className={`scroll-quiet relative min-h-0 flex-1 overflow-y-auto ${className}`}>{children}</div>
}
