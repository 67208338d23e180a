/** Starts Next's own server as a child process and lives and dies with it. Shared by `npm run dev` and `npm start`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { root } from './steps'

const parentCheckMs = 500

/**
 * The channel between both processes carries nothing; that it closes tells the server that this process is gone, even
 * when it was killed (`server/start.ts`).
 */
export async function runNextServer(
  command: 'dev' | 'start',
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const { PORT: port = '', HOST: host = '' } = environment
  if (!(await isPortFree(Number(port), host))) {
    console.error(`Port ${port} is in use. Stop what uses it, or choose another one: PORT=${Number(port) + 1}`)
    return 1
  }
  const options = ['-p', port, ...(host === '' ? [] : ['-H', host])]
  const child = spawn(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), command, ...options], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', BEAMLINE_COMMAND: `npm run ${command}`, ...environment },
  })
  // The server ends when it is told to; this process ends with it, never before.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  if (process.env.npm_lifecycle_event !== undefined) whenParentIsGone(() => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 0))
  })
}

/**
 * A terminated `npm` dies without passing the signal on; that shows in the id of the parent, and nowhere else. Started
 * without npm, the parent is a shell that may well end while its server goes on.
 */
function whenParentIsGone(act: () => void): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) act()
  }, parentCheckMs).unref()
}

async function isPortFree(port: number, host: string): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen({ port, ...(host === '' ? {} : { host }) })
    await once(probe, 'listening')
    return true
  } catch {
    // In use, or an address this machine does not have: Next would say the same with a stack.
    return false
  } finally {
    probe.close()
  }
}
