'use client'
import { ArrowDownUp, Search, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Avatar } from '../../_components/avatar'
import { Button } from '../../_components/button'
import { LabelDot } from '../../_components/label-chip'
import { PriorityIcon, priorities } from '../../_components/priority'
import { Select } from '../../_components/select'
import { useProject } from '../project/context'
import { type Filter, type IssueState, isFiltered, nobody, type Sort } from './filter'

const stateOptions: readonly { value: IssueState; label: string }[] = [
  { value: 'open', label: 'Open' },
  { value: 'done', label: 'Completed' },
  { value: 'archived', label: 'Archived' },
  { value: 'all', label: 'Open or not' },
]

const sortOptions: readonly { value: Sort; label: string }[] = [
  { value: 'updated', label: 'Last changed' },
  { value: 'created', label: 'Newest' },
  { value: 'number', label: 'Number' },
  { value: 'priority', label: 'Priority' },
]

interface FilterBarProps {
  filter: Filter
  onChange: (filter: Filter) => void
}

export function FilterBar({ filter, onChange }: FilterBarProps) {
  const set = (changes: Partial<Filter>) => onChange({ ...filter, ...changes })
  return (
    <search
      aria-label="Issues"
      className="flex shrink-0 flex-col gap-2 border-b px-4 py-2.5 md:flex-row md:flex-wrap md:items-center md:px-6"
    >
      <SearchField value={filter.search} onChange={(search) => set({ search })} />
      <div className="scroll-quiet -mx-4 flex items-center gap-2 overflow-x-auto px-4 max-md:pb-1 md:mx-0 md:flex-wrap md:overflow-visible md:px-0">
        <FilterSelects filter={filter} set={set} />
        <Select
          label="Order by"
          value={filter.sort}
          options={sortOptions.map((option) => ({ ...option, icon: <ArrowDownUp aria-hidden /> }))}
          onChange={(sort) => set({ sort })}
        />
        {isFiltered(filter) && (
          <Button
            look="ghost"
            size="sm"
            onClick={() => set({ search: '', state: 'open', columnId: '', person: '', priority: '', labelId: '' })}
          >
            <X aria-hidden className="size-4" />
            Clear
          </Button>
        )}
      </div>
    </search>
  )
}

function FilterSelects({ filter, set }: { filter: Filter; set: (changes: Partial<Filter>) => void }) {
  const { columns, members, labels } = useProject()
  return (
    <>
      <Select label="State" value={filter.state} options={stateOptions} onChange={(state) => set({ state })} />
      <Select
        label="Column"
        value={filter.columnId}
        options={[{ value: '', label: 'Any column' }, ...columns.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(columnId) => set({ columnId })}
      />
      <Select
        label="Assignee"
        value={filter.person}
        options={[
          { value: '', label: 'Anybody' },
          { value: nobody, label: 'Nobody' },
          ...members.map(({ userId, name }) => ({
            value: userId,
            label: name,
            icon: <Avatar size="xs" id={userId} name={name} />,
          })),
        ]}
        onChange={(person) => set({ person })}
      />
      <Select
        label="Priority"
        value={filter.priority}
        options={[
          { value: '' as const, label: 'Any priority' },
          ...priorities.map((p) => ({ ...p, icon: <PriorityIcon priority={p.value} /> })),
        ]}
        onChange={(priority) => set({ priority })}
      />
      {labels.length > 0 && (
        <Select
          label="Label"
          value={filter.labelId}
          options={[
            { value: '', label: 'Any label' },
            ...labels.map(({ id, name, color }) => ({ value: id, label: name, icon: <LabelDot color={color} /> })),
          ]}
          onChange={(labelId) => set({ labelId })}
        />
      )}
    </>
  )
}

/** The key `/` goes to the search from anywhere on the screen but a field. */
function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select, [role=dialog]')
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping) return
      event.preventDefault()
      input.current?.focus()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  return (
    <div className="relative md:w-64">
      <Search
        aria-hidden
        className="pointer-events-none absolute left-2.5 top-1/2 size-4 -translate-y-1/2 text-faint"
      />
      <input
        ref={input}
        type="search"
        aria-label="Search issues"
        placeholder="Search title, text or number"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-8 w-full rounded-lg border bg-surface pl-8 pr-2 text-sm hover:border-line-strong/70 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 max-sm:text-[16px] pointer-coarse:h-10"
      />
    </div>
  )
}
