/** The server's database in memory: a second implementation of `store/server/transaction`, held to the same contract. */
import { compareReplayOrder } from '@/lib/sync/core/hlc'
import { invariant } from '@/lib/sync/core/invariant'
import type { LogEntry, Receipt } from '@/lib/sync/core/protocol'
import { deployOf } from '@/lib/sync/store/server/deploys'
import type { AcceptedAction, ClientRow, IdRow, KnownId } from '@/lib/sync/store/server/history'
import { type AudienceHead, noHead } from '@/lib/sync/store/server/log'
import type { ServerStore, ServerTransaction } from '@/lib/sync/store/server/transaction'
import { CapturedTables, violation } from './captured'
import { type Journal, JournaledMap } from './journal'

interface StoredId extends KnownId {
  readonly clientId: string
  readonly ordinal: number
}

export class MemoryServer implements ServerStore {
  readonly tables = new CapturedTables()
  readonly journal: Journal = this.tables.journal
  readonly actions = new JournaledMap<string, AcceptedAction>(this.journal)
  readonly ids = new JournaledMap<string, StoredId>(this.journal)
  readonly heads = new JournaledMap<string, AudienceHead>(this.journal)
  readonly entries = new JournaledMap<string, LogEntry>(this.journal)
  /** What compaction removed, for the oracle: the server itself does not look here. */
  readonly pruned = new JournaledMap<string, AcceptedAction>(this.journal)
  readonly cut = new JournaledMap<string, LogEntry>(this.journal)
  readonly grants = new JournaledMap<string, { userId: string; audience: string; since: number }>(this.journal)
  readonly replays = new JournaledMap<string, { hour: number; count: number }>(this.journal)
  readonly clients = new JournaledMap<string, ClientRow>(this.journal)
  readonly meta = new JournaledMap<string, string>(this.journal)
  readonly isShared = true
  private inOrder: { version: number; actions: AcceptedAction[] } = { version: -1, actions: [] }
  private readonly tx: ServerTransaction = this.createTransaction()
  private readonly readOnlyTx = readOnly(this.tx, this.tables)

  /** Whoever uses it runs one transaction after another: locks have nothing to do here. */
  async transaction<Result>(work: (tx: ServerTransaction) => Promise<Result>): Promise<Result> {
    const { place } = this.journal
    try {
      return await work(this.tx)
    } catch (error) {
      this.journal.goBackTo(place)
      throw error
    }
  }

