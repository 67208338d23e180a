/** How everything that floats looks: menus, selects, popovers and dialogs share these. */
export const popupClass =
  'origin-(--transform-origin) rounded-xl border border-line bg-raised text-ink shadow-float outline-none ' +
  'transition-[scale,opacity] duration-100 ease-out data-starting-style:scale-97 data-starting-style:opacity-0 ' +
  'data-ending-style:scale-97 data-ending-style:opacity-0'

export const popupItemClass =
  'flex min-h-8 cursor-pointer select-none items-center gap-2 rounded-lg px-2 py-1.5 text-sm outline-none ' +
  'pointer-coarse:min-h-11 data-highlighted:bg-hover data-disabled:pointer-events-none data-disabled:text-faint'

export const backdropClass =
  'fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-starting-style:opacity-0 data-ending-style:opacity-0'

export const dialogClass =
  'fixed left-1/2 top-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 ' +
  'flex-col overflow-hidden rounded-2xl border border-line bg-raised text-ink shadow-float outline-none ' +
  'transition-[scale,opacity] duration-150 ease-out data-starting-style:scale-97 data-starting-style:opacity-0 ' +
  'data-ending-style:scale-97 data-ending-style:opacity-0'
