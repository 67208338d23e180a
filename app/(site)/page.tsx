import { ArrowRight, CloudOff, ListOrdered, ScrollText } from 'lucide-react'
import type { ReactNode } from 'react'
import { buttonClass } from '../_components/button-class'
import { Logo } from '../_components/logo'
import { Convergence } from './convergence'

/** What this is, in one screen. */
export default function Page() {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="mx-auto flex h-16 w-full max-w-5xl items-center justify-between px-5">
        <Logo />
        <a href="/app" className={buttonClass('secondary', 'sm')}>
          Open the app
        </a>
      </header>
      <main className="mx-auto flex w-full max-w-5xl flex-1 flex-col px-5 pb-20">
        <section className="flex flex-col items-start pb-12 pt-14 md:pt-24">
          <h1 className="max-w-3xl text-4xl font-semibold tracking-tight text-balance">
            Work without a network. Agree without merging.
          </h1>
          <p className="mt-5 max-w-2xl text-lg text-muted text-pretty">
            Beamline is a starter template for applications that work offline. It does not merge data: it replays what
            people did, in one order and by the rules, so that everybody ends with the state they would have had if they
            had been online all the time.
          </p>
          <a href="/app" className={buttonClass('primary', 'md', 'mt-8')}>
            Try the issue tracker
            <ArrowRight aria-hidden className="size-4" />
          </a>
        </section>
        <Convergence />
        <ul className="mt-14 grid gap-x-10 gap-y-8 md:grid-cols-3">
          <Point icon={<CloudOff aria-hidden />} title="Everything on the device">
            Each browser has its own Postgres. Reading, searching and acting need no network, and a click takes a few
            milliseconds.
          </Point>
          <Point icon={<ListOrdered aria-hidden />} title="One order for everybody">
            The server runs the same functions in the order of their clocks, each under its author’s permissions. Its
            result is what counts, on every device.
          </Point>
          <Point icon={<ScrollText aria-hidden />} title="Told in plain words">
            Two people claimed the same issue? One has it, and the other reads who was first. Nothing is lost, and
            nothing is overwritten in silence.
          </Point>
        </ul>
      </main>
      <footer className="border-t">
        <p className="mx-auto max-w-5xl px-5 py-6 text-sm text-faint">
          Beamline is open source, under the MIT licence. The tracker is the example that comes with it.
        </p>
      </footer>
    </div>
  )
}

function Point({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <li>
      <span className="text-accent-ink [&_svg]:size-5">{icon}</span>
      <h2 className="mt-3 text-base font-semibold">{title}</h2>
      <p className="mt-1 text-base text-muted text-pretty">{children}</p>
    </li>
  )
}