  async read<Result>(work: (tx: ServerTransaction) => Promise<Result>): Promise<Result> {
    return work(this.readOnlyTx)
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  private createTransaction(): ServerTransaction {
    return {
      rows: this.tables,
      history: this.createHistory(),
      log: this.createLog(),
      grants: this.createGrants(),
      horizon: this.createHorizon(),
      deploys: this.createDeploys(),
      takeLocks: async () => undefined,
      beginRuns: async () => undefined,
      endRuns: async () => undefined,
      inSavepoint: async (work) => {
        const { place } = this.journal
        try {
          return await work()
        } catch (error) {
          this.journal.goBackTo(place)
          throw error
        }
      },
    }
  }

  /** Accepted actions in replay order. */
  accepted(): readonly AcceptedAction[] {
    if (this.inOrder.version !== this.journal.version) {
      const actions = [...this.actions.values()].sort(compareReplayOrder)
      this.inOrder = { version: this.journal.version, actions }
    }
    return this.inOrder.actions
  }

  private createHistory(): ServerTransaction['history'] {
    return {
      placesNaming: async (clock, audiences) => this.later(clock).filter(isNaming(audiences)),
      placesSince: async (clock, limit) => this.later(clock).slice(0, limit),
      readAccepted: async (ids) => {
        const found = [...new Set(ids)].flatMap((id) => this.actions.get(id) ?? [])
        return found.sort(compareReplayOrder)
      },
      knownIds: async (ids) => new Map(ids.flatMap((id) => this.knownId(id))),
      idsByOrdinal: async (clientId, ordinals) =>
        new Map(ordinals.flatMap((ordinal) => this.byOrdinal(clientId, ordinal))),
      lastOrdinal: async (clientId) =>
        Math.max(0, ...[...this.ids.values()].filter((row) => row.clientId === clientId).map((row) => row.ordinal)),
      readClient: async (clientId) => this.clients.get(clientId) ?? null,
      registerClient: async ({ clientId, userId }) => {
        if (!this.clients.has(clientId)) this.clients.set(clientId, { userId, lastOrdinal: 0, lastClock: '' })
      },
      clockBefore: async (clientId, ordinal) =>
        greatestOf(
          [...this.ids.values()]
            .filter((row) => row.clientId === clientId && row.ordinal < ordinal)
            .map(({ receipt }) => receipt.clock ?? ''),
        ),
      addAccepted: async (actions) => this.addAccepted(actions),
      reviseAccepted: async (actions) => {
        for (const { id, status, reason, effect } of actions) {
          const known = this.actions.get(id)
          if (known) this.actions.set(id, { ...known, status, reason, effect })
        }
      },
      addReceipts: async (rows) => this.addReceipts(rows),
      reviseReceipts: async (rows) => {
        for (const { receipt } of rows) {
          const known = this.ids.get(receipt.actionId)
          if (known) this.ids.set(receipt.actionId, { ...known, receipt, revision: receipt.revision })
        }
      },
      receiptsFor: async (author, { ids, clientId, after }) =>
        [...this.ids.values()]
          .filter((row) => row.author === author)
          .filter((row) => ids.includes(row.receipt.actionId) || (row.clientId === clientId && row.ordinal > after))
          .map(({ receipt }) => receipt)
          .sort((left, right) => (left.actionId < right.actionId ? -1 : 1)),
      spentReplays: async (userId, hour) => {
        const spent = this.replays.get(userId)
        return spent?.hour === hour ? spent.count : 0
      },
      chargeReplays: async (userId, { hour, count }) => {
        const spent = this.replays.get(userId)
        this.replays.set(userId, { hour, count: count + (spent?.hour === hour ? spent.count : 0) })
      },
      readEpoch: async () => this.meta.get('epoch') ?? null,
      createEpoch: async (epoch) => {
        if (!this.meta.has('epoch')) this.meta.set('epoch', epoch)
      },
      latestReceipts: async (author, limit) =>
        [...this.ids.values()]
          .filter((row) => row.author === author)
          .map(({ receipt }) => receipt)
          .sort(newestFirst)
          .slice(0, limit),
    }
  }

  private later(clock: string): readonly AcceptedAction[] {
    return this.greatestClock < clock ? [] : this.accepted().filter((action) => action.clock >= clock)
  }

  private knownId(id: string): [string, KnownId][] {
    const row = this.ids.get(id)
    return row ? [[id, row]] : []
  }

  private readonly ordinals = new JournaledMap<string, string>(this.journal)

  private byOrdinal(clientId: string, ordinal: number): [number, string][] {
    const id = this.ordinals.get(`${clientId} ${ordinal}`)
    return id === undefined ? [] : [[ordinal, id]]
  }

  private get greatestClock(): string {
    return this.accepted().at(-1)?.clock ?? ''
  }

  private addAccepted(actions: readonly AcceptedAction[]): void {
    for (const action of actions) {
      if (this.actions.has(action.id)) throw violation('23505', 'actions')
      this.actions.set(action.id, action)
      const client = this.clients.get(action.clientId)
      if (!client) continue
      const lastOrdinal = Math.max(client.lastOrdinal, action.ordinal)
      const lastClock = client.lastClock < action.clock ? action.clock : client.lastClock
      this.clients.set(action.clientId, { ...client, lastOrdinal, lastClock })
    }
  }

  private addReceipts(rows: readonly IdRow[]): void {
    for (const { hash, author, ordinal, receipt } of rows) {
      const { actionId: id, clientId, revision } = receipt
      if (this.ids.has(id)) throw violation('23505', 'ids')
      this.ids.set(id, { id, hash, author, revision, receipt, clientId, ordinal })
      this.ordinals.set(`${clientId} ${ordinal}`, id)
    }
  }

  private createLog(): ServerTransaction['log'] {
    return {
      readHeads: async (audiences) =>
        new Map(audiences.map((audience) => [audience, this.heads.get(audience) ?? { audience, ...noHead }])),
      saveHeads: async (heads) => {
        for (const head of heads) {
          const known = this.heads.get(head.audience) ?? { audience: head.audience, ...noHead }
          const maxClock = known.maxClock < head.maxClock ? head.maxClock : known.maxClock
          const { head: seq, headToken, lastStamp } = head
          this.heads.set(head.audience, { ...known, head: seq, headToken, lastStamp, maxClock })
        }
      },
      appendEntries: async (entries) => {
        for (const entry of entries) {
          const key = entryKey(entry.audience, entry.seq)
          if (this.entries.has(key)) throw violation('23505', 'log')
          this.entries.set(key, entry)
        }
      },
      readEntries: async (cursors, entriesMax) =>
        new Map(cursors.map(({ audience, seq }) => [audience, this.entriesAfter(audience, seq, entriesMax)])),
      cursorsBelong: async (cursors) =>
        cursors.every(({ audience, seq, token }) => {
          const { head, headToken, floor, floorToken } = this.heads.get(audience) ?? { ...noHead }
          if ((seq === head && token === headToken) || (seq === 0 && token === '')) return true
          if (seq < floor || (seq === floor && token === floorToken)) return true
          return this.entries.get(entryKey(audience, seq))?.token === token
        }),
    }
  }

  private createDeploys(): ServerTransaction['deploys'] {
    return {
      readDeploy: async () => deployOf((name) => this.meta.get(name) ?? null),
      writeDeploy: async (change) => {
        for (const [name, value] of Object.entries(change)) {
          if (value === null) this.meta.delete(name)
          else this.meta.set(name, typeof value === 'string' ? value : JSON.stringify(value))
        }
      },
      sealEverything: async () => {
        const open = [...this.heads.values()].filter((head) => head.maxClock > head.sealedUntil)
        for (const head of open) this.heads.set(head.audience, { ...head, sealedUntil: head.maxClock })
        return open.length
      },
    }
  }

  private createHorizon(): ServerTransaction['horizon'] {
    const behind = (audience: string, seq: number) => this.entries.get(entryKey(audience, seq))
    return {
      audienceAges: async (after, limit) =>
        [...this.heads.values()]
          .filter(({ audience }) => audience > after)
          .sort((left, right) => (left.audience < right.audience ? -1 : 1))
          .slice(0, limit)
          .map(({ audience, head, floor, maxClock, sealedUntil }) => {
            const oldestStamp = behind(audience, floor + 1)?.stamp ?? null
            return { audience, head, floor, oldestStamp, isSealed: maxClock <= sealedUntil }
          }),
      sealAudiences: async (audiences, until) => {
        const open = audiences.flatMap((audience) => this.heads.get(audience) ?? []).filter(isSealedBefore(until))
        for (const head of open) this.heads.set(head.audience, { ...head, sealedUntil: until })
        return open.length
      },
      oldestEntries: async ({ audience, floor }, limit) =>
        Array.from({ length: limit }, (_, index) => behind(audience, floor + 1 + index)).flatMap((entry) =>
          entry ? { seq: entry.seq, token: entry.token, stamp: entry.stamp } : [],
        ),
      moveFloor: async (audience, { seq, token }) => {
        const head = this.heads.get(audience)
        if (head && head.floor < seq) this.heads.set(audience, { ...head, floor: seq, floorToken: token })
        const gone = [...this.entries.entries()].filter(([, one]) => one.audience === audience && one.seq <= seq)
        for (const [key, entry] of gone) {
          this.entries.delete(key)
          this.cut.set(key, entry)
        }
        return gone.length
      },
      pruneActions: async (before, limit) => {
        const isPast = ({ clock, writes, reads }: AcceptedAction) =>
          [...writes, ...reads].every((audience) => (this.heads.get(audience)?.sealedUntil ?? '') >= clock)
        const gone = this.accepted()
          .filter((action) => action.clock < before && isPast(action))
          .slice(0, limit)
        for (const action of gone) {
          this.actions.delete(action.id)
          this.pruned.set(action.id, action)
        }
        await this.tables.dropPatches(gone.map(({ id }) => id))
        return gone.length
      },
    }
  }

  private entriesAfter(audience: string, seq: number, entriesMax: number): LogEntry[] {
    const found: LogEntry[] = []
    for (let next = seq + 1; ; next += 1) {
      const entry = this.entries.get(entryKey(audience, next))
      if (!entry || (found.length >= entriesMax && entry.stamp !== found.at(-1)?.stamp)) break
      found.push(entry)
    }
    return found
  }

  private createGrants(): ServerTransaction['grants'] {
    return {
      grantsSince: async (userId) =>
        new Map(
          [...this.grants.values()]
            .filter((one) => one.userId === userId)
            .map(({ audience, since }) => [audience, since]),
        ),
      renewGrants: async (pairs) => {
        for (const { user_id, audience, since, times } of pairs) {
          const key = JSON.stringify([user_id, audience])
          const isHeld = this.tables.isGranted(user_id, audience)
          if (times > 1 || !isHeld) this.grants.delete(key)
          if (isHeld && !this.grants.has(key)) this.grants.set(key, { userId: user_id, audience, since })
        }
      },
    }
  }
}

/** What writes says so, as a transaction of Postgres that is read only does; what is asked to lock reads too early (ING-1). */
function readOnly(tx: ServerTransaction, tables: CapturedTables): ServerTransaction {
  const write = async (): Promise<never> => {
    throw violation('25006', 'read only')
  }
  const { history, log, horizon, deploys } = tx
  const noRows = { runAction: write, rollBack: write, dropPatches: write, setRows: write, removeAudiences: write }
  const noIds = { addReceipts: write, reviseReceipts: write, createEpoch: write, chargeReplays: write }
  return {
    ...tx,
    rows: Object.assign(Object.create(tables) as CapturedTables, noRows),
    history: { ...history, ...noIds, registerClient: write, addAccepted: write, reviseAccepted: write },
    log: { ...log, appendEntries: write, saveHeads: write },
    grants: { ...tx.grants, renewGrants: write },
    deploys: { ...deploys, writeDeploy: write, sealEverything: write },
    horizon: { ...horizon, sealAudiences: write, moveFloor: write, pruneActions: write },
    takeLocks: async () => invariant(false, 'ING-1', 'Locks were asked for where everything is read as of before'),
  }
}

function isNaming(audiences: readonly string[]) {
  return ({ writes, reads }: AcceptedAction) => [...writes, ...reads].some((name) => audiences.includes(name))
}

function isSealedBefore(until: string) {
  return ({ sealedUntil }: AudienceHead) => sealedUntil < until
}

function entryKey(audience: string, seq: number): string {
  return `${audience} ${seq}`
}

function greatestOf(clocks: readonly string[]): string {
  return clocks.reduce((greatest, clock) => (greatest < clock ? clock : greatest), '')
}

/** By canonical clock; those without one come last, then by id. */
function newestFirst(left: Receipt, right: Receipt): number {
  if (left.clock !== right.clock) {
    if (left.clock === null || right.clock === null) return left.clock === null ? 1 : -1
    return left.clock < right.clock ? 1 : -1
  }
  return left.actionId < right.actionId ? -1 : 1
}
