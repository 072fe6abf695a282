import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import type { Io } from './io.js'

const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens a page in the browser of whoever sits at the machine; says so where none can be started, which is no failure of the command. */
export async function openPage(io: Io, path: string): Promise<void> {
  const [program, ...words] = OPENERS[process.platform] ?? ['xdg-open']
  const url = pathToFileURL(path).href
  await new Promise<void>((done) => {
    const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true })
    child.once('error', () => {
      io.log(`No browser could be started (${program} is not there): open ${url}`)
      done()
    })
    child.once('spawn', () => {
      child.unref()
      done()
    })
  })
}
