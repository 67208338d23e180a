/**
 * A database in memory is a handful of maps that share one journal. Rolling back a savepoint, losing what was not flushed
 * and restoring an older copy are all the same: going back to a place in the journal. Values are never changed in place.
 */

const absent = Symbol('absent')

export class Journal {
  private readonly maps: JournaledMap<unknown, unknown>[] = []
  private readonly keys: unknown[] = []
  private readonly values: unknown[] = []
  /** Grows with every change, also with one that is taken back: whoever keeps something derived compares it. */
  version = 0

  /** Where the journal stands now. */
  get place(): number {
    return this.maps.length
  }

  note<Key, Value>(map: JournaledMap<Key, Value>, key: Key): void {
    this.version += 1
    this.maps.push(map as JournaledMap<unknown, unknown>)
    this.keys.push(key)
    this.values.push(map.has(key) ? map.get(key) : absent)
  }

  goBackTo(place: number): void {
    this.version += 1
    for (let index = this.maps.length - 1; index >= place; index -= 1) {
      const [map, key, value] = [this.maps[index], this.keys[index], this.values[index]]
      map?.undo(key, value)
    }
    this.maps.length = Math.min(this.maps.length, place)
    this.keys.length = this.maps.length
    this.values.length = this.maps.length
  }
}

export class JournaledMap<Key, Value> {
  private readonly map = new Map<Key, Value>()
  /** Grows with every change of this map, also with one that is taken back. */
  version = 0

  constructor(private readonly journal: Journal) {}

  get size(): number {
    return this.map.size
  }

  get(key: Key): Value | undefined {
    return this.map.get(key)
  }

  has(key: Key): boolean {
    return this.map.has(key)
  }

  values(): IterableIterator<Value> {
    return this.map.values()
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.map.entries()
  }

  set(key: Key, value: Value): void {
    this.journal.note(this, key)
    this.version += 1
    this.map.set(key, value)
  }

  delete(key: Key): boolean {
    if (!this.map.has(key)) return false
    this.journal.note(this, key)
    this.version += 1
    return this.map.delete(key)
  }

  /** By the journal alone. */
  undo(key: Key, value: Value | typeof absent): void {
    this.version += 1
    if (value === absent) this.map.delete(key)
    else this.map.set(key, value)
  }

  clear(): void {
    for (const key of [...this.map.keys()]) this.delete(key)
  }

  copyFrom(other: JournaledMap<Key, Value>): void {
    for (const [key, value] of other.entries()) this.set(key, value)
  }
}
