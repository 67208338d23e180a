'use client'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../_components/button'
import { ColumnDialog } from './column-dialog'

export function AddColumn() {
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="shrink-0 snap-start">
      <Button look="ghost" className="h-11 border border-dashed" onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-4" />
        Add column
      </Button>
      <ColumnDialog column={null} isOpen={isOpen} onClose={() => setOpen(false)} />
    </div>
  )
}
