'use client'
import { FolderX } from 'lucide-react'
import type { ReactNode } from 'react'
import { useSyncStatus } from '@/lib/sync/react'
import { buttonClass } from '../../_components/button-class'
import { EmptyState, ErrorState, LoadingRows } from '../../_components/states'
import { Link } from '../navigation'
import { ProjectProvider, type ProjectState } from './context'

/** Shows its children once the project is there, and otherwise why it is not. */
export function ProjectGate({ state, children }: { state: ProjectState; children: ReactNode }) {
  const status = useSyncStatus()
  const isArriving = status.kind === 'starting' || status.kind === 'loading'
  if (state.kind === 'ready') return <ProjectProvider view={state.view}>{children}</ProjectProvider>
  if (state.kind === 'failed') return <ErrorState title="The project could not be read" error={state.error} />
  if (state.kind === 'loading' || isArriving) return <LoadingRows label="Loading project" />
  return (
    <EmptyState
      icon={<FolderX aria-hidden />}
      title="This project is not on this device"
      action={
        <Link to={{ screen: 'projects' }} className={buttonClass()}>
          All projects
        </Link>
      }
      className="my-auto"
    >
      You may not be a member of it, or you are offline and it has not arrived yet.
    </EmptyState>
  )
}
