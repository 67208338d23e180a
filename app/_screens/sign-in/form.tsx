'use client'
import { type FormEvent, useState } from 'react'
import { Button } from '../../_components/button'
import { TextField } from '../../_components/field'
import { type Credentials, signIn, signUp } from './accounts'

interface SignInFormProps {
  /** `up` asks for a name as well. */
  mode: 'in' | 'up'
  email?: string
  onDone: () => void | Promise<void>
}

/** Checks here only what spares a request; the server decides. */
export function SignInForm({ mode, email: knownEmail = '', onDone }: SignInFormProps) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState(knownEmail)
  const [password, setPassword] = useState('')
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const isUp = mode === 'up'
  const errors = {
    name: isUp && name.trim() === '' ? 'What should your colleagues call you?' : null,
    email: /^\S+@\S+\.\S+$/.test(email.trim()) ? null : 'Enter your e-mail address.',
    password: password.length >= (isUp ? 8 : 1) ? null : isUp ? 'At least 8 characters.' : 'Enter your password.',
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (errors.name || errors.email || errors.password) return
    setBusy(true)
    setProblem(null)
    const credentials: Credentials = { email: email.trim().toLowerCase(), password }
    const found = await (isUp ? signUp({ ...credentials, name: name.trim() }) : signIn(credentials))
    if (found === null) await onDone()
    setProblem(found)
    setBusy(false)
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {isUp && (
        <TextField
          label="Your name"
          autoComplete="name"
          value={name}
          error={isTried ? errors.name : null}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <TextField
        label="E-mail"
        type="email"
        autoComplete="email"
        value={email}
        error={isTried ? errors.email : null}
        onChange={(event) => setEmail(event.target.value)}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete={isUp ? 'new-password' : 'current-password'}
        hint={isUp ? 'At least 8 characters.' : undefined}
        value={password}
        error={isTried ? errors.password : null}
        onChange={(event) => setPassword(event.target.value)}
      />
      <div aria-live="polite">
        {problem !== null && (
          <p className="rounded-lg border border-danger/30 bg-danger-soft px-3 py-2 text-sm text-danger-ink">
            {problem}
          </p>
        )}
      </div>
      <Button type="submit" look="primary" isBusy={isBusy} className="w-full">
        {isUp ? 'Create account' : 'Sign in'}
      </Button>
    </form>
  )
}
