import { buttonClass } from './_components/button-class'
import { Logo } from './_components/logo'

export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-3 px-6 text-center">
      <Logo />
      <h1 className="mt-4 text-xl font-semibold tracking-tight">There is no page at this address</h1>
      <p className="text-base text-muted">The link may be incomplete.</p>
      <a href="/app" className={buttonClass('primary', 'md', 'mt-3')}>
        Open the app
      </a>
    </main>
  )
}
