/** What is left of an outbox when its device dies: records and state, never changed in place, in ordinal order when read. */
import type { Outbox, OutboxRecord, OutboxState } from '@/lib/sync/device/outbox'

export class DurableOutbox implements Outbox {
  private readonly records = new Map<string, OutboxRecord>()
  private state: OutboxState | null = null

  has(id: string): boolean {
    return this.records.has(id)
  }

  /** In server time, as the device knew it; null without the mark. */
  confirmedAtMs(id: string): number | null {
    return this.records.get(id)?.confirmedAtMs ?? null
  }

  async load() {
    const records = [...this.records.values()].sort((left, right) => left.ordinal - right.ordinal)
    return { state: this.state, records }
  }

  async add(record: OutboxRecord, state: OutboxState): Promise<void> {
    this.records.set(record.id, record)
    this.state = state
  }

  async rewrite({ ids, change, add = [], state }: Parameters<Outbox['rewrite']>[0]): Promise<void> {
    for (const id of change ? (ids ?? [...this.records.keys()]) : []) {
      const record = this.records.get(id)
      const next = record && change ? change(record) : null
      if (!record) continue
      if (next) this.records.set(id, next)
      else this.records.delete(id)
    }
    for (const record of add) this.records.set(record.id, record)
    this.state = state ?? this.state
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
