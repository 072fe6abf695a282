import { spawn } from 'node:child_process'
import { BaleenError } from '../core/errors.js'

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens a file with whatever this machine opens such files with. Throws where there is nothing that does. */
export async function openFile(path: string): Promise<void> {
  const [program = 'xdg-open', ...words] = OPENERS[process.platform] ?? []
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...words, path], { stdio: 'ignore', detached: true })
    child.on('error', () =>
      reject(
        new BaleenError(`the file is there, but ${program} could not be started to open it`, 2, {
          file: path,
        }),
      ),
    )
    child.on('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
