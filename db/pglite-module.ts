/**
 * PGlite's WebAssembly, compiled while a tab waits for its turn to lead, so that taking over does not begin with it
 * (TAB-1). The same file PGlite would load itself.
 */
const fetchMs = 60_000
let compiling: Promise<WebAssembly.Module | null> | null = null

/** Null, and told, when it cannot be had: then PGlite loads its own, and says what is wrong. */
export function compilePglite(onFailure: (error: unknown) => void): Promise<WebAssembly.Module | null> {
  const url = new URL('../node_modules/@electric-sql/pglite/dist/pglite.wasm', import.meta.url)
  compiling ??= WebAssembly.compileStreaming(fetch(url, { signal: AbortSignal.timeout(fetchMs) })).catch(
    (error: unknown) => {
      compiling = null
      onFailure(error)
      return null
    },
  )
  return compiling
}
