'use client'
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { type FormEvent, useId, useState } from 'react'
import { createLabel } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { Dialog, DialogActions } from '../../_components/dialog'
import { TextField } from '../../_components/field'
import { type LabelColor, labelColors, labelDotColor } from '../../_components/label-chip'
import { useProject } from '../project/context'
import { useRun } from '../use-run'

interface CreateLabelDialogProps {
  isOpen: boolean
  onClose: () => void
  onCreated?: (labelId: string) => void
}

export function CreateLabelDialog(props: CreateLabelDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} onClose={props.onClose} title="New label">
      <LabelForm {...props} />
    </Dialog>
  )
}

function LabelForm({ onClose, onCreated }: CreateLabelDialogProps) {
  const { project } = useProject()
  const create = useAction(createLabel)
  const run = useRun()
  const [name, setName] = useState('')
  const [color, setColor] = useState<LabelColor>('blue')
  const [isTried, setTried] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (name.trim() === '') return
    const result = await run(() => create({ projectId: project.id, name, color }), `Label ${name} created`)
    if (result.kind === 'not-done') return
    onCreated?.(result.value.labelId)
    onClose()
  }

  return (
    <form onSubmit={submit} noValidate>
      <TextField
        label="Name"
        value={name}
        maxLength={100}
        autoComplete="off"
        error={isTried && name.trim() === '' ? 'Give the label a name.' : null}
        onChange={(event) => setName(event.target.value)}
      />
      <ColorPicker color={color} onChange={setColor} />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Create label
        </Button>
      </DialogActions>
    </form>
  )
}

function ColorPicker({ color, onChange }: { color: LabelColor; onChange: (color: LabelColor) => void }) {
  const labelId = useId()
  return (
    <div className="mt-4">
      <p id={labelId} className="mb-1.5 text-sm font-medium">
        Colour
      </p>
      <RadioGroup
        aria-labelledby={labelId}
        value={color}
        onValueChange={(value) => onChange(value as LabelColor)}
        className="flex flex-wrap gap-1.5"
      >
        {labelColors.map((name) => (
          <Radio.Root
            key={name}
            value={name}
            nativeButton
            render={<button type="button" />}
            aria-label={name}
            title={name}
            className="flex size-8 items-center justify-center rounded-full border-2 border-transparent data-checked:border-accent pointer-coarse:size-10"
          >
            <span aria-hidden className="size-5 rounded-full" style={{ backgroundColor: labelDotColor(name) }} />
          </Radio.Root>
        ))}
      </RadioGroup>
    </div>
  )
}
