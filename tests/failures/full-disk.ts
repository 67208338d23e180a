/** A disk that is full, and has room again: for the outbox, for the database, or for both, as quota makes it. */
import type { Outbox } from '@/lib/sync/device/outbox'
import { type Sql, SqlError, type Store } from '@/lib/sync/store/driver'
import { askedSql } from '../support/asked-sql'
import type { Surroundings } from '../support/person'

/** As browsers throw it. */
export const quotaExceeded = () => new DOMException('The quota has been exceeded.', 'QuotaExceededError')

export class FullDisk {
  /** What finds no room. */
  readonly full = { outbox: false, database: false }
  /** Statements that wrote while there was no room. */
  refused = 0

  fill(...places: ('outbox' | 'database')[]): void {
    for (const place of places) this.full[place] = true
  }

  free(): void {
    this.full.outbox = false
    this.full.database = false
  }

  /** What a device is given instead of its surroundings: `between` of a person. */
  readonly between = ({ store, outbox, ...rest }: Surroundings): Surroundings => ({
    ...rest,
    store: this.storeOf(store),
    outbox: this.outboxOf(outbox),
  })

  private outboxOf(outbox: Outbox): Outbox {
    const around = async (work: () => Promise<void>) => {
      if (this.full.outbox) throw quotaExceeded()
      await work()
    }
    return {
      load: () => outbox.load(),
      add: (record, state) => around(() => outbox.add(record, state)),
      rewrite: (change) => around(() => outbox.rewrite(change)),
      close: () => outbox.close(),
    }
  }

  private storeOf(store: Store): Store {
    return { ...store, transaction: (work, options) => store.transaction((sql) => work(this.sqlOf(sql)), options) }
  }

  /** Postgres extends a file when it writes a row: a question, a savepoint and a setting need no room. */
  private sqlOf(sql: Sql): Sql {
    const pass = (statement: string) => {
      if (!this.full.database || !/^\s*(with|insert|update|delete|merge)\b/i.test(statement)) return
      this.refused += 1
      const message = 'could not extend file "base/5/16387": No space left on device'
      throw new SqlError({ message, code: '53100', statement })
    }
    return {
      ...askedSql(sql, pass),
      copyIn: async (target, text) => {
        pass(`insert into ${target}`)
        return sql.copyIn(target, text)
      },
    }
  }
}
