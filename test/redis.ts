import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findProgram } from './chromium.js'

/** Where `redis-server` is, looked up on the PATH; undefined where there is none. */
export const REDIS: string | undefined = findProgram('redis-server', process.env['PATH'] ?? '')

/** A Redis of the test's own: on a free port of this machine, in a folder that goes with it, keeping nothing on disk. */
export interface TestRedis {
  readonly port: number
  /** `redis://:password@127.0.0.1:port/database` */
  url(database?: number): string
  /** Ends it as a power loss does. */
  kill(): Promise<void>
  /** Starts it anew at its port, empty. */
  start(): Promise<void>
}

export async function startRedis(password: string): Promise<TestRedis> {
  if (REDIS === undefined) throw new Error('redis-server was not found')
  const program = REDIS
  const port = await freePort()
  let folder: string | undefined
  let server: ChildProcess | undefined
  const start = async (): Promise<void> => {
    folder = mkdtempSync(join(tmpdir(), 'baleen-redis-'))
    const words = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--requirepass', password, '--dir', folder] // prettier-ignore
    server = spawn(program, words.map(String), { stdio: 'ignore' })
    for (let tries = 0; !(await answers(port)); tries++) {
      if (tries === 200 || server.exitCode !== null) throw new Error(`redis-server does not start at port ${port}`) // prettier-ignore
      await delay(25)
    }
  }
  const kill = async (): Promise<void> => {
    const running = server
    server = undefined
    if (running !== undefined && running.exitCode === null)
      await new Promise<void>((resolve) => {
        running.on('close', () => resolve())
        running.kill('SIGKILL')
      })
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  await start()
  return { port, url: (database = 0) => `redis://:${password}@127.0.0.1:${port}/${database}`, kill, start }
}

/** A port at which nobody listens, a moment ago at least. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (isThere: boolean): void => {
      socket.destroy()
      resolve(isThere)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
  })
}
