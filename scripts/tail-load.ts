/**
 * `npm run tail-load`: many devices wait for one audience on the live tail; what each costs the server while nothing
 * happens, and how long it takes until all have heard of an action (docs/PERFORMANCE.md).
 *
 *    npm run tail-load -- --devices 500 --actions 20 --store postgres
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { measureTail } from '../tests/bench/tail-load'
import { createDatabase, startCluster } from '../tests/support/postgres-cluster'

const usage = 'Write: npm run tail-load -- [--devices 500] [--actions 20] [--store embedded|postgres]'
const optionsSchema = z.strictObject({
  devices: z.coerce.number().int().min(1).max(5_000).default(500),
  actions: z.coerce.number().int().min(1).max(1_000).default(20),
  store: z.enum(['embedded', 'postgres']).default('postgres'),
})

function readOptions(): z.infer<typeof optionsSchema> {
  try {
    const text = { type: 'string' } as const
    return optionsSchema.parse(parseArgs({ options: { devices: text, actions: text, store: text } }).values)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    process.exit(2)
  }
}

const { devices, actions, store } = readOptions()
const cluster = store === 'postgres' ? await startCluster() : null
const database = cluster && (await createDatabase(cluster.adminUrl))
const { bytesPerDevice, delayMs } = await measureTail({ devices, actions, databaseUrl: database?.url ?? null })
await database?.drop()
await cluster?.stop()
const kB = (bytes: number) => `${(bytes / 1_024).toFixed(1)} kB`
const ms = (value: number) => `${value.toFixed(0)} ms`
console.log(`${devices} devices wait for one audience, server on ${store}, ${actions} actions`)
console.log(
  `  Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]?.toFixed(1)}`,
)
console.log(
  `  memory of the server per device that waits: ${kB(bytesPerDevice.heap)} heap, ${kB(bytesPerDevice.rss)} resident`,
)
console.log(
  `  from commit to device: half within ${ms(delayMs.half)}, 95 % within ${ms(delayMs.most)}, all within ${ms(delayMs.last)}`,
)
