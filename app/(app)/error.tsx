'use client'
import { Button } from '../_components/button'
import { ErrorState } from '../_components/states'

/** A bug in a screen. The device goes on in its worker, and what was done there is kept. */
export default function ScreenError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <ErrorState
        title="This screen stopped because of a bug. Your work is kept on this device."
        error={error}
        action={
          <span className="flex flex-wrap gap-2">
            <Button onClick={reset}>Try again</Button>
            <Button onClick={() => location.reload()}>Reload the page</Button>
          </span>
        }
      />
    </main>
  )
}
