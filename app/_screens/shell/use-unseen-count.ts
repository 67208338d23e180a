'use client'
import { useReceipts } from '@/lib/sync/react'
import { isNews } from '../../_components/receipt-sentence'

/** How many receipts say something the person has not seen yet. */
export function useUnseenCount(): number {
  const { receipts } = useReceipts()
  return receipts.filter((receipt) => !receipt.seen && isNews(receipt)).length
}
