'use client'
import { type ComponentType, lazy, Suspense, useState } from 'react'
import { useSessionUser } from '@/app/_engine/provider'
import { Logo } from '../../_components/logo'
import { useScreenTitle } from '../screen-title'
import { SignInForm } from './form'

/**
 * Seeded people to try the application as. The condition is a constant of the build: a production build has neither
 * this import nor the code behind it.
 */
const SeededPeople: ComponentType<{ onDone: () => void | Promise<void> }> | null =
  process.env.NODE_ENV === 'development'
    ? lazy(() => import('./seeded-people').then((module) => ({ default: module.SeededPeople })))
    : null

export function SignInScreen() {
  const { refresh } = useSessionUser()
  const [mode, setMode] = useState<'in' | 'up'>('in')
  const isUp = mode === 'up'
  useScreenTitle(isUp ? 'Create account' : 'Sign in')
  return (
    <main className="scroll-quiet flex h-dvh flex-col items-center overflow-y-auto px-4 py-8">
      <div className="my-auto w-full max-w-sm">
        <a href="/" aria-label="Beamline, start page" className="mx-auto mb-6 flex w-fit rounded-md text-lg">
          <Logo />
        </a>
        <div className="rounded-2xl border bg-surface p-6 shadow-lift">
          <h1 className="text-xl font-semibold tracking-tight">{isUp ? 'Create your account' : 'Sign in'}</h1>
          <p className="mb-5 mt-1 text-sm text-muted">
            {isUp ? 'Then start a project, or wait for an invitation.' : 'Once here, you can work without a network.'}
          </p>
          <SignInForm key={mode} mode={mode} onDone={refresh} />
          <p className="mt-5 text-center text-sm text-muted">
            {isUp ? 'Already have an account?' : 'New here?'}{' '}
            <button
              type="button"
              onClick={() => setMode(isUp ? 'in' : 'up')}
              className="rounded font-medium text-accent-ink underline-offset-4 hover:underline"
            >
              {isUp ? 'Sign in' : 'Create an account'}
            </button>
          </p>
        </div>
        {SeededPeople !== null && (
          <Suspense>
            <SeededPeople onDone={refresh} />
          </Suspense>
        )}
      </div>
    </main>
  )
}
