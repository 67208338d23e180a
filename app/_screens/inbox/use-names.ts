'use client'
import { useMemo } from 'react'
import { useSessionUser } from '@/app/_engine/provider'
import { allMembers, allProjects, columnNames, labelNames } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'
import type { Names } from '../../_components/receipt-sentence'

/** Names of what receipts speak of, from the local database. */
export function useNames(): Names {
  const { user } = useSessionUser()
  const columns = useLiveQuery(columnNames).rows
  const labels = useLiveQuery(labelNames).rows
  const members = useLiveQuery(allMembers).rows
  const projects = useLiveQuery(allProjects).rows
  return useMemo(() => {
    const byId = <Row extends { name: string }>(rows: readonly Row[], id: (row: Row) => string) => {
      const names = new Map(rows.map((row) => [id(row), row.name]))
      return (wanted: string) => names.get(wanted) ?? null
    }
    const member = byId(members, (row) => row.userId)
    return {
      column: byId(columns, (row) => row.id),
      label: byId(labels, (row) => row.id),
      project: byId(projects, (row) => row.id),
      person: (id) => (id === user?.id ? 'you' : member(id)),
    }
  }, [columns, labels, members, projects, user?.id])
}
