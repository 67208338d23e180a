import { compareReplayOrder } from '@/lib/sync/core/hlc'
import type { DeviceDatabase, DeviceLook, Ground, RowLook, ServerDatabase, ServerLook } from '../ground'
import { MemoryDevice, MemoryDeviceDatabase } from './device-store'
import type { Journal } from './journal'
import { MemoryServer } from './server-store'

export const memoryGround: Ground = {
  server: async () => new ServerInMemory(),
  device: async () => new DeviceInMemory(),
  release: async () => undefined,
  close: async () => undefined,
}

class InMemory {
  private kept = 0

  constructor(protected readonly journal: Journal) {}

  version(): number {
    return this.journal.version
  }

  async keep(): Promise<void> {
    this.kept = this.journal.place
  }

  async goBack(): Promise<void> {
    this.journal.goBackTo(this.kept)
  }
}

class ServerInMemory extends InMemory implements ServerDatabase {
  readonly store: MemoryServer

  constructor() {
    const store = new MemoryServer()
    super(store.journal)
    this.store = store
  }

  private looked: { readonly version: number; readonly look: ServerLook } | null = null

  async look(): Promise<ServerLook> {
    const version = this.version()
    if (this.looked?.version !== version) this.looked = { version, look: this.lookAnew() }
    return this.looked.look
  }

  private lookAnew(): ServerLook {
    const { tables, ids, heads, entries, actions, pruned, cut } = this.store
    const arrived = [...pruned.values(), ...actions.values()]
    const accepted = [...arrived].sort(compareReplayOrder)
    const told = { values: () => [...cut.values(), ...entries.values()], size: cut.size + entries.size }
    return { rows: tables.rows, accepted, arrived, ids, heads, entries: told, patchCount: tables.patchCount }
  }

  peek(): RowLook {
    return this.store.tables.rows
  }

  async forgetEpoch(): Promise<void> {
    this.store.meta.delete('epoch')
  }
}

class DeviceInMemory extends InMemory implements DeviceDatabase {
  constructor(private readonly database = new MemoryDeviceDatabase()) {
    super(database.journal)
  }

  get store(): MemoryDevice {
    return new MemoryDevice(this.database)
  }

  async look(): Promise<DeviceLook> {
    const { tables, pending, receipts, cursors } = this.database
    const { audiences, epoch } = this.database.readMeta()
    const inOrder = [...pending.values()].sort((left, right) => left.ordinal - right.ordinal)
    return { rows: tables.rows, pending: inOrder, receipts, cursors: new Map(cursors.entries()), audiences, epoch }
  }

  async empty(): Promise<void> {
    this.database.clear()
  }

  async copyFrom(other: DeviceDatabase): Promise<void> {
    if (!(other instanceof DeviceInMemory)) throw new TypeError('Only databases of one ground are copied')
    this.database.copyFrom(other.database)
  }
}
