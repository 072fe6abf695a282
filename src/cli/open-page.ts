import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { Io } from './io.js'

/** Opens a file in the program the system opens such files with; says so where there is none. */
export function openPage(file: string, io: Io): void {
  const path = resolve(file)
  const [program, ...before] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...before, path], { detached: true, stdio: 'ignore' })
  child.on('error', () => io.log(`No program to open it with was found (${program}): open ${path} yourself.`))
  child.unref()
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}
