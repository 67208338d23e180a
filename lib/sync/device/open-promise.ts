/** A promise that is settled from outside. */
export interface OpenPromise<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  reject(error: unknown): void
}

export function openPromise<Value>(): OpenPromise<Value> {
  let [resolve, reject]: [(value: Value) => void, (error: unknown) => void] = [() => undefined, () => undefined]
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
