'use client'
import { useEffect, useState } from 'react'
import { z } from 'zod'
import { Avatar } from '../../_components/avatar'
import { Spinner } from '../../_components/button'

const peopleAnswer = z.array(z.object({ id: z.string(), name: z.string(), email: z.string() }))
type Person = z.infer<typeof peopleAnswer>[number]

/** Development only: one press signs in as somebody the seed made. The server has no such route in production. */
export function SeededPeople({ onDone }: { onDone: () => void | Promise<void> }) {
  const [people, setPeople] = useState<readonly Person[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const [busyId, setBusyId] = useState<string | null>(null)

  useEffect(() => {
    let isShown = true
    fetchPeople().then(
      (found) => isShown && setPeople(found),
      (error: unknown) => isShown && setProblem(String(error)),
    )
    return () => {
      isShown = false
    }
  }, [])

  const become = async (person: Person) => {
    setBusyId(person.id)
    const answer = await fetch('/api/dev/people', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: person.id }),
    })
    if (answer.ok) await onDone()
    else setProblem(`Signing in as ${person.name} failed (${answer.status}).`)
    setBusyId(null)
  }

  if (people.length === 0 && problem === null) return null
  return (
    <section aria-labelledby="seeded-people" className="mt-6">
      <h2 id="seeded-people" className="mb-2 text-center text-xs text-faint">
        Development: go on as
      </h2>
      {problem !== null && <p className="text-center text-sm text-danger-ink">{problem}</p>}
      <ul className="grid grid-cols-2 gap-2">
        {people.map((person) => (
          <li key={person.id}>
            <button
              type="button"
              onClick={() => become(person)}
              className="flex w-full items-center gap-2 rounded-xl border bg-surface px-3 py-2 text-left text-sm shadow-card transition-colors duration-100 hover:bg-hover"
            >
              {busyId === person.id ? <Spinner className="m-1.5" /> : <Avatar name={person.name} id={person.id} />}
              <span className="min-w-0 flex-1 truncate font-medium">{person.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

async function fetchPeople(): Promise<readonly Person[]> {
  const answer = await fetch('/api/dev/people')
  if (!answer.ok) throw new Error(`The list of seeded people could not be read (${answer.status}).`)
  return peopleAnswer.parse(await answer.json())
}
