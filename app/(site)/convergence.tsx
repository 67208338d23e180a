/** A drawing of the idea: two devices go their own ways offline, and one history comes of it. */
export function Convergence() {
  return (
    <figure className="overflow-hidden rounded-2xl border bg-surface shadow-card">
      <div className="grid gap-px bg-line md:grid-cols-[1fr_1fr_1.15fr]">
        <Lane name="Ada, on a train" acts={['9:58 moves BEAM-12 to Done', '10:07 creates BEAM-15']} />
        <Lane name="Ben, in a lift" acts={['10:02 creates BEAM-15', '10:05 closes the column Done']} />
        <div className="bg-accent-soft p-5">
          <h2 className="text-sm font-semibold text-accent-ink">Both, back online</h2>
          <ol className="mt-3 flex flex-col gap-2 text-sm text-ink">
            <li>BEAM-12 is done: Ada moved it before Ben closed the column.</li>
            <li>Ben’s new issue is BEAM-15, Ada’s is BEAM-16.</li>
            <li>Ada reads: “Your issue was numbered 16 instead of 15.”</li>
          </ol>
        </div>
      </div>
      <figcaption className="sr-only">
        Two people do things that contradict each other while they are offline; afterwards both see the same history.
      </figcaption>
    </figure>
  )
}

function Lane({ name, acts }: { name: string; acts: readonly string[] }) {
  return (
    <div className="bg-surface p-5">
      <h2 className="text-sm font-semibold text-muted">{name}</h2>
      <ol className="mt-3 flex flex-col gap-2 text-sm">
        {acts.map((act) => (
          <li key={act} className="rounded-lg border bg-canvas px-3 py-2">
            {act}
          </li>
        ))}
      </ol>
    </div>
  )
}
