'use client'
import { useEffect, useRef, useState } from 'react'
import { type Forgotten, forgetPerson } from '@/app/_engine/forget'
import { useSessionUser } from '@/app/_engine/provider'
import { useDevice, useSyncStatus } from '@/lib/sync/react'
import { type ToastMessage, useToast } from '../../_components/toast'
import { navigate } from '../navigation'
import { hrefOf } from '../route'

/**
 * The ways to sign out: at once (work stays here), after everything was sent, or after throwing the work away. With
 * `isForgetting` this browser keeps nothing of the person afterwards.
 */
export function useLeave(isForgetting: boolean) {
  const session = useSessionUser()
  const toast = useToast()
  const device = useDevice()
  const { pendingCount } = useSyncStatus()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const pending = useRef(pendingCount)
  useEffect(() => {
    pending.current = pendingCount
  }, [pendingCount])

  const attempt = async (leave: () => Promise<void>) => {
    setBusy(true)
    setProblem(null)
    await leave().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
    setBusy(false)
  }

  // Whoever signs in next may not know the project this person looked at.
  const signOut = async (before?: () => Promise<void>) => {
    const userId = session.user?.id
    await session.signOut(before)
    navigate(hrefOf({ screen: 'projects' }), { replace: true })
    if (isForgetting && userId !== undefined) toast(forgotten[await forgetPerson(userId)])
  }

  return {
    isBusy,
    problem,
    forgetProblem: () => setProblem(null),
    now: () => attempt(() => signOut()),
    // Thrown away only when signing out works: otherwise it would be gone, and its person still here.
    discarding: () =>
      attempt(() =>
        signOut(async () => {
          await device.discardPending()
        }),
      ),
    afterSync: () =>
      attempt(async () => {
        await syncAll(device, () => pending.current)
        if (pending.current === 0) await signOut()
        else setProblem('Not everything could be sent. Try again when you are online, or keep it here.')
      }),
  }
}

const forgotten: Readonly<Record<Forgotten, ToastMessage>> = {
  gone: { title: 'This browser keeps nothing of yours any more', tone: 'good' },
  unsent: {
    title: 'Your data is still in this browser',
    description: 'Something of yours was not sent yet. Sign in here again to send or to discard it.',
    tone: 'bad',
  },
  open: {
    title: 'Not everything is removed yet',
    description: 'Another tab still has it open. Close it: the rest goes when Beamline is opened again.',
    tone: 'bad',
  },
}

const settleMs = 100
const roundsMax = 30

/** Batches are bounded, so much work takes several exchanges; the new count arrives a little after each of them. */
async function syncAll(device: ReturnType<typeof useDevice>, pendingCount: () => number): Promise<void> {
  for (let round = 0; round < roundsMax && pendingCount() > 0; round++) {
    const before = pendingCount()
    await device.syncNow()
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    if (pendingCount() === before && round > 0) return
  }
}
